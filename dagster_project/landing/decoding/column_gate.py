"""The gate for whole columns: which events pass as they are. Whoever does not is looked at alone, with reasons."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project import records
from dagster_project.formats.columnar import EventColumns, RecordColumns, filled
from dagster_project.landing.decoding.gate import REQUIRED, SHARES
from dagster_project.settings import Settings

_PRINTABLE = (0x20, 0x7E)


class ColumnGate:
    """Proves events good under one set of limits; what it lets pass, `Gate` lets pass unchanged."""

    def __init__(self, settings: Settings) -> None:
        self._id_bytes = settings.max_id_bytes
        self._message_bytes = settings.max_error_message_bytes

    def passes(self, events: EventColumns) -> np.ndarray:
        """Of each event, whether it is proven good: its ids, and every field of its records."""
        good = self._ids(events.organization_id) & self._ids(events.event_id)
        good &= _are_there(events.organization_id) & _are_there(events.event_id)
        for found in events.records:
            proven = np.ones(len(found.events), dtype=bool)
            for each in self._proofs(found):
                proven &= each
            if not proven.all():
                good[found.events[~proven]] = False
        return good

    def _proofs(self, found: RecordColumns) -> Iterator[np.ndarray]:
        for name in REQUIRED.get(found.table, ()):
            yield _are_there(found.columns[name]) if name in found.columns else np.zeros(len(found.events), dtype=bool)
        for name, column in found.columns.items():
            kind = records.TABLES[found.table].field(name).type
            if kind == records.TEXT:
                yield from self._texts(found.table, name, column)
            elif kind == records.COUNT:
                yield _at_least_zero(column)
            elif kind == records.REAL:
                yield _within(column, name)

    def _texts(self, table: str, name: str, column: pa.Array) -> Iterator[np.ndarray]:
        if (table, name) in records.ENUMS:
            allowed = pa.array(sorted(records.ENUMS[table, name]))
            yield _all_or_each(pc.call_function("is_in", [column], pc.SetLookupOptions(allowed)), column)
        elif name.endswith("_id"):
            yield self._ids(column)
        elif (table, name) == ("errors", "message"):
            yield _byte_lengths(column) <= self._message_bytes

    def _ids(self, column: pa.Array) -> np.ndarray:
        """Ids of printable ASCII and a permitted length, or none."""
        lengths = _byte_lengths(column)
        fits = (lengths > 0) & (lengths <= self._id_bytes)
        if column.null_count:
            fits |= column.is_null().to_numpy(zero_copy_only=False)
        letters = _letters(column)
        if len(letters) and not (letters.min() >= _PRINTABLE[0] and letters.max() <= _PRINTABLE[1]):
            fits &= _all_or_each(pc.call_function("ascii_is_printable", [column]), column)
        return fits


def _are_there(column: pa.Array) -> np.ndarray:
    return _byte_lengths(column) > 0


def _all_or_each(proven: pa.Array, column: pa.Array) -> np.ndarray:
    """The proof of each value; no value needs none."""
    proof = filled(proven, missing=True).to_numpy(zero_copy_only=False)
    return proof | column.is_null().to_numpy(zero_copy_only=False) if column.null_count else proof


def _at_least_zero(column: pa.Array) -> np.ndarray:
    return filled(column, missing=0).to_numpy() >= 0


def _within(column: pa.Array, name: str) -> np.ndarray:
    values = filled(column, missing=0.0).to_numpy()
    if name.endswith("_usd"):
        return (values >= 0) & (values < 1e9)
    return (values >= 0) & (values <= 1) if name in SHARES else np.isfinite(values)


def _byte_lengths(column: pa.Array) -> np.ndarray:
    """Bytes of each text; 0 for NULL."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset :][: len(column) + 1]
    lengths = np.diff(offsets)
    return lengths * column.is_valid().to_numpy(zero_copy_only=False) if column.null_count else lengths


def _letters(column: pa.Array) -> np.ndarray:
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset :][: len(column) + 1]
    data = column.buffers()[2]
    if data is None or not len(column):
        return np.empty(0, dtype=np.uint8)
    return np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]
