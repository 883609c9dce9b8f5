"""Native lines of one event type, parsed at once by a strict columnar JSON reader.

The reader refuses what is no JSON, a member written twice, an unknown one, and a value of another type; of what it
takes, only NaN, Infinity and integers that no double holds, in a real number's place, are left to be refused here. It
tells lines apart only by the objects in them: see `is_one_object_each`.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from dagster_project import records
from dagster_project.formats.columnar import Lines, filled
from dagster_project.formats.native.content import RESERVED

_OPEN, _CLOSE, _RETURN = (ord(letter) for letter in "{}\r")
_RESERVED = re.compile(RESERVED)
_SAMPLE_LINES = 8
_FEW_LINES = 64
_LABEL_KEYS = 64
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.\-/: ]{1,64}")
_BEYOND = 2.0**53
_PYTHON_TYPES: dict[pa.DataType, Any] = {
    records.TEXT: str, records.COUNT: int, records.REAL: float, records.FLAG: bool, records.TEXTS: list[str],
    records.LABELS: dict[str, str | None],
}  # fmt: skip


def is_one_object_each(lines: Lines) -> np.ndarray:
    """Of each line, whether it begins like an object and ends like one.

    When every line of a stretch does, and there are as many objects as lines, each line is one object: an object
    over two lines would have `}` before and `{` after the line break, which within an object no JSON has.
    """
    letters = np.frombuffer(lines.data, dtype=np.uint8)
    last = letters[lines.ends - 1]
    before = letters[np.maximum(lines.ends - 2, 0)]
    closes = (last == _CLOSE) | ((last == _RETURN) & (before == _CLOSE))
    return closes & (letters[lines.starts] == _OPEN) & (lines.ends - lines.starts >= 2)


def without_reserved(lines: Lines) -> np.ndarray:
    """Of each line, whether it writes none of the characters that the content's text is made with."""
    plain = np.ones(len(lines), dtype=bool)
    if b"\\" in lines.data and b"\\u001" in lines.data:  # one byte is found many times faster than a text
        found = [match.start() for match in _RESERVED.finditer(lines.data)]
        plain[np.searchsorted(lines.ends, found, side="right")] = False
    return plain


class BlockReader:
    """Reads lines of one event type whose members are `members`, by type. It learns which of them occur."""

    def __init__(self, members: dict[str, pa.DataType]) -> None:
        self._members = members
        self._usual: frozenset[str] = frozenset()
        self._label_keys: frozenset[str] = frozenset({"label"})  # any one, as a struct without fields cannot be read
        self._decoder = msgspec.json.Decoder(_record_type(members))

    def read(self, lines: Lines) -> Iterator[tuple[np.ndarray, dict[str, pa.Array]]]:
        """Stretches of the lines (each one object) that could be read: which lines, and their columns."""
        columns = self._columns(lines, self._sampled(lines))
        if columns is not None:
            yield np.arange(len(lines)), self._present(columns)
            return
        rows = self._readable(lines)
        yield from self._halves(lines, rows)

    def _halves(self, lines: Lines, rows: np.ndarray) -> Iterator[tuple[np.ndarray, dict[str, pa.Array]]]:
        """The rows without the neighbourhoods of those that only the columnar reader refuses (a member twice)."""
        columns = self._columns(lines.take(rows), frozenset(self._members)) if len(rows) else None
        if columns is not None:
            yield rows, self._present(columns)
        elif len(rows) > _FEW_LINES:
            middle = len(rows) // 2
            yield from self._halves(lines, rows[:middle])
            yield from self._halves(lines, rows[middle:])

    def _present(self, columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
        present = {name: column for name, column in columns.items() if column.null_count < len(column)}
        self._usual |= present.keys()
        return present

    def _sampled(self, lines: Lines) -> frozenset[str]:
        seen: set[str] = set(self._usual)
        for row in range(min(_SAMPLE_LINES, len(lines))):
            try:
                value = msgspec.json.decode(lines.line(row))
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                continue
            if type(value) is dict:
                seen.update(value)
                self._learn_labels(value.get("labels"))
        return frozenset(seen & self._members.keys())

    def _columns(self, lines: Lines, names: frozenset[str]) -> dict[str, pa.Array] | None:
        """The columns of all lines, or None when some line cannot be read."""
        schema = pa.schema([(name, self._kind(name)) for name in self._members if name in names])
        if not schema.names:
            return None
        try:
            lines.data.decode()
            table = pyarrow.json.read_json(
                pa.BufferReader(lines.data),
                read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines.data) + 1),
                parse_options=pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
            )
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        if len(table) != len(lines):
            return None
        return {name: table[name].combine_chunks() for name in schema.names}

    def _kind(self, name: str) -> pa.DataType:
        """How the member is read: labels, whose keys are data, as a struct of the keys met so far, in order."""
        kind = self._members[name]
        if pa.types.is_map(kind):
            return pa.struct([(key, records.TEXT) for key in sorted(self._label_keys)])
        return kind

    def _learn_labels(self, labels: Any) -> bool:
        """Whether all of them can be read."""
        if not isinstance(labels, dict) or self._label_keys.issuperset(labels):
            return True
        known = self._label_keys.union(labels)
        if len(known) <= _LABEL_KEYS and all(_PLAIN_KEY.fullmatch(key) for key in known):
            self._label_keys = known
        return self._label_keys.issuperset(labels)

    def _readable(self, lines: Lines) -> np.ndarray:
        """The lines that a line-wise typed decoder takes: the reader refuses the whole stretch for one bad line."""
        readable = []
        for row in range(len(lines)):
            try:
                record = self._decoder.decode(lines.line(row))
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                continue
            if self._learn_labels(getattr(record, "labels", None)):
                readable.append(row)
        return np.array(readable, dtype=np.int64)


def _record_type(members: dict[str, pa.DataType]) -> type:
    fields: list[Any] = [(name, _python_type(kind) | None, None) for name, kind in members.items()]
    return msgspec.defstruct("record", fields, forbid_unknown_fields=True, gc=False)


def _python_type(kind: pa.DataType) -> Any:
    return _record_type({field.name: field.type for field in kind}) if pa.types.is_struct(kind) else _PYTHON_TYPES[kind]


def are_exact(column: pa.Array) -> np.ndarray:
    """Of each real number, whether it is as it was written: finite, and no integer that was rounded."""
    within = pc.call_function("less", [pc.call_function("abs", [column]), pa.scalar(_BEYOND)])
    return filled(within, missing=True).to_numpy(zero_copy_only=False)
