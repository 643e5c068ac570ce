"""What a build needs of Python, brought in by the adapter's own means: a plugin of dbt-duckdb (profiles.yml)."""

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from pec import acknowledgements, places, project, publication


class Plugin(BasePlugin):
    """Sets the archive's path on each connection, and publishes the marts of a green build."""

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
            acknowledgements.keep_published(cursor, places.archive())
