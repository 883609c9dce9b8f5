"""Parts: what one worker decoded, as Arrow files in the work folder, sorted by event date.

A part holds the units of some chunks and their records, texts and quarantined units. Records point to their
unit by its row (`unit_row`); what all records of a unit share is stored once, in `units`. Parts are scratch:
they exist between decoding and the commit, and are named by their place in the work, never by their content.
"""

import datetime as dt
from pathlib import Path

import msgspec
import pyarrow as pa

from dagster_project import records

UNITS_PART: pa.Schema = pa.schema(
    {
        "organization_id": records.TEXT,
        "event_id": records.TEXT,
        "event_date": records.DAY,
        "occurred_at": records.INSTANT,
        "unit_kind": records.TEXT,
        "content_sha256": records.TEXT,
        "record_count": records.COUNT,
        "chunk": pa.int32(),
        "unit_number": records.COUNT,
        "line_number": records.COUNT,
        "byte_offset": records.COUNT,
        "byte_length": records.COUNT,
    }
)
TEXTS_PART: pa.Schema = pa.schema(
    {
        "sha256": records.TEXT,
        "payload_kind": records.TEXT,
        "text": records.TEXT,
        "consent": records.TEXT,
        "retention_days": records.COUNT,
        "unit_row": pa.int32(),
    }
)
BROKEN_PART: pa.Schema = pa.schema(
    {
        "chunk": pa.int32(),
        "unit_number": records.COUNT,
        "line_number": records.COUNT,
        "byte_offset": records.COUNT,
        "byte_length": records.COUNT,
        "reason": records.TEXT,
        "detail": records.TEXT,
        "raw_sha256": records.TEXT,
        "raw_bytes": pa.binary(),
    }
)


# A column has a buffer or three in each stretch of lines, and each would be written by itself.
_WRITTEN_BYTES = 1 << 20


class DateSlice(msgspec.Struct, frozen=True):
    """Rows of one event date in a part: (start, length) in `units` and in each table that has any."""

    event_date: dt.date | None
    units: tuple[int, int]
    tables: dict[str, tuple[int, int]]


class Part(msgspec.Struct, frozen=True):
    """A written part: `stem` is its path without the `.<table>.arrow` ending."""

    stem: str
    unit_count: int
    text_count: int
    broken_count: int
    slices: list[DateSlice]

    def path(self, table: str) -> Path:
        return Path(f"{self.stem}.{table}.arrow")


def read_part(path: Path) -> pa.Table:
    """A part's file, mapped into memory: nothing is copied until it is used."""
    return pa.ipc.open_stream(pa.memory_map(str(path))).read_all()


def write_part(table: pa.Table, path: str) -> None:
    """Write one of a part's files; not durably, it is scratch.

    As a stream: to find its way by the footer that a file ends with takes a reader 60 µs more.
    """
    with (
        pa.BufferedOutputStream(pa.OSFile(path, "wb"), _WRITTEN_BYTES) as sink,
        pa.ipc.new_stream(sink, table.schema) as writer,
    ):
        writer.write_table(table)
