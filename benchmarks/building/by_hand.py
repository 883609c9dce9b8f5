"""The same marts by hand-written SQL, and whether they are equal: `python -m benchmarks.building.by_hand FILE [OURS]`.

Writes FILE from what has landed below RELIABILITY_HOME. With OURS, a warehouse of the product, every row of FILE's
marts must be in it and the reverse, in the columns that FILE has; real numbers to seven decimals.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

from dagster_project.publishing.landed_rows import landed_rows
from dagster_project.publishing.warehouse import LANDED_SCHEMAS
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot

_SQL = Path(__file__).with_name("comparator.sql")


def main(file: str, ours: str | None = None) -> None:
    """Print the seconds, and the marts that differ."""
    Path(file).unlink(missing_ok=True)
    settings = Settings.from_environment()
    with duckdb.connect(file) as connection:
        _show_landed(connection, settings)
        began = time.perf_counter()
        connection.execute(_SQL.read_text(encoding="utf-8"))
        connection.execute("checkpoint")
        seconds = time.perf_counter() - began
        differing = _differing(connection, ours) if ours else []
    print(json.dumps({"seconds": seconds, "differing": differing}))


def _show_landed(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    snapshot = read_snapshot(settings)
    connection.execute("create schema landed")
    for table, schema in LANDED_SCHEMAS.items():
        paths = [file.path for file in snapshot.files(table)]
        connection.execute(f"create view landed.{table} as select * from {landed_rows(settings, schema, paths)}")  # noqa: S608


def _differing(connection: duckdb.DuckDBPyConnection, ours: str) -> list[str]:
    connection.execute(f"attach '{ours}' as reliability (read_only)")
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'marts'"
    ).fetchall()
    return [table for (table,) in sorted(tables) if _rows_apart(connection, table)]


def _rows_apart(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    columns = connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'marts' and table_name = ?",
        [table],
    ).fetchall()
    shown = ", ".join(
        f"round(cast({name} as double), 7)" if kind.startswith(("DOUBLE", "DECIMAL")) else name
        for name, kind in columns
    )
    mine, theirs = (f"select {shown} from {place}marts.{table}" for place in ("", "reliability."))  # noqa: S608
    return connection.execute(
        f"select count(*) from (({mine} except all {theirs}) union all ({theirs} except all {mine}))"  # noqa: S608
    ).fetchall()[0][0]


if __name__ == "__main__":
    main(*sys.argv[1:])
