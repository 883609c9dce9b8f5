"""What a build reads, registered in a Spark session: schema `landed` over exactly the snapshot's files, schema
`declared` as small Parquet tables.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import records
from dagster_project.errors import ReliabilityError
from dagster_project.publishing.slices import SLICED_TABLES, slice_paths, sliced_rows
from dagster_project.publishing.warehouse import LANDED_SCHEMAS, warehouse_file
from dagster_project.settings import Settings
from dagster_project.snapshots import Snapshot
from dagster_project.spark.sql_text import literal, without_patterns

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SPARK_TYPES = {
    records.TEXT: "string",
    records.COUNT: "bigint",
    records.REAL: "double",
    records.FLAG: "boolean",
    records.DAY: "date",
    records.INSTANT: "timestamp",
    records.LABELS: "map<string, string>",
    records.TEXTS: "array<string>",
    pa.map_(pa.string(), pa.int64()): "map<string, bigint>",
    pa.binary(): "binary",
}


def register_landed(session: "SparkSession", settings: Settings, snapshot: Snapshot, *, is_slice: bool) -> None:
    """Schema `landed`: each table over the files the snapshot names and no other, or empty of the same shape.

    Of a slice, the tables of runs show its records only, from the files that hold any. Needs schema `declared`.
    Raises ReliabilityError when Spark sees other files than those, as when a worker's disk lacks them.
    """
    session.sql("create schema landed")
    session.sql("create schema landed_files")
    for table, schema in LANDED_SCHEMAS.items():
        paths = [file.path for file in snapshot.files(table)]
        is_sliced = is_slice and table in SLICED_TABLES
        if is_sliced:
            with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
                paths = slice_paths(connection, snapshot, table)
        name = f"landed_files.`{table}`" if is_sliced else f"landed.`{table}`"
        columns = ", ".join(f"`{field.name}` {_SPARK_TYPES[field.type]}" for field in schema)
        place = f" options (path {literal(_glob(settings.home, paths))})" if paths else ""
        session.sql(f"create table {name} ({columns}) using parquet{place}")
        _refuse_missing(session, name, len(paths))
        if is_sliced:
            columns = ", ".join(f"`{field.name}`" for field in schema)
            session.sql(f"create view landed.`{table}` as {sliced_rows(table, columns=columns, source=name)}")


def register_declared(session: "SparkSession", settings: Settings, folder: Path) -> None:
    """Schema `declared`: the tables that lie in the private warehouse, written as Parquet below `folder`."""
    session.sql("create schema declared")
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'declared'").fetchall()
        for (name,) in sorted(names):
            place = folder / name
            place.mkdir(parents=True)
            pq.write_table(connection.table(f"declared.{name}").to_arrow_table(), place / "rows.parquet")
            session.sql(f"create table declared.`{name}` using parquet options (path {literal(str(place))})")


def _glob(home: Path, paths: list[str]) -> str:
    """One path pattern that matches exactly these files: Spark's SQL takes one path a table."""
    if len(paths) == 1:
        return without_patterns(str(home / paths[0]))
    # Names are our own (table, validated date, hash); the data root is the user's.
    folder = os.path.commonpath([Path(path).parent for path in paths])
    names = ",".join(without_patterns(str(Path(path).relative_to(folder))) for path in paths)
    return f"{without_patterns(str(home / folder))}/{{{names}}}"


def _refuse_missing(session: "SparkSession", name: str, count: int) -> None:
    seen = len(session.table(name).inputFiles())
    if seen != count:
        raise ReliabilityError(
            f"Spark sees {seen} of the {count} landed files of {name}.",
            remedy="Every machine of the cluster must see the landed files under the same path.",
        )
