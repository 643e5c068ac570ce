"""Where the project's files are, from the environment (interface.md, "Where things stand on disk")."""

import os


def landing_zone(environ=os.environ):
    """The absolute path of the folder that holds the exports: PEC_LANDING_ZONE, else the sample."""
    return os.path.abspath(environ.get("PEC_LANDING_ZONE") or os.path.join("seeds", "landing_zone"))


def warehouse(environ=os.environ):
    """The absolute path of the DuckDB file of a build: PEC_WAREHOUSE, else warehouse.duckdb."""
    return os.path.abspath(environ.get("PEC_WAREHOUSE") or "warehouse.duckdb")


def archive(environ=os.environ):
    """The absolute path of the archive's folder: PEC_ARCHIVE, else the warehouse's path with .archive in place of .duckdb."""
    named = environ.get("PEC_ARCHIVE")
    return os.path.abspath(named) if named else beside_the_warehouse(".archive", environ)


def beside_the_warehouse(ending, environ=os.environ):
    """The warehouse's path with another ending, such as ".published", in place of .duckdb."""
    return warehouse(environ).removesuffix(".duckdb") + ending


def published(environ=os.environ):
    """The absolute path of the link to what is published: PEC_PUBLISHED, else the warehouse's path with .published in place of .duckdb."""
    named = environ.get("PEC_PUBLISHED")
    return os.path.abspath(named) if named else beside_the_warehouse(".published", environ)
