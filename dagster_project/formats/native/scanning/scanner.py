"""Lines of one event type, read by the compiled scanner: which it took, and their columns, hashes and contents."""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec
import numpy as np
import pyarrow as pa

from dagster_project import records
from dagster_project.formats.columnar import Lines
from dagster_project.formats.native.scanning.content_steps import content_steps
from dagster_project.formats.native.scanning.kinds import (
    COUNT,
    FLAG,
    INSTANT,
    LANES,
    NONE,
    OBJECT,
    OTHER,
    REAL,
    TEXT,
    THERE,
)

_EIGHT = 8
_HASH_DIGITS = 64
_NUMBER_DIGITS = 20
_LARGEST_BYTES = 1 << 30
_KINDS = {records.TEXT: TEXT, records.COUNT: COUNT, records.REAL: REAL, records.FLAG: FLAG, records.INSTANT: INSTANT}


class Compiled(Protocol):
    """The compiled functions, as long as it is held."""

    @property
    def functions(self) -> Mapping[str, Callable[..., int]]: ...


class Scanned(msgspec.Struct):
    """The lines taken, and of each its members; `hashes` of texts, `content_sha256` of all it says, if known by now."""

    rows: np.ndarray
    columns: dict[str, pa.Array]
    hashes: dict[str, pa.Array]
    content_sha256: pa.Array | None


