"""The FOCUS dataset under the FOCUS project's own validator, which knows version 1.0, in its own environment (.venv-focus)."""

import pathlib
import subprocess

import duckdb
from project import warehouse as w
import pytest

VALIDATOR = w.PROJECT / ".venv-focus" / "bin" / "focus-validator"
# The validator's rules for 1.0 spell some columns as the drafts did, and ask one of them for the kind of charge.
AS_THE_VALIDATOR_SPELLS = {
    "ProviderName": "Provider",
    "PublisherName": "Publisher",
    "InvoiceIssuerName": "InvoiceIssuer",
    "ResourceId": "ResourceID",
}


def export(warehouse, path, replacing=""):
    """Writes the 1.0 dataset as CSV, instants as FOCUS wants them; replacing: SQL of a REPLACE clause, to bend a column."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns = connection.execute("describe marts.focus_cost_and_usage_1_0").fetchall()
        selected = ", ".join(
            (f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ')" if kind == "TIMESTAMP" else name) + f" as {AS_THE_VALIDATOR_SPELLS.get(name, name)}"
            for name, kind, *_ in columns
        )
        connection.execute(
            f"copy (select {selected}, ChargeCategory as ChargeType from (select * {replacing} from marts.focus_cost_and_usage_1_0)) "
            f"to '{path}' (header)"
        )


def validate(path):
    """Runs the validator; its output. (It looks for its list of currencies below the folder in which it runs.)"""
    folder = next(pathlib.Path(VALIDATOR.parents[1]).glob("lib/python*/site-packages"))
    command = [str(VALIDATOR), "--data-file", str(path), "--validate-version", "1.0", "--column-namespace", "x_"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_validator_finds_no_error(sample, tmp_path):
    export(sample, tmp_path / "focus.csv")
    assert "Validation succeeded" in validate(tmp_path / "focus.csv")


@pytest.mark.parametrize("bend", ["null as BilledCost", "'Euro' as BillingCurrency", "'sometimes' as ChargeFrequency"])
def test_validator_bites(bend, sample, tmp_path):
    export(sample, tmp_path / "focus.csv", f"replace ({bend})")
    assert "Validation failed" in validate(tmp_path / "focus.csv")


def test_costs_mean_what_focus_says(sample):
    rows = w.query(sample, "select * from marts.focus_cost_and_usage where BillingCurrency != 'USD'")
    assert len(rows) > 100
    off = [row for row in rows if row["EffectiveCost"] != row["BilledCost"] or row["ContractedCost"] != row["ListCost"]]
    assert off == []
    # Microsoft's own total in the billing currency is what we call billed: list cost less the credit it applied.
    agree = [row for row in rows if row["x_PartnerCreditReason"] not in ("azure_credit", "savings_plan", "reservation")]
    expected = {row["x_UsageLineId"]: row["ListCost"] * (1 - row["x_PartnerCreditRate"]) for row in agree}
    apart = [row for row in agree if abs(row["BilledCost"] - expected[row["x_UsageLineId"]]) > 1e-6]
    # On these two days of the sample Microsoft charged an old price.
    assert sorted((row["ResourceName"], str(row["ChargePeriodStart"])[:10]) for row in apart) == [("vm-erp-01", "2026-08-26"), ("vm-erp-01", "2026-08-27")]
