"""What happens to the house while its landing zone fills: the warehouse file is deleted, the code is changed, and changed back."""

import pathlib
import random
import re

import worlds

WAREHOUSE_GONE = 0.3
COMMENT = 0.25
OTHER_RULE = 0.25


def bent_macro(text: str, name: str, by: str) -> str:
    """The text of a file of macros in which one says something else. by: SQL in which {} stands for what it said before."""
    (arguments,) = re.findall(rf"macro {name}\(([^)]*)\)", text)
    names = ", ".join(argument.split("=")[0].strip() for argument in arguments.split(","))
    before = f"{name}_before"
    bent = by.format(f"({{{{ {before}({names}) }}}})")
    return text.replace(f"macro {name}(", f"macro {before}(") + f"\n{{% macro {name}({arguments}) -%}}\n    {bent}\n{{%- endmacro %}}\n"


def file_of_macro(project: pathlib.Path, name: str) -> pathlib.Path:
    (file,) = (file for file in sorted((project / "macros").rglob("*.sql")) if f"macro {name}(" in file.read_text())
    return file


def other_net_cost(project: pathlib.Path) -> tuple[pathlib.Path, str]:
    file = file_of_macro(project, "net_cost")
    return file, bent_macro(file.read_text(), "net_cost", "({} * 0.9)::decimal(38, 18)")


def other_tolerance(project: pathlib.Path) -> tuple[pathlib.Path, str]:
    file = project / "dbt_project.yml"
    return file, file.read_text().replace("access_gap_tolerance_seconds: 0", "access_gap_tolerance_seconds: 43200")


def other_rate(project: pathlib.Path) -> tuple[pathlib.Path, str]:
    file = project / "seeds" / "reference" / "pec_rates.csv"
    return file, file.read_text().replace(",0.15,", ",0.1234,")


# A macro, a variable, reference data: each makes other numbers.
RULES = {"net cost": other_net_cost, "tolerance": other_tolerance, "rate": other_rate}


class Nights:
    """What happens before each night. seed: decides everything.  project: a copy of the project, which is changed.  warehouse: its file."""

    def __init__(self, seed: int, project: pathlib.Path, warehouse: pathlib.Path) -> None:
        self.rng = random.Random(f"arrivals/{seed}/nights")
        self.project, self.warehouse = project, warehouse
        self.happened: list[list[str]] = []
        self.as_it_was: tuple[pathlib.Path, str] | None = None  # a file of the project whose rule is another now

    @property
    def is_bent(self) -> bool:
        """Is a rule another now, so that the numbers are not what the reference says?"""
        return self.as_it_was is not None

    def fall(self) -> list[str]:
        """Before a build: some of what may happen; what it was. A changed rule is changed back the next night."""
        events = []
        if worlds.chance(self.rng, WAREHOUSE_GONE):
            self.warehouse.unlink()
            events.append("the warehouse file is deleted")
        if self.as_it_was:
            file, text = self.as_it_was
            file.write_text(text)
            self.as_it_was = None
            events.append(f"{file.name} as it was")
        elif worlds.chance(self.rng, OTHER_RULE):
            what = self.rng.choice(sorted(RULES))
            file, text = RULES[what](self.project)
            self.as_it_was = file, file.read_text()
            assert text != file.read_text(), f"{file.name} has changed: mend the change of {what}"
            file.write_text(text)
            events.append(f"another {what}")
        elif worlds.chance(self.rng, COMMENT):
            file = self.rng.choice(sorted((self.project / "macros").rglob("*.sql")))
            file.write_text(file.read_text() + f"\n{{# Comment {len(self.happened)}. #}}\n")
            events.append(f"a comment in {file.name}")
        self.happened.append(events)
        return events
