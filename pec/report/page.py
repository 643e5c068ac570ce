"""The page of the report: figures, styles, scripts and the chart library in one file.

Names of customers are data. They reach the page in JSON alone, in which no tag can stand, and the scripts write them as text, never as HTML.
"""

import base64
import decimal
import hashlib
import json
import pathlib

from pec.report import library

FOLDER = pathlib.Path(__file__).parent / "page"
STYLES = ("base.css", "parts.css", "print.css")
# In this order, as one script: each file makes what the later ones use.
SCRIPTS = ("money.js", "elements.js", "data.js", "summary.js", "charts.js", "leaks.js", "calendar.js", "claims.js", "evidence.js", "main.js")
GLOSSARY = "glossary.json"
MEASURES = ("List cost", "Due", "Applied", "Missed", "Unexpected", "Recoverable")


def html(found, held=None):
    """The whole page as text. found: of figures.read().  held: of report.write()."""
    import jinja2  # of dbt's requirements; the archive alone needs none of them

    scripts = [library.javascript(), "(() => {\n\"use strict\";\n" + "".join(text(name) for name in SCRIPTS) + "})();\n"]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(text("page.html")).render(
        held=held, data=safe_json(found | {"held": held}), styles="".join(text(name) for name in STYLES), scripts=scripts,
        policy="; ".join([
            "default-src 'none'", "script-src " + " ".join(f"'sha256-{digest(script)}'" for script in scripts), "style-src 'unsafe-inline'",
            "img-src data:", "base-uri 'none'", "form-action 'none'",
        ]),
        glossary=json.loads(text(GLOSSARY)), licence=library.LICENCE, months=months(found),
    )  # fmt: skip


def months(found):
    """The statement by month, newest first, for readers that run no script: {measures: names, rows: [(month, amounts as texts)]}.

    found: of figures.read().
    """
    with decimal.localcontext(prec=80, rounding=decimal.ROUND_HALF_UP):
        sums = [[decimal.Decimal(0)] * len(MEASURES) for _ in found["months"]]
        for month, _, _, *amounts in found["statement"]:
            sums[month] = [total + decimal.Decimal(amount) for total, amount in zip(sums[month], amounts)]
        rows = [(month[0][:7], [f"{total.quantize(decimal.Decimal('0.01')):,}" for total in totals]) for month, totals in zip(found["months"], sums)]
    return {"measures": MEASURES, "rows": rows[::-1]}


def text(name):
    """The content of a file of the page."""
    return (FOLDER / name).read_text(encoding="utf-8")


def safe_json(value):
    """JSON that cannot end the element of a page in which it stands, whatever texts it holds."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(
        {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
    )  # fmt: skip


def digest(script):
    """The digest by which a Content-Security-Policy knows a script."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
