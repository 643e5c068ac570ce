"""What a month said stays readable, and each change of it is listed with its cause."""

import json
import shutil

from project import warehouse as w
import pytest


def lose_a_link(zone):
    """A partner ID link turns out never to have been: a corrected directory."""
    path = zone / "partner_directory" / "partner_id_links.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:]))


def raise_a_price(zone):
    """A newer price sheet says another price for the same dates."""
    sheet = zone / "price_sheet" / "DE" / "azure_consumption_DE_202609.csv"
    content = sheet.read_text()
    assert '"0.2415"' in content
    (sheet.parent / "azure_consumption_2027-01-01.csv").write_text(content.replace('"0.2415"', '"0.2515"'))


def find_a_removal(zone):
    """A record of the log turns up late: access that every list seemed to show without a gap was away for some time."""
    item = (
        "/subscriptions/42bb99b3-346e-5179-ba6e-f15abc9d6163/resourceGroups/rg-analytics/providers/Microsoft.Authorization/"
        "roleAssignments/4039bcd9-7f18-5095-8ef8-8a648fc1ca60"
    )
    record = {
        "operationName": {"value": "Microsoft.Authorization/roleAssignments/delete"},
        "status": {"value": "Succeeded"},
        "eventTimestamp": "2026-08-25T10:00:00Z",
        "operationId": "d7b5",
        "correlationId": "d7b5",
        "resourceId": item,
        "properties": {"entity": item},
    }
    (zone / "activity_log" / "found.json").write_text(json.dumps([record]))


def correct_usage(zone):
    """The open month is exported again with one line more."""
    path = zone / "daily_rated_usage" / "fjellblick" / "unbilled_eur_2026-09-13.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2] + lines[1:]))


CAUSES = [(lose_a_link, "directory"), (raise_a_price, "price_sheet"), (find_a_removal, "evidence"), (correct_usage, "usage")]


@pytest.mark.parametrize("change, cause", CAUSES)
def test_changes_are_listed_with_their_cause(change, cause, sample, tmp_path):
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    w.moved_copy(sample, zone, folder)
    change(zone)
    before = w.query(sample, "select * from marts.pec_monthly_statement order by all")
    warehouse = w.build(
        zone, folder, "build", "--exclude-resource-type", "unit_test",
        "--indirect-selection", "cautious", "--select", "+pec_restatements", "+pec_statement_history",
    )  # fmt: skip
    restated = w.query(warehouse, "select cause, count(*) as n, sum(net_cost_change_usd) as usd from marts.pec_restatements group by 1")
    assert [row["cause"] for row in restated] == [cause]
    after = w.query(warehouse, "select * from marts.pec_statement_history where as_of_until is null")
    moved = sum(row["net_cost_usd"] for row in after) - sum(row["net_cost_usd"] for row in before)
    assert moved == restated[0]["usd"] != 0
    told = w.query(
        warehouse,
        "select sum(net_cost_usd) as usd from marts.pec_statement_history where as_of = (select min(as_of) from marts.pec_statement_history)",
    )
    assert told[0]["usd"] == sum(row["net_cost_usd"] for row in before), "what was told first is still told"
