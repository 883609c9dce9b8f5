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
from dagster_project.publishing.warehouse import LANDED_SCHEMAS, warehouse_file
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot

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
_GLOB_CHARACTERS = frozenset("\\{}[],*?")


def register_landed(session: "SparkSession", settings: Settings, snapshot: Snapshot) -> None:
    """Schema `landed`: each table over the files the snapshot names and no other, or empty of the same shape.

    Raises ReliabilityError when Spark sees other files than those, as when a worker's disk lacks them.
    """
    session.sql("create schema landed")
    for table, schema in LANDED_SCHEMAS.items():
        files = snapshot.files(table)
        columns = ", ".join(f"`{field.name}` {_SPARK_TYPES[field.type]}" for field in schema)
        place = f" options (path {_literal(_glob(settings.home, files))})" if files else ""
        session.sql(f"create table landed.`{table}` ({columns}) using parquet{place}")
        _refuse_missing(session, table, files)


def register_declared(session: "SparkSession", settings: Settings, folder: Path) -> None:
    """Schema `declared`: the tables that lie in the private warehouse, written as Parquet below `folder`."""
    session.sql("create schema declared")
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'declared'").fetchall()
        for (name,) in sorted(names):
            place = folder / name
            place.mkdir(parents=True)
            pq.write_table(connection.table(f"declared.{name}").to_arrow_table(), place / "rows.parquet")
            session.sql(f"create table declared.`{name}` using parquet options (path {_literal(str(place))})")


def _glob(home: Path, files: list[LiveFile]) -> str:
    """One path pattern that matches exactly these files: Spark's SQL takes one path a table."""
    if len(files) == 1:
        return _escaped(str(home / files[0].path))
    # Names are our own (table, validated date, hash); the data root is the user's.
    folder = os.path.commonpath([Path(file.path).parent for file in files])
    names = ",".join(_escaped(str(Path(file.path).relative_to(folder))) for file in files)
    return f"{_escaped(str(home / folder))}/{{{names}}}"


def _escaped(path: str) -> str:
    return "".join("\\" + character if character in _GLOB_CHARACTERS else character for character in path)


def _literal(text: str) -> str:
    """`text` as a Spark SQL string literal, where a backslash escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _refuse_missing(session: "SparkSession", table: str, files: list[LiveFile]) -> None:
    seen = len(session.table(f"landed.{table}").inputFiles())
    if seen != len(files):
        raise ReliabilityError(
            f"Spark sees {seen} of the {len(files)} landed files of table {table}.",
            remedy="Every machine of the cluster must see the landed files under the same path.",
        )
