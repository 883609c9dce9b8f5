"""Rows of landed Parquet files as a relation: exactly the files that are named, with the columns of today."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import records
from dagster_project.settings import Settings

_DUCKDB_TYPES = {
    records.TEXT: "varchar",
    records.COUNT: "bigint",
    records.REAL: "double",
    records.FLAG: "boolean",
    records.DAY: "date",
    records.INSTANT: "timestamp",
    records.LABELS: "map(varchar, varchar)",
    records.TEXTS: "varchar[]",
    pa.map_(pa.string(), pa.int64()): "map(varchar, bigint)",
    pa.binary(): "blob",
}


def column_list(schema: pa.Schema) -> str:
    return ", ".join(f'"{name}"' for name in schema.names)


def landed_rows(settings: Settings, schema: pa.Schema, paths: Sequence[str]) -> str:
    """A relation over exactly these files; without any, an empty one of the same shape.

    Columns that a file landed before they were known are NULL in it.
    """
    typed = ", ".join(f'cast(null as {_DUCKDB_TYPES[field.type]}) as "{field.name}"' for field in schema)
    empty = f"select {typed} where false"
    if not paths:
        return f"({empty})"
    if all(_has_columns(settings.home / path, schema) for path in paths):
        return parquet_source(settings, paths)
    return f"({empty} union all by name select * from {parquet_source(settings, paths, by_name=True)})"  # noqa: S608


def parquet_source(settings: Settings, paths: Sequence[str], *, by_name: bool = False, with_name: bool = False) -> str:
    """A table function over exactly these files, `with_name` of the file in column `filename`.

    Paths hold only our own names (table, validated date, hash) below the data root, quoted as a literal.
    """
    quoted = ", ".join("'" + str(settings.home / path).replace("'", "''") + "'" for path in paths)
    options = f"union_by_name = {str(by_name).lower()}, filename = {str(with_name).lower()}"
    return f"read_parquet([{quoted}], hive_partitioning = false, {options})"


def _has_columns(path: Path, schema: pa.Schema) -> bool:
    """Whether the file was written with every column that the table has now. Raises OSError."""
    return set(schema.names) <= set(pq.read_schema(path).names)
