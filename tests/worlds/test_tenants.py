"""One warehouse per partner tenant, united, is one warehouse of all tenants, row for row and type for type (docs/tenants.md).

Other worlds, also more than two, of the same two months: PEC_TENANTS=5,9,26 .venv/bin/python -m pytest tests/worlds/test_tenants.py
"""

import json
import os
import shutil

import duckdb
from pec import cli, unite
from pec.unite.marts import ALL, MARTS, PER_WAREHOUSE
from project import marts
from project import warehouse as w
import pytest
import worlds

SEEDS = tuple(int(seed) for seed in os.environ.get("PEC_TENANTS", "5,26").split(","))
# Claims are judged by one day in all warehouses, and no check holds what worlds do.
SETTINGS = ("--vars", json.dumps({"checks_that_only_warn": w.GATES, "as_of_date": "2026-09-30"}))
# The time of a build is that of its run. Nothing was published before, so nothing is restated.
TIMES = {"pec_statement_history": ("as_of", "as_of_until"), "pec_restatements": ("restated_at",)}
OF_ITS_OWN = {mart for mart, sql in MARTS.items() if sql == PER_WAREHOUSE}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """What was published of a landing zone with the partner tenants of all worlds, and of one for each world: a path, and a list of paths."""
    folder = tmp_path_factory.mktemp("tenants")
    whole, shares = worlds.write_tenants(SEEDS, folder / "zones")
    built = [w.build(zone, folder / zone.name, "build", "--exclude-resource-type", "unit_test", *SETTINGS) for zone in (whole, *shares)]
    published = [warehouse.with_suffix(".published") for warehouse in built]
    return published[0], published[1:]


@pytest.fixture(scope="module")
def united(folders, tmp_path_factory):
    """What the command makes of the warehouses of the shares: a path."""
    path = tmp_path_factory.mktemp("united") / "all.published"
    assert cli.main(["unite", str(path), *map(str, folders[1])]) == 0
    return path


def rows(folder, mart, selected="*", where="true"):
    """Rows of the Parquet of a mart, in a fixed order."""
    return duckdb.sql(f"select {selected} from '{folder}/parquet/{mart}.parquet' where {where} order by all").fetchall()


def different(whole, united):
    """Names of marts, but those of a warehouse's own, of which two published folders have other rows, columns or types; times of runs are not compared."""
    with duckdb.connect() as connection:
        found = {text.split(":")[0].split(",")[0] for text in marts.differences(whole / "pec.duckdb", united / "pec.duckdb", but=OF_ITS_OWN | set(TIMES))}
        for mart, times in TIMES.items():
            sides = [f"(select * exclude ({', '.join(times)}) from '{folder}/parquet/{mart}.parquet')" for folder in (whole, united)]
            for one, other in (sides, sides[::-1]):
                found |= {mart} if connection.execute(f"from {one} except all from {other}").fetchall() else set()
            types = [connection.execute(f"describe from '{folder}/parquet/{mart}.parquet'").fetchall() for folder in (whole, united)]
            found |= {mart} if types[0] != types[1] else set()
    return found


def test_united_marts_are_those_of_the_whole(folders, united):
    whole, _ = folders
    assert different(whole, united) == set()


def test_each_warehouse_has_rows_of_each_mart_and_what_is_shared_is_there(folders):
    """What would make the comparison say nothing: empty marts, one tenant alone, nothing that two warehouses have."""
    _, shares = folders
    empty = {(share, mart) for share in shares for mart in MARTS if mart != "pec_restatements" and not rows(share, mart)}
    assert empty == set()
    for share in shares:
        assert len(rows(share, "pec_missed_credit")) >= 2 and len(rows(share, "pec_monthly_statement")) >= 4
        assert rows(share, "pec_claims", where="finding = 'unknown_claim'") and rows(share, "pec_claims", where="is_registered and finding is null")
    tenants = [set(rows(share, "focus_cost_and_usage", "BillingAccountId")) for share in shares]
    assert sum(map(len, tenants)) > len(shares) and not set.intersection(*tenants), "a warehouse may hold several tenants"
    products = [set(rows(share, "pec_price_differences", "billing_month, market, product_id, sku_id, meter_id, difference_kind")) for share in shares]
    partners = [set(rows(share, "dim_partner")) for share in shares]
    sellers = [set(rows(share, "pec_monthly_statement", "transacting_partner_id")) for share in shares]
    for shared in (products, sellers, partners):
        assert sum(map(len, shared)) > len(set.union(*shared)), "some stand in two warehouses"
    assert len(set.union(*partners)) > len({partner_id for partner_id, *_ in set.union(*partners)}), "and some are otherwise there"


def test_what_is_of_a_warehouse_says_whose_it_is(folders, united):
    for share in folders[1]:
        for mart in OF_ITS_OWN:
            assert rows(united, mart, "* exclude (published_folder)", f"published_folder = '{share}'") == rows(share, mart)


def test_commands_answer_from_what_is_united_as_from_the_whole(folders, united, monkeypatch, capsys):
    answers = []
    for folder in (folders[0], united):
        monkeypatch.setenv("PEC_PUBLISHED", str(folder))
        assert cli.main(["leaks", "--format", "json"]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1] and len(str(answers[0])) > 1000


def test_a_tenant_left_out_or_counted_twice_would_be_seen(folders, tmp_path, monkeypatch):
    whole, shares = folders
    counted = {mart for mart, sql in MARTS.items() if sql == ALL} - {"pec_restatements"}
    assert counted <= different(whole, shares[0])
    twice = tmp_path / "twice.published"
    shutil.copytree(shares[0], twice)
    with pytest.raises(unite.UniteError, match="partner tenant .* of .*share0.* and .*twice"):
        unite.unite(tmp_path / "all.published", [*shares, twice])
    assert not (tmp_path / "all.published").exists()
    monkeypatch.setattr("pec.unite.refusals.IN_ONE", {})
    unite.unite(tmp_path / "all.published", [*shares, twice])
    assert counted <= different(whole, tmp_path / "all.published")


def test_a_mart_that_is_united_otherwise_would_be_seen(folders, tmp_path, monkeypatch):
    others = {mart for mart, sql in MARTS.items() if sql not in (ALL, PER_WAREHOUSE)}
    for mart in others:
        monkeypatch.setitem(MARTS, mart, ALL)
    unite.unite(tmp_path / "all.published", folders[1])
    assert others <= different(folders[0], tmp_path / "all.published")
