"""The same warehouse on Apache Spark: the compiled dbt project, written for DuckDB, becomes an ordinary dbt-spark project (docs/spark.md).

dialect.py    how the source is read and the target is written (sqlglot)
allowed.py    syntax and functions that may be transpiled; all else stops the generation, with model and line
rules/        what differs between the engines, a small function for each difference
transpile.py  one query: check, rewrite, write
project.py    the whole project: models, seeds, tests, descriptions
settings.py   what Spark must be set to, and the check of it
compare.py    marts of both engines, row for row and type for type
"""
