"""Columns of RFC 3339 times: the instants of `times.parse_instant`, the usual spellings many at once."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project import records
from dagster_project.formats.base import Rejected
from dagster_project.formats.times import parse_instant

_SEPARATORS = {0: "2", 1: "0", 4: "-", 7: "-", 10: "T", 13: ":", 16: ":"}
_UTC = pa.timestamp("us", tz="UTC")


def parse_instants(column: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """The UTC instants (naive, microseconds; NULL stays NULL), and whether each could be read."""
    if column.null_count == 0:
        usual = _usual(column)
        if usual is not None:
            return usual, np.ones(len(column), dtype=bool)
    values: list[dt.datetime | None] = []
    readable = np.ones(len(column), dtype=bool)
    known: dict[str | None, dt.datetime | None] = {None: None}
    for row, text in enumerate(column.to_pylist()):
        if text not in known:
            try:
                known[text] = parse_instant(text)
            except Rejected:
                readable[row] = False
                values.append(None)
                continue
        values.append(known[text])
    return pa.array(values, records.INSTANT), readable


def _usual(column: pa.Array) -> pa.Array | None:
    """All instants when every one is YYYY-MM-DDTHH:MM:SS[.f…]Z with as many digits; None when not."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[column.offset :][: len(column) + 1]
    length = int(offsets[1] - offsets[0]) if len(column) else 0
    if not (length == 20 or 22 <= length <= 27) or not (np.diff(offsets) == length).all():
        return None
    letters = np.frombuffer(column.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]].reshape(-1, length)
    separators = _SEPARATORS | {length - 1: "Z"} | ({19: "."} if length > 20 else {})
    least = np.array([ord(separators.get(place, "0")) for place in range(length)], dtype=np.uint8)
    spread = np.array([0 if place in separators else 9 for place in range(length)], dtype=np.uint8)
    if not (letters - least <= spread).all():  # what is less becomes more than any spread
        return None
    try:
        return pc.cast(pc.cast(column, _UTC), records.INSTANT)
    except pa.ArrowInvalid:
        return None  # some day or hour is none: which one, the slow way tells
