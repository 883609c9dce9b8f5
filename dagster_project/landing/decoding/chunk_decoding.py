"""Decoding: a worker turns chunks of files into parts. Runs in any process; touches nothing but the work folder."""

import datetime as dt
import functools
import gc
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.formats.base import FileFacts, Format, Rejected, Unit
from dagster_project.formats.columnar import ColumnarFormat, EventColumns, Lines
from dagster_project.landing.decoding.chunks import Chunk, ChunkResult, Task, TaskResult
from dagster_project.landing.decoding.column_gate import ColumnGate
from dagster_project.landing.decoding.gate import Gate
from dagster_project.landing.decoding.loaded_formats import format_named
from dagster_project.landing.decoding.part_building import PartBuilder
from dagster_project.landing.reading.chunk_reading import ChunkReader
from dagster_project.landing.reading.framing import Blank, Broken, Piece
from dagster_project.landing.reading.framing.lines import Stretch
from dagster_project.landing.reading.heads import read_head
from dagster_project.landing.without_units import told_without_units
from dagster_project.settings import Settings

# Decoded units take about ten times their bytes until their part is written.
PART_BYTES = 8 << 20


def decode_task(task: Task) -> TaskResult:
    """Decode every chunk of the task and write its parts. Raises OSError when a file cannot be read."""
    decoder = _Decoder(task)
    # Decoded units make no reference cycles, but by their number they make the collector look again and again.
    gc.disable()
    try:
        for chunk in task.chunks:
            decoder.decode(chunk)
        return decoder.finish()
    finally:
        gc.enable()


