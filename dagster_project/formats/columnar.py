"""Many lines decoded at once, column by column: what passes between a format that can do so and landing.

A columnar decoder never judges: it takes lines of which it can prove that `Format.decode` would land them with the
very same values, and leaves every other line to `decode`, which has the last word and the reasons.
"""

import hashlib
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.formats.base import FileFacts, Format

_SHA256_DIGITS = 64


class Lines(msgspec.Struct, frozen=True):
    """Whole lines in one stretch of bytes: line i is `data[starts[i]:ends[i]]`, its newline not included."""

    data: bytes
    starts: np.ndarray
    ends: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, row: int) -> bytes:
        """The bytes of one line."""
        return self.data[self.starts[row] : self.ends[row]]

    def take(self, rows: np.ndarray) -> "Lines":
        """Some of the lines, as a stretch of their own."""
        if len(rows) == len(self):
            return self
        taken = [self.data[start:end] for start, end in zip(self.starts[rows], self.ends[rows], strict=True)]
        ends = np.cumsum(self.ends[rows] - self.starts[rows] + 1) - 1
        return Lines(b"\n".join(taken) + b"\n", np.append(0, ends[:-1] + 1)[: len(rows)], ends)


class RecordColumns(msgspec.Struct):
    """Records of one table: equally long arrays by column, and the event (its place in the columns) of each."""

    table: str
    columns: dict[str, pa.Array]
    events: np.ndarray

    def where(self, kept: np.ndarray, places: np.ndarray) -> "RecordColumns":
        """The records of the kept events; `places` are the events' new places."""
        mine = kept[self.events]
        columns = {name: column.filter(pa.array(mine)) for name, column in self.columns.items()}
        return RecordColumns(self.table, columns, places[self.events[mine]])


class TextColumns(msgspec.Struct):
    """Texts for the payload lane: their kind, hashes, texts, and the event of each."""

    payload_kind: str
    sha256: pa.Array
    text: pa.Array
    events: np.ndarray

    def where(self, kept: np.ndarray, places: np.ndarray) -> "TextColumns":
        """The texts of the kept events; `places` are the events' new places."""
        mine = kept[self.events]
        is_mine = pa.array(mine)
        return TextColumns(
            self.payload_kind, self.sha256.filter(is_mine), self.text.filter(is_mine), places[self.events[mine]]
        )


class EventColumns(msgspec.Struct):
    """Events of one kind, equally long arrays; see Event for what each column means. `rows`: the lines they are.

    `content_sha256` is the hash of the canonical text whose equality decides duplicate or conflict; `record_count`
    counts each event's records.
    """

    unit_kind: str
    rows: np.ndarray
    organization_id: pa.Array
    event_id: pa.Array
    event_date: pa.Array
    occurred_at: pa.Array
    content_sha256: pa.Array
    record_count: np.ndarray
    records: list[RecordColumns]
    texts: list[TextColumns]

    def where(self, kept: np.ndarray) -> "EventColumns":
        """The events where `kept`, and what belongs to them."""
        if kept.all():
            return self
        is_kept = pa.array(kept)
        places = np.cumsum(kept) - 1
        return EventColumns(
            unit_kind=self.unit_kind,
            rows=self.rows[kept],
            organization_id=self.organization_id.filter(is_kept),
            event_id=self.event_id.filter(is_kept),
            event_date=self.event_date.filter(is_kept),
            occurred_at=self.occurred_at.filter(is_kept),
            content_sha256=self.content_sha256.filter(is_kept),
            record_count=self.record_count[kept],
            records=[records.where(kept, places) for records in self.records],
            texts=[texts.where(kept, places) for texts in self.texts],
        )


@runtime_checkable
class ColumnarFormat(Format, Protocol):
    """A format of lines that decodes many at once."""

    def decode_lines(self, lines: Lines, facts: FileFacts) -> Iterator[EventColumns]:
        """Events of the lines that are proven to land as `decode` would land them; the others are left out."""


def filled(column: pa.Array, *, missing: float) -> pa.Array:
    """The column with a value for NULL; Arrow copies one without any."""
    return column.fill_null(missing) if column.null_count else column


def sha256_texts(column: pa.Array) -> pa.Array:
    """The sha256 of each text's UTF-8 bytes; NULL of NULL."""
    sha256 = hashlib.sha256
    texts = pc.cast(column.drop_null(), pa.binary()).to_pylist()
    # Digits of all hashes in one go: hexdigest() costs as much again as a short text's hash.
    digits = b"".join([sha256(text).digest() for text in texts]).hex().encode()
    offsets = np.arange(0, _SHA256_DIGITS * len(texts) + 1, _SHA256_DIGITS, dtype=np.int32)
    hashes = pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(digits))
    if not column.null_count:
        return hashes
    is_there = column.is_valid().to_numpy(zero_copy_only=False)
    return hashes.take(pa.array(np.cumsum(is_there) - 1, mask=~is_there))
