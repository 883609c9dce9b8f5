"""Readies every DuckDB connection that dbt opens (named in dbt/profiles.yml): our SQL functions, and its threads."""

import os

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from dagster_project.failures import functions as failure_functions
from dagster_project.functions_beside import Beside
from dagster_project.statistics import functions as statistics_functions

_RUNS_A_THREAD = 75_000
"""Runs to derive for which one more thread is worth what it costs: most queries of a day are over in milliseconds,
which threads spend on each other. docs/decisions/0020-a-days-queries-take-one-thread-each.md has what was measured."""
_KEPT_FOR_ONE = 10
"""Of so many runs that are only looked at again, in windows and ranks, there is as much to do as of one derived."""
beside: Beside | None = None
"""What answers the functions of texts, where a process does."""


class Plugin(BasePlugin):
    """dbt-duckdb calls `configure_connection` once per connection."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        statistics_functions.register(conn)
        if beside:
            failure_functions.register(conn, by=beside.answering)
        else:
            failure_functions.register(conn)
        take_threads(conn)


def take_threads(connection: DuckDBPyConnection) -> None:
    """As many threads a query as there are runs for, and at most what the machine has. Answers are the same."""
    sizes = dict(
        connection.execute(
            "select schema_name, estimated_size from duckdb_tables() "
            "where (schema_name, table_name) in (('declared', 'affected_runs'), ('kept', 'runs'))"
        ).fetchall()
    )
    if sizes.keys() == {"declared", "kept"}:
        wanted = 1 + (sizes["declared"] + sizes["kept"] // _KEPT_FOR_ONE) // _RUNS_A_THREAD
        connection.execute(f"set threads = {min(wanted, len(os.sched_getaffinity(0)))}")