class _Decoder:
    def __init__(self, task: Task) -> None:
        self._task = task
        self._settings = task.settings
        self._gate, self._column_gate = _gates(task.settings)
        self._part_limit = min(PART_BYTES, task.settings.chunk_bytes)
        self._result = TaskResult(chunks=[], parts=[])
        self._part = self._new_part()
        self._part_bytes = 0

    def finish(self) -> TaskResult:
        self._flush()
        return self._result

    def _new_part(self) -> PartBuilder:
        return PartBuilder(f"{self._task.stem}-{len(self._result.parts):06d}", consent=self._task.consent)

    def _flush(self) -> None:
        if self._part_bytes:
            self._result.parts.append(self._part.write())
            self._part, self._part_bytes = self._new_part(), 0

    def decode(self, chunk: Chunk) -> None:
        """Decode the chunk's units into the current part."""
        format = format_named(self._settings, self._task.map_files, chunk.format_name)
        path = Path(chunk.path)
        head = read_head(path, display=chunk.display, file_bytes=chunk.file_bytes, settings=self._settings)
        reader = ChunkReader(self._settings, chunk)
        result = ChunkResult(chunk.number, end_offset=chunk.start)
        facts = format.facts(head)
        if chunk.keeps == "all" and chunk.only_units is None and isinstance(format, ColumnarFormat):
            self._decode_stretches(reader.stretches(), chunk, format, facts, result)
        else:
            found = reader.pieces(format)
            if chunk.only_units is not None:
                found = _only(found, chunk.only_units, result)
            self._decode_pieces(found, chunk, format, facts, result)
        result.quarantined = dict(sorted(result.quarantined.items()))
        result.problem = reader.problem
        if chunk.keeps == "all" and not result.units and chunk.start == 0 and chunk.end is None:
            told = told_without_units(format, path, file_bytes=chunk.file_bytes, settings=self._settings)
            result.problem = result.problem or told
        self._result.chunks.append(result)

    def _decode_pieces(
        self,
        found: Iterator[Piece],
        chunk: Chunk,
        format: Format,
        facts: FileFacts,
        result: ChunkResult,
        *,
        may_flush: bool = True,
    ) -> None:
        """The hot loop: everything that a usual unit meets is a local name."""
        decode, check, take = format.decode, self._gate.check, self._part.add
        number, source = chunk.number, format.name
        part_limit = self._part_limit if may_flush else sys.maxsize
        keeps_facts = chunk.keeps != "tail"
        first, last = result.first_date or dt.date.max, result.last_date or dt.date.min
        for piece in found:
            result.units += 1
            if not isinstance(piece, Unit):
                self._take_other(piece, chunk, result)
                continue
            raw = piece.raw
            result.end_offset = piece.byte_offset + len(raw) + piece.is_terminated
            self._part_bytes += len(raw) + 1
            try:
                event = decode(piece, facts)
                check(event)
                if keeps_facts:
                    result.texts_refused += take(event, piece, chunk=number, source=source)
            except Rejected as rejected:
                self._reject(piece, chunk, result, rejected.reason, rejected.detail)
            except Exception as error:
                # A unit that a format trips over is that unit's fate, not its neighbours'.
                self._reject(piece, chunk, result, "format_error", f"{type(error).__name__}: {error}")
            else:
                result.decoded += 1
                date = event.event_date
                if date is not None:
                    first = min(first, date)
                    last = max(last, date)
            if self._part_bytes >= part_limit:
                self._flush()
                take = self._part.add
        if first <= last:
            result.first_date, result.last_date = first, last

    def _decode_stretches(
        self,
        found: Iterator[Stretch | Piece],
        chunk: Chunk,
        format: ColumnarFormat,
        facts: FileFacts,
        result: ChunkResult,
    ) -> None:
        """Whole lines as columns where that is proven to be the same, everything else one by one."""
        limit = self._settings.max_unit_bytes
        for stretch in found:
            if not isinstance(stretch, Stretch):
                self._decode_pieces(iter((stretch,)), chunk, format, facts, result)
                continue
            starts, ends = stretch.bounds()
            left = np.ones(len(starts), dtype=bool)
            candidates = np.flatnonzero((ends > starts) & (ends - starts <= limit))
            lines = Lines(stretch.data, starts, ends).take(candidates)
            for events in format.decode_lines(lines, facts):
                events = events.where(self._column_gate.passes(events))
                events.rows = candidates[events.rows]
                self._take_columns(events, stretch, (starts, ends), chunk, result)
                left[events.rows] = False
            rows = np.flatnonzero(left)
            bounds = starts[rows].tolist(), ends[rows].tolist(), (rows + 1).tolist()
            # In one part with the stretch's columns, so that its units can be put in order again.
            self._decode_pieces(stretch.pieces(*bounds, limit=limit), chunk, format, facts, result, may_flush=False)
            result.end_offset = stretch.byte_offset + len(stretch.data)
            if self._part_bytes >= self._part_limit:
                self._flush()

    def _take_columns(
        self,
        events: EventColumns,
        stretch: Stretch,
        bounds: tuple[np.ndarray, np.ndarray],
        chunk: Chunk,
        result: ChunkResult,
    ) -> None:
        count = len(events.rows)
        if not count:
            return
        starts, ends = (bound[events.rows] for bound in bounds)
        numbers = pa.array(events.rows + 1 + stretch.lines_before)
        places = pa.table(
            {
                "chunk": pa.repeat(pa.scalar(chunk.number, pa.int32()), count),
                "unit_number": numbers,
                "line_number": numbers,
                "byte_offset": pa.array(starts + stretch.byte_offset),
                "byte_length": pa.array(ends - starts),
            }
        )
        result.texts_refused += self._part.add_columns(events, places, source=chunk.format_name)
        result.units += count
        result.decoded += count
        self._part_bytes += int((ends - starts).sum()) + count
        dates = pc.call_function("min_max", [events.event_date]).as_py()
        result.first_date = min(result.first_date or dt.date.max, dates["min"])
        result.last_date = max(result.last_date or dt.date.min, dates["max"])

    def _reject(self, unit: Unit, chunk: Chunk, result: ChunkResult, reason: str, detail: str) -> None:
        if not unit.is_terminated and not chunk.is_last_chance:
            result.pending += 1
            result.end_offset = unit.byte_offset
            return
        sha256 = hashlib.sha256(unit.raw).hexdigest()
        place = (chunk.number, unit.number, unit.line_number, unit.byte_offset, len(unit.raw))
        self._quarantine(chunk, unit.number, result, (*place, reason, _printable(detail), sha256, unit.raw))

    def _take_other(self, piece: Blank | Broken, chunk: Chunk, result: ChunkResult) -> None:
        if isinstance(piece, Blank):
            result.blank += 1
            result.end_offset = piece.byte_offset + piece.byte_length + piece.is_terminated
        elif piece.is_tail and not chunk.is_last_chance:
            result.pending += 1
            result.end_offset = piece.byte_offset
        else:
            self._part_bytes += len(piece.prefix) + 1
            result.end_offset = piece.byte_offset + piece.byte_length + (not piece.is_tail)
            place = (chunk.number, piece.number, piece.line_number, piece.byte_offset, piece.byte_length)
            row = (*place, piece.reason, _printable(piece.detail), piece.raw_sha256, piece.prefix)
            self._quarantine(chunk, piece.number, result, row)

    def _quarantine(self, chunk: Chunk, unit_number: int, result: ChunkResult, row: tuple[Any, ...]) -> None:
        if chunk.keeps == "all" or (chunk.is_last_chance and unit_number > chunk.settled_units):
            self._part.add_broken(row)
            reason = row[5]
            result.quarantined[reason] = result.quarantined.get(reason, 0) + 1


@functools.lru_cache(maxsize=4)
def _gates(settings: Settings) -> tuple[Gate, ColumnGate]:
    """Made once, as making them takes as long as a hundred lines."""
    return Gate(settings), ColumnGate(settings)


def _only(found: Iterator[Piece], numbers: frozenset[int], result: ChunkResult) -> Iterator[Piece]:
    for piece in found:
        if piece.number in numbers:
            result.looked_at.append(piece.number)
            yield piece


def _printable(detail: str) -> str:
    """The detail as a table can hold it."""
    return detail[:500].encode("utf-8", "backslashreplace").decode()
