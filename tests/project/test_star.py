"""The star that BI tools read, on the sample: the calendar, the keys of facts, and the charges with all names."""

import calendar
from datetime import date, timedelta
import shutil

import duckdb
from project import warehouse as w


def test_the_calendar_is_pythons(sample):
    """Whole years, and for each day what Python's calendar says: ISO weeks, quarters, working days, lengths of months."""
    days = w.query(sample, "select * from marts.dim_date order by date_day")
    (used,) = w.query(sample, "select min(usage_date) as first, max(usage_date) as last from marts.fct_pec_charges_daily")
    span = date(used["first"].year, 1, 1), date(used["last"].year, 12, 31)
    assert [row["date_day"] for row in days] == [span[0] + timedelta(n) for n in range((span[1] - span[0]).days + 1)]
    for row in days:
        day = row["date_day"]
        length = calendar.monthrange(day.year, day.month)[1]
        quarter = (day.month + 2) // 3
        assert row == {
            "date_day": day, "billing_month": day.replace(day=1), "month_name": f"{day:%Y-%m}", "month_of_year": day.month,
            "quarter_start": date(day.year, 3 * quarter - 2, 1), "quarter_name": f"{day.year}-Q{quarter}", "year_number": day.year,
            "day_of_month": day.day, "day_of_week": day.isoweekday(), "weekday_name": calendar.day_name[day.weekday()],
            "iso_week": day.isocalendar().week, "is_working_day": day.weekday() < 5, "days_in_month": length,
            "working_days_in_month": sum(date(day.year, day.month, n).weekday() < 5 for n in range(1, length + 1)),
            "is_last_day_of_month": day.day == length,
        }  # fmt: skip


def test_charges_with_names_are_the_charges(sample):
    """Every line once, with its money to the last digit; what is called by a code has a text, and who is known a name."""
    ((lines, differing, unnamed, without_text),) = [row.values() for row in w.query(sample, """
        select
            count(*),
            count(*) filter (where wide.list_cost_usd != charges.list_cost_usd or wide.pec_credit_usd != charges.pec_credit_usd),
            count(*) filter (where wide.subscription_name is null or wide.transacting_partner_name is null),
            count(*) filter (where wide.pec_status_text is null or wide.pec_reason_text is null or wide.pec_reason_explanation is null)
        from marts.pec_charges as wide full join marts.fct_pec_charges_daily as charges using (usage_line_id)
    """)]  # fmt: skip
    assert (lines, differing, unnamed, without_text) == (*w.query(sample, "select count(*) as n from marts.pec_charges")[0].values(), 0, 0, 0)
    assert lines == w.query(sample, "select count(*) as n from marts.fct_pec_charges_daily")[0]["n"] > 2000
    (reseller,) = w.query(sample, "select distinct reseller_partner_name as name from marts.pec_charges where reseller_partner_id is not null")
    assert reseller["name"] == "Atelier Nuvelle SARL"


BENDS = [
    "delete from marts.dim_date where date_day = '2026-08-15'",
    "delete from marts.dim_partner where is_reseller",
    "update marts.dim_customer set customer_id = 'another' where customer_name = 'Maison Orvelle SAS'",
    "delete from marts.dim_subscription where subscription_name = 'Tannegg Lifts'",
]


def test_a_fact_whose_dimension_is_missing_is_seen(sample, tmp_path):
    """The test in_dimensions of the lines is green, and red for each key that its dimension lacks."""
    done = w.invoke(
        w.PROJECT, w.SAMPLE, sample, "compile", "--full-refresh", "--select", "in_dimensions_fct_pec_charges_daily*",
        "--target-path", str(tmp_path), "--log-path", str(tmp_path),
    )  # fmt: skip
    assert done.success, done.exception
    (compiled,) = [path.read_text() for path in tmp_path.glob("compiled/**/in_dimensions_fct_pec_charges*.sql")]
    copy = shutil.copy(sample, tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set variable pec_archive = ?", [str(w.archive_of(sample))])
        assert connection.execute(compiled).fetchall() == []
        for bend in BENDS:
            connection.execute(f"begin; {bend}")
            assert len(connection.execute(compiled).fetchall()) == 1, bend
            connection.execute("rollback")
