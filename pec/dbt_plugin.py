"""What a build needs of Python, brought in by the adapter's own means: a plugin of dbt-duckdb (profiles.yml)."""

import weakref

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from dbt_common.events.event_manager_client import add_callback_to_manager
from dbt_common.exceptions import DbtBaseException, DbtRuntimeError

from pec import build_lock, damage, end_of_build, modes, places, privacy, progress, project, publication


class BuildStopped(DbtBaseException):
    """The build cannot begin. dbt prints the text alone: no traceback, and no words of its own, as it would for a DbtRuntimeError."""


class Plugin(BasePlugin):
    """Keeps other builds away, sets SQL variables on each connection, says how far a build is, and ends it."""

    def initialize(self, plugin_config):
        """Takes the lock of the warehouse, for as long as dbt has it open, sets who may read what is written, and sets a damaged warehouse aside.

        plugin_config: not used.  BuildStopped: another build runs, or a variable of the environment is wrong.
        """
        try:
            modes.tighten()
            privacy.mode()
            modes.tighten_logs(get_flags().LOG_PATH)
            self.lock = build_lock.take(self.creds.path) if is_file(self.creds.path) else None
            damage.tell("WARNING", damage.set_aside(self.creds.path, places.archive()))
            self.say_how_far()
        except (build_lock.WarehouseError, ValueError) as error:
            raise BuildStopped(str(error)) from error

    def say_how_far(self):
        """Says how far a build is, as dbt tells: nothing of other commands."""
        if getattr(get_flags(), "WHICH", None) in ("build", "run"):
            progress.start()
            plugin = weakref.ref(self)  # dbt keeps its callbacks longer than the warehouse may stay open
            add_callback_to_manager(progress.Nodes(lambda: plugin().connection.cursor()))

    def update_connection_config(self, creds, config):
        """Opens the warehouse before dbt-duckdb does, which would print a traceback if another process has it open.

        creds, config: of dbt-duckdb. It opens the same file with the same config, and gets the same database.  BuildStopped: it cannot be opened.
        """
        try:
            self.connection = build_lock.open_warehouse(creds.path, config) if is_file(creds.path) else None
        except build_lock.WarehouseError as error:
            raise BuildStopped(str(error)) from error

    def configure_connection(self, conn):
        """Keeps the connection to the warehouse, for what is done at the end of a build, and the project's fingerprints.  conn: a DuckDB connection."""
        self.connection = conn
        flags = get_flags()  # sqlfluff sets neither of the two
        self.versions = project.versions(getattr(flags, "PROJECT_DIR", None) or ".", getattr(flags, "VARS", None))

    def configure_cursor(self, cursor):
        """Sets the variables by which models find the archive (models/staging/archive/_sources.yml) and know the project (project_version).

        cursor: a DuckDB connection; variables belong to one connection and are not inherited.
        """
        cursor.execute("set variable pec_archive = ?", [str(places.archive())])
        for name in ("rules_version", "reference_data_version", "settings_version"):
            cursor.execute(f"set variable pec_{name} = ?", [self.versions[name]])

    def store(self, target_config):
        """Ends a build (macro end_build).  target_config: of dbt-duckdb; its config holds what end_of_build.end() needs of the run."""
        with self.connection.cursor() as cursor:
            self.configure_cursor(cursor)
            try:
                end_of_build.end(cursor, target_config.config, self.versions)
            except (publication.PublicationError, end_of_build.BuildHeld) as error:
                raise DbtRuntimeError(str(error)) from error
            finally:
                progress.stop()


def is_file(path):
    """Whether a warehouse is a file, and not in memory or elsewhere. path: of dbt's profile."""
    return ":" not in path
