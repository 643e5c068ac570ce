"""What a build needs of Python, brought in by the adapter's own means: a plugin of dbt-duckdb (profiles.yml)."""

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from pec import damage, places, project, publication


class Plugin(BasePlugin):
    """Sets a damaged warehouse aside, sets the archive's path on each connection, and publishes the marts of a green build."""

    def initialize(self, plugin_config):
        """Sets a damaged warehouse aside before it is opened. plugin_config: not used."""
        told = damage.set_aside(self.creds.path, places.archive())
        if told:
            print(f"WARNING: {told}.", flush=True)

    def configure_connection(self, conn):
        """Keeps the connection to the warehouse, for what is done at the end of a build.  conn: a DuckDB connection."""
        self.connection = conn

    def configure_cursor(self, cursor):
        """Sets the variable that sources of the archive are found by (models/staging/archive/_sources.yml).

        cursor: a DuckDB connection; variables belong to one connection and are not inherited.
        """
        cursor.execute("set variable pec_archive = ?", [str(places.archive())])

    def store(self, target_config):
        """Publishes the marts, or looks for damage in what went wrong (macros/publish.sql).

        target_config: of dbt-duckdb; its config holds the arguments of publication.publish(), and its relation is the table of changes; or its config
        holds `messages`, those of all results.
        """
        config = dict(target_config.config)
        if "messages" in config:
            self.note_damage(config["messages"])
            return
        about = config.pop("about") | {"landing_zone": places.landing_zone(), "archive": places.archive()} | project.versions()
        with self.connection.cursor() as cursor:
            self.configure_cursor(cursor)
            try:
                folder = publication.publish(
                    cursor, publication.Places(places.archive(), places.published()), about=about,
                    changes=f"from {target_config.relation} order by resource_month_id", **config,
                )  # fmt: skip
            except publication.PublicationError as error:
                self.note_damage([str(error)])
                raise DbtRuntimeError(str(error)) from error
            if folder.name != config["publication_id"]:
                cursor.execute("update build_state.last_green_build set publication_id = ?", [folder.name])
        if folder.name != config["publication_id"]:
            print(f"WARNING: the clock is behind the newest publication; this one is called {folder.name}. Set the clock right.", flush=True)

    def note_damage(self, messages):
        """Says so, and leaves a mark for the next build, if a build failed because the warehouse is damaged. messages: texts, of errors."""
        told = damage.note(self.creds.path, messages)
        if told:
            print(f"ERROR: {told}.", flush=True)
