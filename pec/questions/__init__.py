"""Questions that one command answers from what is published: `pec explain`, `pec claim`, `pec leaks`, `pec compare`.

Each module has a function that asks (answer()), of plain arguments and a connection, which returns Parts; output.py prints them as a table, JSON or CSV.
"""
