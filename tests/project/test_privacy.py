"""What the published copy says of names, in each mode; and that every column of every mart has been judged."""

import os
import stat

import duckdb
import pytest
import yaml
from pec import history, privacy, publication
from project import warehouse as w

KEY = "0123456789abcdef" * 4


def columns_of_marts():
    """[(mart, column, type)] of all marts, from their contracts."""
    found = []
    for path in sorted((w.PROJECT / "models" / "marts").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text()).get("models") or []:
            found += [(model["name"], column["name"], column["data_type"]) for column in model.get("columns") or []]
    assert len(found) > 300
    return found


def test_every_column_of_every_mart_has_been_judged():
    """A new column of text goes into one of the lists of pec/privacy.py: NAMES, TEXTS, or, if no name can stand in it, HARMLESS."""
    assert {(mart, name) for mart, name, kind in columns_of_marts() if privacy.class_of(mart, name, kind) == "unknown"} == set()


def test_the_lists_name_nothing_that_no_mart_has_and_nothing_twice():
    names = {name for _, name, _ in columns_of_marts()}
    assert (set(privacy.NAMES) | privacy.TEXTS | privacy.HARMLESS) - names == set()
    assert {*privacy.NAMES_OF_MARTS, *privacy.TEXTS_OF_MARTS} <= {(mart, name) for mart, name, _ in columns_of_marts()}
    assert not set(privacy.NAMES) & privacy.TEXTS and not (set(privacy.NAMES) | privacy.TEXTS) & privacy.HARMLESS


@pytest.mark.parametrize("pattern", ["name", "text", "note", "tag", "evidence", "raw", "file"])
def test_what_sounds_like_a_name_is_not_harmless_by_oversight(pattern):
    vendors = {
        "BillingAccountName", "CommitmentDiscountName", "InvoiceIssuerName", "ProviderName", "PublisherName", "RegionName", "ResourceName",
        "ServiceName", "column_name", "check_name", "meter_name", "resource_group_name", "sku_name", "x_ResourceGroupName", "x_SkuMeterName",
        "evidence_strength", "file_id", "content_digest", "begin_evidence", "end_evidence", "month_name", "quarter_name", "weekday_name", "text", "pec_reason_text",
        "pec_status_text",
    }  # fmt: skip
    assert {name for name in privacy.HARMLESS if pattern in name.lower()} <= vendors


def published(mode, rows="('Kliniken Aldersbrunn', '{\"owner\": \"Anna\"}', 'a text', 1.5::decimal(38, 18), '0f-1')"):
    """The rows of a mart as they are published in a mode, and their types."""
    with duckdb.connect() as connection:
        connection.execute(f"create table mart as from (values {rows}) as t(customer_name, Tags, nobody_judged_this, list_cost_usd, customer_id)")
        if mode == "pseudonyms":
            connection.execute(f"set variable {privacy.KEY_VARIABLE} = ?", [KEY])
        kinds = {row[0]: row[1] for row in connection.execute("describe mart").fetchall()}
        texts = privacy.published_columns("mart", kinds, mode)
        connection.execute(f"create table copy as select {', '.join(f'{text} as {name}' for name, text in texts.items())} from mart")
        found = connection.execute("from copy").fetchall()
        assert {row[0]: row[1] for row in connection.execute("describe copy").fetchall()} == kinds
        return found


def test_full_is_what_the_mart_says():
    (row,) = published("full")
    assert row[:3] == ("Kliniken Aldersbrunn", '{"owner": "Anna"}', "a text") and row[4] == "0f-1"


def test_without_names_leaves_names_and_texts_empty_and_keeps_ids_and_money():
    (row,) = published("without_names")
    assert row[:3] == (None, None, None) and str(row[3]) == "1.500000000000000000" and row[4] == "0f-1"


def test_pseudonyms_are_stable_keyed_and_empty_for_nothing():
    names = ("'Kliniken Aldersbrunn'", "'Kliniken Aldersbrunn'", "'Klinik Aldersbrunn'", "null")
    first, same, other, none = published("pseudonyms", ", ".join(f"({name}, 't', 'x', 1.5::decimal(38, 18), 'a')" for name in names))
    assert first[0] == same[0] == privacy.pseudonym("customer", "Kliniken Aldersbrunn", KEY)
    assert first[0].startswith("customer-") and len(first[0]) == len("customer-") + 16
    assert other[0] != first[0] and none[0] is None
    assert first[1:3] == (None, None), "tags and texts have no pseudonym"
    assert privacy.pseudonym("customer", "Kliniken Aldersbrunn", KEY[::-1]) != first[0], "without the key nobody can try names"


