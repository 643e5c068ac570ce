"""The report without a browser: its data are the marts, names cannot leave it, the same marts give the same bytes, and what is held says so."""

import base64
import hashlib
import html
import pathlib
import re
import shutil

import duckdb
import pytest
from pec import cli, last_build, privacy, report
from pec.report import page, source
from project import warehouse as w
from report import figures, many


@pytest.fixture(scope="module")
def published(sample):
    """The marts of the sample as they were published."""
    return pathlib.Path(sample).with_suffix(".published") / "pec.duckdb"


@pytest.fixture(scope="module")
def content(published):
    """The report that the build of the sample published."""
    return (published.parent / "report.html").read_text(encoding="utf-8")


def written(database, folder, **options):
    """The text of a report that is written to a folder."""
    report.write(database, folder / "report.html", **options)
    return (folder / "report.html").read_text(encoding="utf-8")


def columns(rows, *numbers):
    """The exact sums of columns of amounts."""
    return [figures.exact_sum(str(row[number]) for row in rows) for number in numbers]


def test_a_build_publishes_the_report_and_the_working_file_gives_the_same(sample, published, content, tmp_path):
    assert written(published, tmp_path) == content, "the same marts, the same bytes"
    assert written(sample, tmp_path) == content, "whether they were published or not"
    assert len(content) < 1_500_000


def test_the_data_are_the_marts_to_the_last_decimal(published, content):
    data, marts = figures.data_of(content), figures.Marts(published)
    ((count, *sums),) = marts.rows(f"select count(*), {', '.join(f'sum({name})' for name in figures.MEASURES)} from marts.pec_monthly_statement")
    assert columns(data["statement"], *range(3, 9)) == sums
    assert len(data["statement"]) == count > 30
    assert [tuple(columns(data["lost_by_reason"], 3))] == marts.rows("select sum(recoverable_credit_usd) from marts.pec_monthly_statement")
    runs = marts.rows(
        "select sum(pec_credit_usd) filter (where pec_status = 'earned'), sum(pec_credit_usd) filter (where pec_status = 'missed'), "
        "sum(round(list_cost_usd * applied_pec_rate, 18)) filter (where pec_status = 'unexpected'), sum(recoverable_credit_usd) "
        "from marts.fct_pec_charges_daily"
    )
    assert [tuple(columns(data["runs"], 6, 7, 8, 9))] == runs
    for name, mart in (("claims", "pec_claims"), ("coverage", "evidence_coverage"), ("repairs", "pec_repairs where is_losing_now")):
        assert (len(data[name]["shown"]), data[name]["rest"]) == (marts.rows(f"select count(*) from marts.{mart}")[0][0], []), name
    assert {check["check_name"]: check["status"] for check in data["checks"]} == dict(marts.rows("select check_name, status from marts.data_quality"))


def test_the_months_can_be_read_without_a_script(published, content):
    text = html.unescape(re.search(r"<noscript>(.*?)</noscript>", content, re.DOTALL)[1])
    rows = {row[0]: row[1:] for row in (re.findall(r">([^<>]*)</t[hd]>", line) for line in re.findall(r"<tr>(.*?)</tr>", text, re.DOTALL)[1:])}
    assert rows == figures.Marts(published).sums("strftime(billing_month, '%Y-%m')")


def test_what_is_cut_is_summed(published, content, tmp_path, monkeypatch):
    """Of long lists only the first rows are carried; the others are in the sums, by customer, subscription and month."""
    for name in ("REPAIRS", "CLAIMS", "COVERAGE", "INVOICES"):
        monkeypatch.setattr(report.figures, name, 2)
    whole, cut = figures.data_of(content), figures.data_of(written(published, tmp_path))
    for name, amounts in {"repairs": ["win_per_month_usd"], "claims": ["missed_credit_usd", "open_credit_usd"], "coverage": ["credit_in_doubt_usd"],
                          "invoices": ["invoiced", "recomputed", "difference", *report.figures.CAUSES]}.items():  # fmt: skip
        assert len(cut[name]["shown"]) == 2 and cut[name]["rest"]
        assert 2 + sum(row["count"] for row in cut[name]["rest"]) == len(whole[name]["shown"])
        for amount in amounts:
            sums = [figures.exact_sum(row[amount] for row in [*found[name]["shown"], *found[name]["rest"]]) for found in (whole, cut)]
            assert sums[0] == sums[1], (name, amount)
    monkeypatch.setattr(report.figures, "STATEMENTS", 12)
    few = figures.data_of(written(published, tmp_path))
    assert ([month[0] for month in few["months"]], few["older_months"]) == (["2026-08-01", "2026-09-01"], 1)