class Scanner:
    """Reads lines whose members are `members`; `hashed` are those whose hash is wanted too."""

    def __init__(self, compiled: Compiled, members: dict[str, pa.DataType], *, hashed: frozenset[str]) -> None:
        self._compiled = compiled
        self._functions = compiled.functions
        self._hashed = [name for name in members if name in hashed]
        self._names: list[str] = []
        self._parents: list[int] = []
        self._types: list[pa.DataType] = []
        self._order: dict[int, list[int]] = {}
        self._present, self._steps = b"", content_steps({}, np.zeros(0))
        for name, kind in members.items():
            parent = self._add(name, kind, NONE)
            children = list(kind) if pa.types.is_struct(kind) else []
            self._order[parent] = [self._add(child.name, child.type, parent) for child in children]
        self._kinds = np.array([_kind(kind) for kind in self._types], dtype=np.int64)
        self._parent_of = np.array(self._parents, dtype=np.int64)
        self._words = _words(self._names)
        self._followers = np.full(len(self._names) + 1, NONE, dtype=np.int64)
        self._instant_of = np.cumsum(self._kinds == INSTANT) - 1
        self._hash_of = np.full(len(self._names), NONE, dtype=np.int64)
        self._hash_of[[self._place(name) for name in self._hashed]] = np.arange(len(self._hashed))
        self._line_room = len(self._names) * (2 + _NUMBER_DIGITS) + len(self._hashed) * _HASH_DIGITS

    def _add(self, name: str, kind: pa.DataType, parent: int) -> int:
        self._names.append(name)
        self._types.append(kind)
        self._parents.append(parent)
        return len(self._names) - 1

    def _place(self, name: str, parent: int = NONE) -> int:
        return next(
            place for place, of in enumerate(zip(self._names, self._parents, strict=True)) if of == (name, parent)
        )

    def read(self, lines: Lines) -> Scanned | None:
        """Those of the lines that it can take; None when that is none."""
        if len(lines.data) > _LARGEST_BYTES:
            return None
        if _is_text(lines.data):
            return self._read(lines)
        rows = np.array([row for row in range(len(lines)) if _is_text(lines.line(row))], dtype=np.int64)
        scanned = self._read(lines.take(rows))
        return scanned and msgspec.structs.replace(scanned, rows=rows[scanned.rows])

    def _read(self, lines: Lines) -> Scanned | None:
        cells = _Cells(self._functions, lines, len(self._names), int((self._kinds == INSTANT).sum()))
        starts, ends = (np.ascontiguousarray(bound, dtype=np.int64) for bound in (lines.starts, lines.ends))
        taken = np.empty(len(lines), dtype=np.int64)
        cells.count = self._functions["scan"](
            cells.data, len(lines.data), _at(starts), _at(ends), len(lines),
            _at(self._words), self._words.shape[1], _at(self._parent_of), _at(self._kinds), len(self._names),
            _at(self._followers), _at(cells.states), _at(cells.cells), _at(cells.instants), _at(self._instant_of),
            len(cells.instants), _at(taken),
        )  # fmt: skip
        if not cells.count:
            return None
        there = (cells.states[:, : cells.count] >= THERE).sum(axis=1)
        columns = self._columns(cells, there)
        hashes = {name: cells.hashes_of(columns[name]) for name in self._hashed if name in columns}
        return Scanned(taken[: cells.count], columns, hashes, self._content_hashes(cells, hashes, there))

    def _columns(self, cells: "_Cells", there: np.ndarray) -> dict[str, pa.Array]:
        """Of the members that some line has."""
        columns: dict[str, pa.Array] = {}
        of_objects: dict[int, dict[str, pa.Array]] = {}
        for place in np.flatnonzero(there).tolist():
            kind, name = self._kinds[place], self._names[place]
            if kind == OBJECT:
                of_objects[place] = {}
                continue
            instant = self._instant_of[place] if kind == INSTANT else NONE
            column = cells.column(place, self._types[place], int(there[place]), instant=instant)
            of_objects.get(self._parents[place], columns)[name] = column
        for place, children in of_objects.items():
            columns[self._names[place]] = cells.objects(place, children, int(there[place]))
        return columns

    def _content_hashes(self, cells: "_Cells", hashes: dict[str, pa.Array], there: np.ndarray) -> pa.Array:
        empty = np.zeros(0, dtype=np.uint8)
        digits = [np.frombuffer(hashes[name].buffers()[2], dtype=np.uint8) for name in self._hashed if name in hashes]
        hash_of = self._hash_of.copy()
        for place, name in enumerate(name for name in self._hashed if name in hashes):
            hash_of[self._place(name)] = place
        every = np.concatenate([*digits, empty]) if digits[1:] else (digits or [empty])[0]
        room = len(cells.bytes) + cells.count * self._line_room + _EIGHT
        out = np.empty(room, dtype=np.uint8)
        offsets = np.empty(cells.count + 1, dtype=np.int32)
        present = (there > 0).tobytes()
        if present != self._present:
            self._present, self._steps = present, content_steps(self._order, there)
        steps = self._steps
        self._functions["write_contents"](
            cells.data, len(cells.bytes), cells.count, cells.lines, _at(self._kinds), len(self._names),
            _at(cells.states), _at(cells.cells), _at(every), len(digits), _at(hash_of),
            _at(steps.members), _at(steps.places), _at(steps.inside), _at(steps.letters), len(steps.letters),
            len(steps.members), _at(offsets), _at(out), room,
        )  # fmt: skip
        return cells.hashed(out, offsets)


