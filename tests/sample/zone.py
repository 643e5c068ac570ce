"""Writing the sample."""

import pathlib

from .access import ROLE_SCHEDULES, SNAPSHOTS
from .directory import DIRECTORY
from .exports import EXPORTS
from .log import CLI_LOGS, DIAGNOSTIC_LOGS, cli_log, diagnostic_path, diagnostic_records
from .prices_and_invoices import fx_rates, invoice, price_sheet
from .products import EXCHANGE_RATES, MARKETS
from .text import compact, csv_text, gzipped, pretty
from .usage_files import LAYOUTS


def files() -> dict[str, str]:
    """Every file of the landing zone, by its path; one that ends in `.gz` is packed when written."""
    texts = {f"daily_rated_usage/{export.file}": LAYOUTS[export.layout](export) for export in EXPORTS}
    for month in EXCHANGE_RATES:
        compact_month = month.replace("-", "")
        texts[f"fx_rates/fx_rates_{compact_month}.csv"] = fx_rates(month)
        for market in MARKETS:
            path = f"price_sheet/{market}/azure_consumption_{market}_{compact_month}.csv"
            texts[path] = price_sheet(market, month)
    for export in EXPORTS:
        if export.invoice:
            texts[f"invoice_reconciliation/{export.invoice}.csv"] = invoice(export)
    for snapshot in SNAPSHOTS:
        in_the_cli_shape = snapshot.folder == "role_assignments"
        texts[snapshot.path] = pretty(snapshot.items() if in_the_cli_shape else {"value": snapshot.items()})
    texts |= {path: pretty({"value": instances}) for path, instances in ROLE_SCHEDULES.items()}
    texts |= {f"activity_log/cli/{file}": cli_log(operations) for file, operations in CLI_LOGS.items()}
    for logged in DIAGNOSTIC_LOGS:
        lines = "".join(compact(record) + "\n" for record in diagnostic_records(logged))
        texts[diagnostic_path(logged)] = texts.get(diagnostic_path(logged), "") + lines
    return texts | {f"partner_directory/{file}": csv_text(rows) for file, rows in DIRECTORY.items()}


def write(zone: pathlib.Path) -> None:
    """Write the sample into a folder; files of other names are left alone."""
    for path, text in files().items():
        file = zone / path
        file.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        file.write_bytes(gzipped(content) if file.suffix == ".gz" else content)
