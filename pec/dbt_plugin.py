"""What a build needs of Python, brought in by the adapter's own means: a plugin of dbt-duckdb (profiles.yml)."""

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.exceptions import DbtBaseException, DbtRuntimeError

from pec import build_lock, modes, places, privacy, project, publication


class BuildStopped(DbtBaseException):
    """The build cannot begin. dbt prints the text alone: no traceback, and no words of its own, as it would for a DbtRuntimeError."""


class Plugin(BasePlugin):
    """Keeps other builds away, sets the archive's path on each connection, and publishes the marts of a green build."""

    def initialize(self, plugin_config):
        """Takes the lock of the warehouse, for as long as dbt has the warehouse open, and sets who may read what is written.

        plugin_config: not used.  BuildStopped: another build runs, or a variable of the environment is wrong.
        """
        try:
            modes.tighten()
            privacy.mode()
            modes.tighten_logs(get_flags().LOG_PATH)
            self.lock = build_lock.take(self.creds.path) if is_file(self.creds.path) else None
        except (build_lock.WarehouseError, ValueError) as error:
            raise BuildStopped(str(error)) from error

    def update_connection_config(self, creds, config):
        """Opens the warehouse before dbt-duckdb does, which would print a traceback if another process has it open.

        creds, config: of dbt-duckdb. It opens the same file with the same config, and gets the same database.  BuildStopped: it cannot be opened.
        """
        try:
            self.connection = build_lock.open_warehouse(creds.path, config) if is_file(creds.path) else None
        except build_lock.WarehouseError as error:
            raise BuildStopped(str(error)) from error

    def configure_connection(self, conn):
        """Keeps the connection to the warehouse, for what is done at the end of a build.  conn: a DuckDB connection."""
        self.connection = conn

    def configure_cursor(self, cursor):
        """Sets the variable that sources of the archive are found by (models/staging/archive/_sources.yml).

        cursor: a DuckDB connection; variables belong to one connection and are not inherited.
        """
        cursor.execute("set variable pec_archive = ?", [str(places.archive())])

    def store(self, target_config):
        """Publishes the marts (macros/publish.sql).

        target_config: of dbt-duckdb; its config holds the arguments of publication.publish(), and its relation is the table of changes.
        """
        config = dict(target_config.config)
        about = config.pop("about") | {"landing_zone": places.landing_zone(), "archive": places.archive()} | project.versions()
        with self.connection.cursor() as cursor:
            self.configure_cursor(cursor)
            try:
                publication.publish(
                    cursor, publication.Places(places.archive(), places.published()), about=about,
                    changes=f"from {target_config.relation} order by resource_month_id", **config,
                )  # fmt: skip
            except publication.PublicationError as error:
                raise DbtRuntimeError(str(error)) from error


def is_file(path):
    """Whether a warehouse is a file, and not in memory or elsewhere. path: of dbt's profile."""
    return ":" not in path
