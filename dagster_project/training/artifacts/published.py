"""One reading of the published snapshot for an artifact: rows, tables, and whose build it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.training.writing.shards import PARQUET_OPTIONS

Row = TypeVar("Row", bound=msgspec.Struct)


class Published:
    """Reads one snapshot, whatever is published meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        ((self.build_id, self.snapshot_sha256),) = connection.execute(
            "select min(build_id), min(snapshot_sha256) from warehouse_build"
        ).fetchall()

    def table(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        return self._connection.execute(sql, list(parameters)).to_arrow_table()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        return self.table(sql, parameters).to_pylist()

    def structs(self, kind: type[Row], sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Rows as structs; the statement gives a column for each field."""
        return [msgspec.convert(row, kind, strict=False) for row in self.rows(sql, parameters)]


def write_parquet(table: pa.Table, path: Path) -> int:
    """Write the table with the same bytes every time; its row count."""
    pq.write_table(table, path, **PARQUET_OPTIONS)
    return len(table)


def write_json(value: Any, path: Path) -> None:
    """Write a document, indented, with a line feed at the end."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=2) + b"\n")
