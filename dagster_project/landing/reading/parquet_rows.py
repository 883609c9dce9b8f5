"""Parquet of the canonical columns, read as the native JSON lines that would say the same, row for row.

So a row passes the same decoder and the same gate as a line, gets the same verdict, and has an offset: that of its
line. Of which table a row is, its `event_type` column says; else the file's metadata (`reliability.table`); else the
columns do. NULL is a key that is not there. What landing sets itself (provenance, event_date) is set anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import records
from dagster_project.landing.decoding.gate import REQUIRED
from dagster_project.landing.reading.json_values import texts_of

TABLE_KEY = b"reliability.table"
"""Key of the file's metadata that names its table, where columns alone do not."""

_EVENT_TYPES: dict[str, str] = {
    "runs": "run", "steps": "step", "llm_calls": "llm_call", "tool_calls": "tool_call", "messages": "message",
    "scores": "score", "errors": "error",
}  # fmt: skip
_ENVELOPE = ("organization_id", "event_id", "occurred_at")
_SET_BY_LANDING = frozenset(records.PROVENANCE) | {"event_date"}
_ROWS_AT_ONCE = 256
_BYTES_AT_ONCE = 8 << 20
_LARGEST_COLUMN_BYTES = 256 << 20
_LARGEST_AVERAGE_BYTES = 8 << 20
_UNSUSPICIOUS_BYTES = 16 << 20
_LARGEST_FOOTER_BYTES = 4 << 20


class NotCanonicalError(Exception):
    """The file is Parquet that cannot be landed; the message says why."""


def refusal(path: Path) -> str | None:
    """Why the Parquet file at that path cannot be landed, or None. Raises OSError."""
    with path.open("rb") as handle:
        try:
            _event_type_of(_open(handle))
        except NotCanonicalError as error:
            return f"it is Parquet, but {error}"
    return None


def rows_as_lines(handle: BinaryIO) -> Iterator[tuple[bytes, float]]:
    """The rows as JSON lines, some at a time, each with the share of the rows that is read by then.

    A damaged row group takes no other one with it. Raises NotCanonicalError, for damage at the end of all that can
    be read.
    """
    file = _open(handle)
    event_type = _event_type_of(file)
    columns = [name for name in file.schema_arrow.names if name not in _SET_BY_LANDING]
    said = [] if event_type is None else [b'"event_type":"%s"' % event_type.encode()]
    damage: list[str] = []
    done = 0
    slices = _Slices()
    for group in range(file.metadata.num_row_groups):
        batches = file.iter_batches(batch_size=_ROWS_AT_ONCE, row_groups=[group], columns=columns, use_threads=False)
        try:
            for batch in batches:
                for lines, rows in slices.lines(batch, said):
                    done += rows
                    yield lines, done / max(done, file.metadata.num_rows)
        except (pa.ArrowException, OSError) as error:
            damage.append(f"row group {group + 1} of {file.metadata.num_row_groups}: {_first_line(error)}")
    if damage:
        raise NotCanonicalError(f"rows cannot be read: {'; '.join(damage[:3])}")


class _Slices:
    """Batches in slices of about so many bytes as lines: a dictionary makes large rows of a small file."""

    def __init__(self) -> None:
        self._rows = 8

    def lines(self, batch: pa.RecordBatch, said: list[bytes]) -> Iterator[tuple[bytes, int]]:
        start = 0
        while start < batch.num_rows:
            rows = batch.slice(start, self._rows)
            lines = _lines(rows, said)
            yield lines, rows.num_rows
            start += rows.num_rows
            wanted = rows.num_rows * _BYTES_AT_ONCE // len(lines)
            self._rows = max(1, min(wanted, 4 * self._rows, _ROWS_AT_ONCE))


def _open(handle: BinaryIO) -> pq.ParquetFile:
    handle.seek(0, 2)
    size = handle.tell()
    handle.seek(max(0, size - 8))
    footer_bytes = int.from_bytes(handle.read(4), "little")
    if handle.read(4) != b"PAR1":
        raise NotCanonicalError("it does not end like Parquet: the file is cut short")
    if footer_bytes > min(size, _LARGEST_FOOTER_BYTES):
        raise NotCanonicalError(f"its footer says to be of {footer_bytes} bytes")
    handle.seek(0)
    try:
        file = pq.ParquetFile(handle, pre_buffer=False)
        names = file.schema_arrow.names
    except (pa.ArrowException, OSError) as error:
        raise NotCanonicalError(f"it cannot be read: {_first_line(error)}") from error
    if len(set(names)) < len(names):
        raise NotCanonicalError("two of its columns have one name")
    metadata = file.metadata
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            _refuse_bomb(metadata.row_group(group).column(column))
    return file


def _refuse_bomb(column: pq.ColumnChunkMetaData) -> None:
    """A column of a row group is read whole, so it must be of a size, of no suspicious one, and of usual values."""
    size = column.total_uncompressed_size
    ratio = size / max(1, column.total_compressed_size)
    average = size / max(1, column.num_values)
    if size > _LARGEST_COLUMN_BYTES or average > _LARGEST_AVERAGE_BYTES or (size > _UNSUSPICIOUS_BYTES and ratio > 200):
        raise NotCanonicalError(
            f"its column {column.path_in_schema[:60]!r} has {column.num_values} values in {size >> 20} MiB of "
            f"a row group, {ratio:.0f} times what they take in the file"
        )


def _event_type_of(file: pq.ParquetFile) -> str | None:
    """The event_type of all rows; None when each row says its own."""
    names = frozenset(file.schema_arrow.names)
    if missing := [name for name in _ENVELOPE if name not in names]:
        raise NotCanonicalError(f"it has no column {', '.join(missing)}: it is not of the canonical columns")
    if "event_type" in names:
        return None
    named = (file.schema_arrow.metadata or {}).get(TABLE_KEY) or (file.metadata.metadata or {}).get(TABLE_KEY)
    if named is not None:
        table = named.decode("utf-8", "replace")
        if table not in _EVENT_TYPES:
            raise NotCanonicalError(f"its {TABLE_KEY.decode()} {table[:40]!r} is none of {', '.join(_EVENT_TYPES)}")
        return _EVENT_TYPES[table]
    return _EVENT_TYPES[_likeliest_table(names)]


def _likeliest_table(names: frozenset[str]) -> str:
    """The one table with most of the columns, of those whose required columns are all there."""
    said = names - frozenset(records.EVENT) - _SET_BY_LANDING
    fits = {
        table: (len(said & frozenset(records.TABLES[table].names)), len({*REQUIRED.get(table, ())} - {"run_id"}))
        for table in _EVENT_TYPES
        if said.issuperset(REQUIRED.get(table, ())) and said & frozenset(records.TABLES[table].names)
    }
    best = [table for table, count in fits.items() if count == max(fits.values())]
    if len(best) == 1:
        return best[0]
    what = f"columns of {' and '.join(best)}" if best else "the required columns of no table"
    raise NotCanonicalError(
        f"it has {what}: give it a column event_type, or name its table in the metadata as {TABLE_KEY.decode()}"
    )


def _lines(rows: pa.RecordBatch, said: list[bytes]) -> bytes:
    columns = []
    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        [key] = texts_of(pa.array([name]))
        columns.append([None if text is None else b"%s:%s" % (key, text) for text in texts_of(column)])
    lines = [b"{%s}" % b",".join([*said, *filter(None, row)]) for row in zip(*columns, strict=True)]
    return b"\n".join([*lines, b""])


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
