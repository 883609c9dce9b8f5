"""Registers our SQL functions on every DuckDB connection that dbt opens (named in dbt/profiles.yml)."""

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from dagster_project.failures import functions as failure_functions
from dagster_project.statistics import functions as statistics_functions


class Plugin(BasePlugin):
    """dbt-duckdb calls `configure_connection` once per connection."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        statistics_functions.register(conn)
        failure_functions.register(conn)
