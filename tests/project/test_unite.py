"""pec unite (docs/tenants.md): where each mart belongs, what is refused, and that a refusal touches nothing.

That united marts are those of one warehouse is proven on whole warehouses: tests/worlds/test_tenants.py.
"""

import json
import os
import shutil

import duckdb
from pec import cli, kinds, unite
from pec.unite import refusals
from pec.unite.marts import MARTS
from pec.unite.refusals import DIRECTORY, MADE_BY
from project import warehouse as w
import pytest
import yaml

LINE = {"billing_month": "2026-08-01", "market": "DE", "product_id": "p", "sku_id": "s", "meter_id": "m", "difference_kind": "higher"}
COST = {"line_count": 1, "quantity": 2, "lowest_unit_price": 3, "highest_unit_price": 4, "list_cost_usd": 5, "vendor_list_cost_usd": 7, "difference_usd": 2}


class Published:
    """Two published folders without rows, to which a test adds some."""

    def __init__(self, empty, folder):
        self.folders = [folder / "emea.published", folder / "us.published"]
        self.united = folder / "all.published"
        for path in self.folders:
            shutil.copytree(empty, path, copy_function=os.link)

    def add(self, number, mart, *rows):
        """Adds rows, {column: value}, to a mart of a folder."""
        path = self.folders[number] / "parquet" / f"{mart}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"create table rows as from '{path}'")
            for row in rows:
                connection.execute(f"insert into rows ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))
            path.unlink()  # the tests share their files
            connection.execute(f"copy rows to '{path}'")
        return self

    def say(self, number, **values):
        """Changes what the publication.json of a folder says."""
        path = self.folders[number] / "publication.json"
        said = json.loads(path.read_text()) | values
        path.unlink()
        path.write_text(json.dumps(said))
        return self

    def unite(self):
        """Unites both; a function of a mart and of columns that gives its rows."""
        unite.unite(self.united, self.folders)
        return lambda mart, selected="*": duckdb.sql(f"select {selected} from '{self.united}/parquet/{mart}.parquet' order by all").fetchall()

    def check(self):
        """Only looks whether both may be united."""
        with duckdb.connect() as connection:
            unite.gather(connection, {str(folder): folder for folder in self.folders})
            refusals.stop_at_what_is_shared(connection)


@pytest.fixture(scope="module")
def empty(sample, tmp_path_factory):
    """What the sample's build has published, without rows."""
    published, folder = sample.with_suffix(".published"), tmp_path_factory.mktemp("empty")
    (folder / "parquet").mkdir()
    for name in ("pec.duckdb", "publication.json"):
        shutil.copy(published / name, folder)
    for mart in MARTS:
        duckdb.execute(f"copy (from '{published}/parquet/{mart}.parquet' limit 0) to '{folder}/parquet/{mart}.parquet'")
    return folder


@pytest.fixture
def published(empty, tmp_path):
    return Published(empty, tmp_path)


def test_every_mart_has_its_place():
    """A new mart is added to pec/unite/marts.py."""
    files = (w.PROJECT / "models" / "marts").rglob("*.yml")
    assert set(MARTS) == {model["name"] for file in files for model in yaml.safe_load(file.read_text()).get("models") or []}


def test_every_file_of_the_directory_must_be_the_same_but_the_register():
    assert {*DIRECTORY} == {kind.name for kind in (*kinds.DIRECTORY_KINDS, kinds.LINKS)} - {"claims"}


# ---------------------------------------------------------------------------------------------------------------------
# What is united
# ---------------------------------------------------------------------------------------------------------------------


def test_a_register_of_all_tenants_is_one_register(published):
    claim = {"claim_id": "c1", "is_registered": True, "settled_credit_usd": 3}
    unknown = {"claim_id": "c1", "is_registered": True, "finding": "unknown_claim"}
    published.add(0, "pec_claims", claim, unknown | {"claim_id": "nobody's"}).add(1, "pec_claims", unknown, unknown | {"claim_id": "nobody's"})
    assert published.unite()("pec_claims", "claim_id, finding, settled_credit_usd") == [("c1", None, 3), ("nobody's", "unknown_claim", None)]


def test_a_difference_of_price_of_two_tenants_is_one(published):
    published.add(0, "pec_price_differences", LINE | COST | {"meter_name": "new"})
    published.add(1, "pec_price_differences", LINE | COST | {"meter_name": "a name", "highest_unit_price": 9})
    united = published.unite()("pec_price_differences")
    assert [tuple(map(str, row)) for row in united] == [
        ("2026-08-01", "DE", "p", "s", "m", "a name", "higher", "2", f"4.{'0' * 15}", f"3.{'0' * 22}", f"9.{'0' * 22}", *(f"{n}.{'0' * 18}" for n in (10, 14, 4)))
    ]  # fmt: skip


def test_repairs_are_ranked_among_all(published):
    for number, win in ((0, 5), (1, 7)):
        published.add(number, "pec_repairs", {"repair_id": f"r{win}", "repair_rank": 1, "win_per_day_usd": win, "lost_credit_usd": 0})
    assert published.unite()("pec_repairs", "repair_rank, repair_id") == [(1, "r7"), (2, "r5")]


def test_a_partner_that_sells_here_and_resells_there_is_one(published):
    for number in (0, 1):
        row = {"partner_id": "1", "partner_global_id": "2", "partner_name": "n", "is_transacting": number == 0, "is_reseller": number == 1}
        published.add(number, "dim_partner", row)
    assert published.unite()("dim_partner", "partner_id, is_transacting, is_reseller") == [("1", True, True)]


def test_what_was_united_is_a_folder_like_a_published_one(published, capsys):
    for number in (0, 1):
        published.add(number, "rejected_rows", {"source_file": "f.csv", "line_number": 3, "reason": "r"})
    assert cli.main(["unite", str(published.united), *map(str, published.folders)]) == 0
    assert "27 marts of 2 warehouses, 0 usage lines" in capsys.readouterr().out
    said = json.loads((published.united / "publication.json").read_text())
    assert list(said["united"]) == [str(folder) for folder in published.folders] and said["marts"]["rejected_rows"] == 2
    with duckdb.connect(str(published.united / "pec.duckdb"), read_only=True) as connection:
        folders = connection.execute("select published_folder from marts.rejected_rows order by 1").fetchall()
        assert folders == [(str(folder),) for folder in published.folders]
        views = connection.execute("select view_name from duckdb_views() where not internal order by 1").fetchall()
        assert views == [("focus_cost_and_usage_1_0",), ("pec_charges",)], "what is a view in a publication"
        assert connection.execute("select count(*) from duckdb_columns() where schema_name = 'marts' and comment is null").fetchone() == (0,)
        assert connection.execute("select count(*) from duckdb_tables() where comment is null").fetchone() == (0,)


def test_the_union_before_stays_for_those_who_have_it_open(published):
    published.unite()
    first = os.path.realpath(published.united)
    published.unite()
    assert os.path.exists(first) and os.path.realpath(published.united) != first
    published.unite()
    assert not os.path.exists(first) and len(list(published.united.with_name("all.publications").iterdir())) == 2


# ---------------------------------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------------------------------


def file(name, kind, digest, **other):
    return {"file_id": digest, "source_file": name, "kind": kind, "content_digest": digest, "is_in_force": True} | other


GRANT = {"effect": "grant", "grant_id": "g", "item_id": "assignment", "valid_from": "2026-08-01"}
SHARED = {
    "partner tenant t1 of": [("focus_cost_and_usage", {"BillingAccountId": "t1", "BillingAccountName": "Partner 1"})] * 2,
    "customer c1 of": [("dim_customer", {"customer_id": "c1"})] * 2,
    "customer c2 of": [("dim_customer", {"customer_id": "c2"}), ("invoice_reconciliation", {"customer_id": "c2"})],
    "Azure plan p1 of": [("fct_pec_charges_daily", {"plan_subscription_id": "p1"})] * 2,
    "subscription s1 of": [("dim_subscription", {"subscription_id": "s1"})] * 2,
    "invoice G1 of": [("fct_pec_charges_daily", {"invoice_number": "G1"}), ("invoice_reconciliation", {"invoice_number": "G1"})],
}  # fmt: skip
DIFFERENT = {
    "partner directory partner_directory/ of": [
        ("landed_files", file("partner_directory/agreements.csv", "agreements", "a")), ("landed_files", file("partner_directory/agreements.csv", "agreements", "b")),
    ],
    "partner directory": [  # a file that one of them lacks
        ("landed_files", file("partner_directory/agreements.csv", "agreements", "a")), ("landed_files", file("u.csv", "daily_rated_usage", "u")),
    ],
    "price sheet or exchange rates price_sheet/de.csv of": [
        ("landed_files", file("price_sheet/de.csv", "price_sheet", "a")), ("landed_files", file("price_sheet/de.csv", "price_sheet", "b")),
    ],
    "evidence of access assignment of": [("access_grants", GRANT), ("access_grants", GRANT | {"grant_id": "h", "valid_to": "2026-08-09"})],
    "evidence of access item of": [
        ("pec_unresolved_access", {"item_id": "item", "reason": "role_not_listed"}), ("pec_unresolved_access", {"item_id": "item", "reason": "unread_shape"}),
    ],
    "evidence of access above of": [  # a management group of which two customers have subscriptions, and one warehouse the evidence
        ("access_grants", GRANT | {"item_id": "above", "subscription_id": "s1"}), ("dim_subscription", {"subscription_id": "s1"}),
    ],
    "partner 1 of": [("dim_partner", {"partner_id": "1", "partner_name": "a"}), ("dim_partner", {"partner_id": "1", "partner_name": "b"})],
    "claim that no warehouse knows c of": [
        ("pec_claims", {"claim_id": "c", "finding": "unknown_claim", "ticket": "1"}), ("pec_claims", {"claim_id": "c", "finding": "unknown_claim", "ticket": "2"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("said, remedy", [(said, "in one warehouse") for said in SHARED] + [(said, "the same files") for said in DIFFERENT])
def test_what_may_not_be_split_is_refused_with_its_name_and_the_remedy(said, remedy, published):
    for number, (mart, row) in enumerate((SHARED | DIFFERENT)[said]):
        published.add(number, mart, row)
    with pytest.raises(unite.UniteError) as refused:
        published.check()
    text = str(refused.value)
    assert f"nothing was united: {said}" in text and all(str(folder) in text for folder in published.folders) and remedy in text


def test_a_refusal_does_not_touch_what_was_united(published, capsys):
    published.unite()
    before = os.path.realpath(published.united)
    for number in (0, 1):
        published.add(number, "dim_customer", *({"customer_id": f"c{n}"} for n in range(5)))
    assert cli.main(["unite", str(published.united), *map(str, published.folders)]) == 1
    assert "customer c0 of " in (said := capsys.readouterr().err) and "; and 2 more, which" in said and "c3" not in said
    assert os.path.realpath(published.united) == before and len(list(published.united.with_name("all.publications").iterdir())) == 1


HARMLESS = {
    "a line of Cost Management without a tenant": [("focus_cost_and_usage", {"BillingAccountId": "1", "BillingAccountName": "Partner 1"})] * 2,
    "lines without a customer and an invoice": [("fct_pec_charges_daily", {"usage_line_id": "1"}), ("fct_pec_charges_daily", {"usage_line_id": "2"})],
    "a price sheet of another market": [
        ("landed_files", file("price_sheet/de.csv", "price_sheet", "a")), ("landed_files", file("price_sheet/us.csv", "price_sheet", "b")),
    ],
    "a sheet that replaced another": [
        ("landed_files", file("price_sheet/de.csv", "price_sheet", "a", is_in_force=False), file("price_sheet/de.csv", "price_sheet", "b")),
        ("landed_files", file("price_sheet/de.csv", "price_sheet", "b")),
    ],
    "registers of their own": [("landed_files", file("partner_directory/claims.csv", "claims", digest)) for digest in "ab"],
    "usage files of one name": [("landed_files", file("daily_rated_usage/unbilled.csv", "daily_rated_usage", digest)) for digest in "ab"],
    "evidence that both have": [("access_grants", GRANT)] * 2,
    "evidence that one has": [("access_grants", GRANT), ("access_grants", GRANT | {"item_id": "another"})],
    "names that are not published": [("landed_files", file(None, "price_sheet", digest)) for digest in "ab"],
}  # fmt: skip


@pytest.mark.parametrize("what", HARMLESS)
def test_what_may_be_in_several_warehouses_is_not_refused(what, published):
    for number, (mart, *added) in enumerate(HARMLESS[what]):
        published.add(number, mart, *added)
    published.check()


@pytest.mark.parametrize("key", MADE_BY)
def test_another_rule_setting_or_day_is_refused(key, published):
    assert key in json.loads((published.folders[0] / "publication.json").read_text()), "a build says it"
    published.say(1, **{key: "another"})
    with pytest.raises(unite.UniteError, match=rf"{key} is .* in .*emea.published, another in .*us.published. Build all with"):
        published.unite()
    assert not published.united.exists()


def test_what_is_no_published_folder_or_stands_twice_is_refused(published, tmp_path):
    emea, us = published.folders
    for folders, said in (([emea], "two or more"), ([emea, us, emea], "each once"), ([emea, tmp_path / "none"], "none is no published folder")):
        with pytest.raises(unite.UniteError, match=said):
            unite.unite(published.united, folders)
    published.unite()
    with pytest.raises(unite.UniteError, match="name those of the warehouses"):
        unite.unite(tmp_path / "more.published", [published.united, us])
    (us / "parquet" / "dim_date.parquet").unlink()
    with pytest.raises(unite.UniteError, match="dim_date.*put that right"):
        published.unite()
    assert published.united.exists() and not (tmp_path / "more.published").exists()


def test_a_link_of_a_warehouse_is_never_overwritten(published, tmp_path):
    link = tmp_path / "apac.published"
    link.symlink_to(published.folders[0])
    for path in (link, published.folders[1], tmp_path):
        with pytest.raises(unite.UniteError, match="name a path that nothing else uses|no published folder"):
            unite.unite(path, published.folders)
    assert link.resolve() == published.folders[0]
