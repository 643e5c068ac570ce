"""What a build needs of Python, brought in by the adapter's own means: a plugin of dbt-duckdb (profiles.yml)."""

import pathlib

from dbt.adapters.duckdb.plugins import BasePlugin

from pec import history, places


class Plugin(BasePlugin):
    """Sets the archive's path on each connection, and moves a green build's history file into place."""

    def configure_cursor(self, cursor):
        """Sets the variable that sources of the archive are found by (models/staging/archive/_sources.yml).

        cursor: a DuckDB connection; variables belong to one connection and are not inherited.
        """
        cursor.execute("set variable pec_archive = ?", [str(places.archive())])

    def store(self, target_config):
        """Puts a file that SQL has written beside its place in the archive there (macros/changed_months.sql, keep_history).

        target_config: of dbt-duckdb; its location is the file, called `.<name>`.
        """
        written = pathlib.Path(target_config.location.path)
        history.keep(written, written.with_name(written.name.removeprefix(".")))