class _Cells:
    """What a scan filled: of each member and line a state and a cell. Places are kept alive by what holds them."""

    def __init__(self, functions: Mapping[str, Callable[..., int]], lines: Lines, members: int, instants: int) -> None:
        self._functions = functions
        self.bytes = lines.data
        self.data = np.frombuffer(lines.data, dtype=np.uint8).ctypes.data
        self.lines = len(lines)
        self.count = 0
        self.states = np.zeros((members, self.lines), dtype=np.uint8)
        self.cells = np.empty((members, self.lines), dtype=np.int64)
        self.instants = np.empty((instants, self.lines), dtype=np.int64)
        self._states_at, self._cells_at = _at(self.states), _at(self.cells)

    def column(self, place: int, kind: pa.DataType, there: int, *, instant: int) -> pa.Array:
        """The member's values, of which so many are there."""
        if kind == records.TEXT:
            return self._array(kind, place, there, *self._texts(place))
        values = (self.cells[place] if instant == NONE else self.instants[instant])[: self.count]
        values = values if there == self.count else np.where(self._are_there(place), values, 0)
        return self._array(kind, place, there, _bits(values != 0) if kind == records.FLAG else values)

    def _are_there(self, place: int) -> np.ndarray:
        return self.states[place, : self.count] >= THERE

    def _texts(self, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Where each text begins, and the texts."""
        states = self._states_at + place * self.lines
        cells = self._cells_at + place * self.lines * _EIGHT
        room = self._functions["text_bytes"](states, cells, self.count) + _EIGHT
        offsets, out = np.empty(self.count + 1, dtype=np.int32), np.empty(room, dtype=np.uint8)
        size = self._functions["gather_texts"](
            self.data, len(self.bytes), states, cells, self.count, _at(offsets), _at(out), room
        )
        return offsets, out[:size]

    def objects(self, place: int, children: dict[str, pa.Array], there: int) -> pa.Array:
        """A struct of the children that any of the objects has."""
        kind = pa.struct([(name, column.type) for name, column in children.items()])
        return self._array(kind, place, there, children=list(children.values()))

    def _array(
        self, kind: pa.DataType, place: int, there: int, *buffers: np.ndarray, children: list[pa.Array] | None = None
    ) -> pa.Array:
        valid = None if there == self.count else pa.py_buffer(_bits(self._are_there(place)))
        return pa.Array.from_buffers(
            kind, self.count, [valid, *(pa.py_buffer(buffer) for buffer in buffers)], self.count - there, 0, children
        )

    def hashes_of(self, column: pa.Array) -> pa.Array:
        """The texts' hashes; NULL of NULL."""
        valid, offsets, letters = column.buffers()
        hashed = self.hashed(np.frombuffer(letters, dtype=np.uint8), np.frombuffer(offsets, dtype=np.int32))
        return pa.Array.from_buffers(records.TEXT, self.count, [valid, *hashed.buffers()[1:]], column.null_count)

    def hashed(self, texts: np.ndarray, offsets: np.ndarray) -> pa.Array:
        """The hash of each text, written out."""
        digits = np.empty(self.count * _HASH_DIGITS, dtype=np.uint8)
        tails, lanes = np.empty(LANES * 128, dtype=np.uint8), np.empty((4, LANES), dtype=np.int64)
        state = np.empty((8, LANES), dtype=np.uint32)
        self._functions["hash_texts"](
            _at(texts), len(texts), _at(offsets), self.count, _at(digits), _at(tails), _at(lanes), _at(state)
        )
        places = np.arange(0, self.count * _HASH_DIGITS + 1, _HASH_DIGITS, dtype=np.int32)
        return pa.StringArray.from_buffers(self.count, pa.py_buffer(places), pa.py_buffer(digits))


def _kind(kind: pa.DataType) -> int:
    return OBJECT if pa.types.is_struct(kind) else _KINDS.get(kind, OTHER)


def _words(names: list[str]) -> np.ndarray:
    """Of each name its bytes with the quote behind it, then these in words of eight and the masks of what counts."""
    most = max((len(name) + _EIGHT) // _EIGHT for name in names)
    words = np.zeros((len(names), 1 + 2 * most), dtype=np.uint64)
    for row, name in enumerate(names):
        quoted = f'{name}"'.encode()
        words[row, 0] = len(quoted)
        for place in range(0, len(quoted), _EIGHT):
            part = quoted[place : place + _EIGHT]
            words[row, 1 + place // 4] = int.from_bytes(part, "little")
            words[row, 2 + place // 4] = (1 << (8 * len(part))) - 1
    return words.view(np.int64)


def _bits(flags: np.ndarray) -> np.ndarray:
    """As Arrow keeps flags."""
    return np.packbits(flags, bitorder="little")


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _at(array: np.ndarray) -> int:
    return array.ctypes.data