def test_pseudonyms_without_a_key_are_empty():
    with duckdb.connect() as connection:
        text = privacy.published_columns("mart", {"customer_name": "VARCHAR"}, "pseudonyms")["customer_name"]
        assert connection.execute(f"select {text} from (values ('a')) as t(customer_name)").fetchone() == (None,)


def test_a_text_of_one_mart_is_judged_there_alone():
    assert privacy.class_of("rejected_rows", "reason", "VARCHAR") == "text"
    assert privacy.class_of("pec_unresolved_access", "reason", "VARCHAR") == "harmless"
    assert privacy.class_of("any", "tags_of_things", "VARCHAR[]") == privacy.class_of("any", "numbers", "BIGINT[]") == "unknown"


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path):
    os.umask(0o022)
    key = privacy.key_of(tmp_path)
    assert len(key) == 64 and privacy.key_of(tmp_path) == key
    assert stat.S_IMODE((tmp_path / privacy.KEY_FILE).stat().st_mode) == 0o600
    (tmp_path / privacy.KEY_FILE).write_text("short\n")
    with pytest.raises(privacy.PrivacyError, match="restore it from a backup"):
        privacy.key_of(tmp_path)
    with pytest.raises(privacy.PrivacyError, match="cannot be used"):
        privacy.key_of(tmp_path / "nowhere")


def test_a_mode_that_is_none_is_an_error():
    assert privacy.mode({}) == "full" and privacy.mode({"PEC_PRIVACY": "pseudonyms"}) == "pseudonyms"
    with pytest.raises(privacy.PrivacyError, match="full, pseudonyms, without_names"):
        privacy.mode({"PEC_PRIVACY": "none"})


@pytest.mark.parametrize("mode", ["pseudonyms", "without_names", "secret"])
def test_nothing_of_a_publication_holds_a_name(mode, tmp_path, monkeypatch):
    """Every file of the published folder, read as bytes and through DuckDB, in the modes that hide names."""
    monkeypatch.setenv("PEC_PRIVACY", mode)
    history.prepare(tmp_path / "w.archive")
    places = publication.Places(tmp_path / "w.archive", tmp_path / "w.published")
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.pec_claims as select 'Kliniken Aldersbrunn' as customer_name, 'Anna rang' as note, 1 as day_count")
        connection.execute(f"create table kept as select {', '.join(f'null::{kind} as {name}' for name, kind in history.COLUMNS.items())}")
        arguments = {"marts": ["pec_claims"], "changes": "from kept", "about": {}}
        if mode == "secret":
            with pytest.raises(publication.PublicationError, match="PEC_PRIVACY is secret"):
                publication.publish(connection, places, "20260101T000000000000", **arguments)
            return
        folder = publication.publish(connection, places, "20260101T000000000000", **arguments)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) == 3 and [path for path in files if b"Aldersbrunn" in path.read_bytes() or b"Anna" in path.read_bytes()] == []
    ((name, note, days),) = duckdb.sql(f"from '{folder}/parquet/pec_claims.parquet'").fetchall()
    documented = {"read_only": True, "config": {"enable_external_access": "false"}}
    with duckdb.connect(str(places.link / "pec.duckdb"), **documented) as connection:
        assert connection.execute("select customer_name from marts.pec_claims").fetchall() == [(name,)]
        for statement in ("select * from read_text('/etc/hostname')", "copy (select 1) to '/tmp/x.csv'", "set enable_external_access = true"):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
    key = privacy.key_of(tmp_path / "w.archive")
    assert (name, note, days) == (privacy.pseudonym("customer", "Kliniken Aldersbrunn", key) if mode == "pseudonyms" else None, None, 1)
    assert publication.Places(tmp_path / "w.archive", places.link).record("20260101T000000000000")["names"] == mode
    assert key not in "".join(path.read_text(errors="replace") for path in files)