def test_no_name_leaves_the_element_of_the_data(published, tmp_path):
    name = "</script><script>alert(1)</script><!-- ü & \u2028 {{ 7 * 7 }}"
    shutil.copyfile(published, tmp_path / "hostile.duckdb")
    with duckdb.connect(str(tmp_path / "hostile.duckdb")) as connection:
        connection.execute("update marts.pec_monthly_statement set customer_name = $name", {"name": name})
        connection.execute("update marts.dim_partner set partner_name = $name", {"name": name})
    content = written(tmp_path / "hostile.duckdb", tmp_path, held=f"Held by {name}.")
    data = figures.data_of(content)
    assert {row[1] for row in data["customers"]} == {name} == {row[1] for row in data["partners"]}
    assert "alert(1)</script>" not in content and content.count("</script>") == 3
    assert "Held by &lt;/script&gt;" in content


def test_the_policy_allows_these_scripts_and_no_network(content):
    policy = html.unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', content)[1])
    scripts = re.findall(r"<script>(.*?)</script>", content, re.DOTALL)
    digests = {f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts}
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert len(scripts) == 2 and set(rules["script-src"].split()) == digests
    assert (rules["default-src"], rules["img-src"], rules["base-uri"], rules["form-action"]) == ("'none'", "data:", "'none'", "'none'")
    assert not re.search(r"(src|href|action)=[\"']?(https?:)?//", content.replace(scripts[0], ""))


def test_pec_report_renders_the_publication_or_the_held_build_with_names_as_they_may_be_shown(sample, content, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "build"
    w.moved_copy(sample, w.SAMPLE, folder)
    warehouse = folder / "warehouse.duckdb"
    monkeypatch.setenv("PEC_WAREHOUSE", str(warehouse))
    monkeypatch.delenv("PEC_ARCHIVE", raising=False)
    output = tmp_path / "new" / "report.html"
    assert cli.main(["report", "--output", str(output)]) == 0
    assert output.read_text(encoding="utf-8") == content and "the publication" in capsys.readouterr().out

    # A newer whole build that a check holds. The working file has all names, the report of it only what may be published.
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("update build_state.last_green_build set publication_id = '20300101T000000000000'")
        w.freeze_views(connection, "marts.data_quality")
        connection.execute("update marts.data_quality set status = 'hold' where check_name = 'export_shrank'")
    monkeypatch.setenv("PEC_PRIVACY", privacy.PSEUDONYMS)
    assert cli.main(["report", "--output", str(output)]) == 0
    held = output.read_text(encoding="utf-8")
    assert "NOT PUBLISHED" in capsys.readouterr().out
    assert "<strong>HELD</strong>" in held and "Held by export_shrank." in held and '@top-center { content: "HELD' in held
    assert "HELD" not in content.replace(content[content.index("<script>") :], "")
    assert "Aldersbrunn" in content and "Aldersbrunn" not in held and "customer-" in held

    # A newer build that is red: what is published counts. Without it there is nothing to tell.
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from build_state.settled_months")
    assert cli.main(["report", "--output", str(output)]) == 0
    assert output.read_text(encoding="utf-8") == content
    (folder / "warehouse.published").unlink()
    assert cli.main(["report", "--output", str(output)]) == 1
    assert "was not green" in capsys.readouterr().err
    warehouse.unlink()
    with pytest.raises(source.NoReport, match="run make build"):
        source.choose(str(warehouse), str(w.archive_of(warehouse)), str(folder / "warehouse.published"))
    assert last_build.asked(str(warehouse), "select 1") is None


def test_all_months_of_3000_subscriptions_stay_under_10_megabytes(published, tmp_path):
    many.write(published, tmp_path / "many.duckdb")
    data = figures.data_of(text := written(tmp_path / "many.duckdb", tmp_path))
    assert len(text.encode()) < 10_000_000 and len(data["subscriptions"]) > 3000
    assert len(data["months"]) >= 6 and data["older_months"] + len(data["months"]) == 13
    ((usd,),) = figures.Marts(tmp_path / "many.duckdb").rows(
        "select sum(recoverable_credit_usd) from marts.pec_monthly_statement where billing_month >= $first", first=data["months"][0][0]
    )
    assert columns(data["statement"], 8) == [usd]


def test_every_file_of_the_page_is_used():
    used = {*page.STYLES, *page.SCRIPTS, page.GLOSSARY, "page.html"}
    assert {path.name for path in page.FOLDER.iterdir()} == used
    assert max(len(page.text(name).splitlines()) for name in used) < 400
