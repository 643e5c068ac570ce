"""What a month said stays readable, and each change of it is listed with its cause."""

import shutil

import pytest
import warehouse as w


def edit(path, old, new):
    """Replaces text in a file of a zone; the text must be there."""
    content = path.read_text()
    assert old in content, (path, old)
    path.write_text(content.replace(old, new))


def lose_a_link(zone):
    """A partner ID link turns out never to have been: a corrected directory."""
    path = zone / "partner_directory" / "partner_id_links.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:1] + lines[2:]))


def raise_a_price(zone):
    """A price sheet that comes later says another price for the same dates."""
    source = next((zone / "price_sheet").rglob("*.csv"))
    later = source.with_name("later_2027-01-01.csv")
    header, *lines = source.read_text().splitlines(keepends=True)
    later.write_text(header + "".join(line.replace('"0.222"', '"0.333"') for line in lines))


def lose_a_snapshot_item(zone):
    """The activity log of the wild turns up: a removal of access that nobody had seen."""
    for path in (zone / "role_assignments").rglob("*.json"):
        copy = path.with_name("x_" + path.name)
        shutil.copy(path, copy)
    events = (
        '[{"operationName": {"value": "Microsoft.Authorization/roleAssignments/delete"}, "status": {"value": "Succeeded"}, '
        '"eventTimestamp": "2026-08-03T10:00:00Z", "operationId": "1", "correlationId": "1", "eventDataId": "1", '
        '"resourceId": "%s", "properties": {"entity": "%s"}}]'
    )
    (zone / "activity_log" / "found.json").write_text(events % (lose_a_snapshot_item.item, lose_a_snapshot_item.item))


def correct_usage(zone):
    """The open month is exported again with one line more."""
    path = zone / "daily_rated_usage" / "fjellblick" / "unbilled_eur_2026-09-13.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:2] + lines[1:]))


@pytest.mark.parametrize("change, cause", [(lose_a_link, "directory"), (raise_a_price, "price_sheet"), (lose_a_snapshot_item, "evidence"), (correct_usage, "usage")])
def test_changes_are_listed_with_their_cause(change, cause, sample, tmp_path):
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    shutil.copytree(sample.parent, folder)
    lose_a_snapshot_item.item = w.query(
        sample,
        "select item_id from intermediate.int_qualifying_access_intervals where item_kind = 'role_assignment' and access_path = 'aobo' "
        "and end_evidence = 'standing' order by 1 limit 1",
    )[0]["item_id"]
    change(zone)
    before = w.query(sample, "select * from marts.pec_monthly_statement order by all")
    warehouse = w.build(zone, folder, "build", "--full-refresh", "--exclude-resource-type", "unit_test")
    restated = w.query(warehouse, "select cause, count(*) as n, sum(net_cost_change_usd) as usd from marts.pec_restatements group by 1")
    assert [row["cause"] for row in restated] == [cause]
    after = w.query(warehouse, "select * from marts.pec_monthly_statement order by all")
    moved = sum(row["net_cost_usd"] for row in after) - sum(row["net_cost_usd"] for row in before)
    assert moved == restated[0]["usd"] != 0
    told = w.query(
        warehouse,
        "select sum(net_cost_usd) as usd from marts.pec_statement_history where as_of = (select min(as_of) from marts.pec_statement_history)",
    )
    assert told[0]["usd"] == sum(row["net_cost_usd"] for row in before), "what was told first is still told"
