"""The rows of a landed file that must go, and those that stay, by the search's numbers; some at a time."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import records

SCHEMAS = {**records.TABLES, "payloads": records.PAYLOADS, "quarantine": records.QUARANTINE}
_ROWS_AT_ONCE = 4_096
"""Of a file that is written anew without some of its rows: payloads and quarantine hold whole texts."""


def row_counts(found: duckdb.DuckDBPyRelation) -> list[tuple[str, int]]:
    """Each file of which the search has found rows, and how many."""
    return found.aggregate("path, count(*)", "path").order("path").fetchall()


def row_numbers(found: duckdb.DuckDBPyRelation, path: str) -> np.ndarray:
    """Numbers of the file's rows, from 0, that the search has found."""
    of_file = found.filter(duckdb.ColumnExpression("path") == duckdb.ConstantExpression(path))
    return np.asarray(of_file.project("row_number").order("row_number").fetchnumpy()["row_number"])


def rows_among(path: Path, table: str, numbers: np.ndarray) -> Iterator[pa.Table]:
    """The file's rows of these numbers."""
    for rows, is_one in _marked(path, table, numbers):
        yield rows.filter(pa.array(is_one))


def rows_without(path: Path, table: str, numbers: np.ndarray) -> Iterator[pa.Table]:
    """The file's other rows; of quarantined units only the bytes are gone."""
    for rows, is_one in _marked(path, table, numbers):
        yield _without_bytes(rows, ~is_one) if table == "quarantine" else rows.filter(pa.array(~is_one))


def _marked(path: Path, table: str, numbers: np.ndarray) -> Iterator[tuple[pa.Table, np.ndarray]]:
    """The file's rows, and which of them have these numbers."""
    start = 0
    for batch in pq.ParquetFile(path).iter_batches(batch_size=_ROWS_AT_ONCE):
        rows = records.in_columns_of(pa.Table.from_batches([batch]), SCHEMAS[table])
        here = numbers[np.searchsorted(numbers, start) : np.searchsorted(numbers, start + len(rows))] - start
        is_one = np.zeros(len(rows), dtype=bool)
        is_one[here] = True
        start += len(rows)
        yield rows, is_one


def _without_bytes(rows: pa.Table, is_kept: np.ndarray) -> pa.Table:
    held = [raw if kept else None for raw, kept in zip(rows["raw_bytes"].to_pylist(), is_kept, strict=True)]
    place = rows.schema.get_field_index("raw_bytes")
    return rows.set_column(place, rows.schema.field(place), pa.array(held, pa.binary()))
