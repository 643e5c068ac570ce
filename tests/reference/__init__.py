"""An independent recomputation of the partner-earned-credit marts, in plain Python.

It reads a landing zone the way `interface.md` describes it and applies the numbered rules of `domain.md` (D, A, P, M,
status ladder, export lifecycle) by brute force: no SQL, no DuckDB, Decimals with 80 digits, naive UTC datetimes with
microseconds (a seventh digit is cut off). It shares no code with the dbt project, so that an error in one of the two
shows as a difference.

Entry point: `recompute(zone, roles_csv)`, in marts.py.

Where the rules are silent, the choice is noted as **Choice** in the docstring of the function that makes it.
"""

from .marts import recompute

__all__ = ["recompute"]
