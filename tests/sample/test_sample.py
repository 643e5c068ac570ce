"""The committed sample landing zone is what its generator writes, and small."""

import csv
import gzip
import hashlib
import io
import pathlib
from decimal import Decimal

import sample
from sample.claims import CLAIMS
from sample.exports import EXPORTS, lines_of
from sample.who import CUSTOMERS, SUBSCRIPTIONS

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "seeds" / "landing_zone"
SIZE_LIMIT = 1_000_000
LINE_LIMIT = 6_000


def contents(zone: pathlib.Path) -> dict[str, bytes]:
    """Read every file of a folder. Packed files are compared unpacked: zlib builds compress differently."""
    return {
        file.relative_to(zone).as_posix(): gzip.decompress(file.read_bytes()) if file.suffix == ".gz"
        else file.read_bytes()
        for file in zone.rglob("*")
        if file.is_file()
    }


def test_the_committed_sample_is_what_the_generator_writes(tmp_path):
    sample.write(tmp_path)
    committed, written = contents(SAMPLE), contents(tmp_path)
    assert sorted(committed) == sorted(written)
    assert [path for path in written if committed[path] != written[path]] == []


def test_writing_twice_gives_the_same_bytes(tmp_path):
    sample.write(tmp_path / "once")
    sample.write(tmp_path / "again")
    packed = sorted((tmp_path / "once").rglob("*.gz"))
    assert packed
    for file in packed:
        name_flag_and_time = file.read_bytes()[3:8]
        assert name_flag_and_time == bytes(5), f"{file.name} carries a file name or a time"
        assert file.read_bytes() == (tmp_path / "again" / file.relative_to(tmp_path / "once")).read_bytes()


def test_the_sample_is_small():
    assert 0 < sum(file.stat().st_size for file in SAMPLE.rglob("*") if file.is_file()) < SIZE_LIMIT
    lines = [line for export in EXPORTS for line in lines_of(export)]
    assert 2_000 < len(lines) < LINE_LIMIT


def test_the_sample_is_of_some_size():
    """Several customers and subscriptions, two months billed and one open, tens of thousands of dollars a month."""
    assert len(CUSTOMERS) >= 4 and len(SUBSCRIPTIONS) >= 10 and len({customer.country for customer in CUSTOMERS}) >= 3
    assert {export.month for export in EXPORTS if export.invoice} == {"2026-07", "2026-08"}
    for month in ("2026-07", "2026-08"):
        billed = [line for export in EXPORTS if export.invoice and export.month == month for line in lines_of(export)]
        assert 40_000 < sum(line.list_cost for line in billed if not line.costs_nothing) < 60_000
        assert {line.usage.resource.subscription for line in billed} == set(SUBSCRIPTIONS)


def test_the_claim_that_was_paid_is_the_credit_that_was_missed():
    """22.50 USD on each of nine days, registered under the id that the rules give, and paid by one line of an invoice in euro."""
    paid, submitted = CLAIMS
    assert paid.credit_usd == Decimal("202.5")
    key = (
        "2026-07-01|6011111|SUBSCRIPTION|/subscriptions/SUBSCRIPTION/resourcegroups/rg-pacs/providers/"
        "microsoft.compute/virtualmachines/vm-pacs-db-01"
    ).replace("SUBSCRIPTION", paid.resource.subscription.id)
    assert paid.id == hashlib.md5(key.encode()).hexdigest()
    written = sample.files()
    registered = list(csv.DictReader(io.StringIO(written["partner_directory/claims.csv"])))
    assert [(row["claim_id"], row["settled_usd"]) for row in registered] == [(paid.id, "202.5"), (submitted.id, "")]
    credits = [
        (path, row["Subtotal"], row["Currency"])
        for path, text in sorted(written.items()) if path.startswith("invoice_reconciliation/")
        for row in csv.DictReader(io.StringIO(text)) if row["ChargeType"] == "customerCredit"
    ]
    assert credits == [("invoice_reconciliation/G087650801.csv", "-173.67", "EUR")]
