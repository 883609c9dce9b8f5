"""Decoding: a worker turns chunks of files into parts. Runs in any process; touches nothing but the work folder."""

import datetime as dt
import functools
import gc
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.formats.base import ArchiveFormat, FileFacts, Format, Rejected, Unit
from dagster_project.formats.columnar import ColumnarFormat, EventColumns, Lines
from dagster_project.formats.registry import load_formats
from dagster_project.landing.archives import Archive
from dagster_project.landing.column_gate import ColumnGate
from dagster_project.landing.compression import Stream
from dagster_project.landing.framing import Blank, Broken, Piece, pieces
from dagster_project.landing.framing.archive import split as split_archive
from dagster_project.landing.framing.lines import Stretch, stretches
from dagster_project.landing.framing.lines import split as split_lines
from dagster_project.landing.gate import Gate
from dagster_project.landing.heads import is_archive, read_head
from dagster_project.landing.parts import Part, PartBuilder
from dagster_project.landing.without_units import told_without_units
from dagster_project.payloads.consent import Consent
from dagster_project.settings import Settings

# Decoded units take about ten times their bytes until their part is written.
PART_BYTES = 8 << 20


class Chunk(msgspec.Struct, frozen=True):
    """A stretch of a file that is decoded in one go: all of it, or a range of bytes of a large plain file.

    `start` and `end` are decompressed offsets; the lines that *begin* between them belong to the chunk
    (`end` None: to the end of the file). `is_last_chance`: an unfinished tail is quarantined, not pending.
    `keeps`: of content that has landed already, only texts, or only units numbered above `settled_units`.
    """

    number: int
    file: int
    path: str
    display: str
    file_bytes: int
    format_name: str
    start: int = 0
    end: int | None = None
    is_last_chance: bool = False
    keeps: Literal["all", "texts", "tail"] = "all"
    settled_units: int = 0
    only_units: frozenset[int] | None = None  # a second look at these alone, by number


class ChunkResult(msgspec.Struct):
    """What was in a chunk. `units` counts everything; `decoded` = units − blank − quarantined − pending."""

    number: int
    units: int = 0
    blank: int = 0
    decoded: int = 0
    pending: int = 0
    quarantined: dict[str, int] = {}
    end_offset: int = 0  # decompressed offset up to which the units are settled
    problem: str | None = None
    texts_refused: int = 0  # texts that no consent keeps
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    looked_at: list[int] = []  # of a second look: the units that were there


class Task(msgspec.Struct, frozen=True):
    """Neighbouring chunks that one worker decodes; `stem` begins the names of its parts."""

    settings: Settings
    map_files: tuple[Path, ...]
    consent: Consent
    stem: str
    chunks: tuple[Chunk, ...]


class TaskResult(msgspec.Struct):
    """The chunks' results and the parts, in order."""

    chunks: list[ChunkResult]
    parts: list[Part]


def formats_by_name(settings: Settings, map_files: tuple[Path, ...]) -> dict[str, Format]:
    """Every format, in detection order. A map that was edited since is read anew."""
    return _formats_by_name(settings, map_files, tuple(_content(path) for path in map_files))


@functools.lru_cache(maxsize=4)
def _formats_by_name(
    settings: Settings, map_files: tuple[Path, ...], _contents: tuple[bytes, ...]
) -> dict[str, Format]:
    return {format.name: format for format in load_formats(settings, map_files=map_files)}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # loading says what is wrong with it


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
        self._formats = formats_by_name(task.settings, task.map_files)
        self._gate = Gate(task.settings)
        self._column_gate = ColumnGate(task.settings)
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
        format = self._formats[chunk.format_name]
        path = Path(chunk.path)
        head = read_head(path, display=chunk.display, file_bytes=chunk.file_bytes, settings=self._settings)
        stream = self._stream(chunk)
        result = ChunkResult(chunk.number, end_offset=chunk.start)
        facts = format.facts(head)
        if chunk.keeps == "all" and chunk.only_units is None and isinstance(format, ColumnarFormat):
            self._decode_stretches(self._stretches(chunk, stream), chunk, format, facts, result)
        else:
            found = self._pieces(chunk, format, stream)
            if chunk.only_units is not None:
                found = _only(found, chunk.only_units, result)
            self._decode_pieces(found, chunk, format, facts, result)
        result.quarantined = dict(sorted(result.quarantined.items()))
        result.problem = stream.problem
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

    def _stream(self, chunk: Chunk) -> Stream:
        return Stream(Path(chunk.path), file_bytes=chunk.file_bytes, settings=self._settings)

    def _pieces(self, chunk: Chunk, format: Format, stream: Stream) -> Iterator[Piece]:
        if format.framing == "archive" and is_archive(Path(chunk.path)):
            return self._archive_pieces(chunk, format, stream)
        if format.framing == "archive":
            return pieces("document", stream.blocks(), limits=self._settings)
        if format.framing != "lines":
            return pieces(format.framing, stream.blocks(), limits=self._settings)
        start, blocks = self._line_blocks(chunk, stream)
        return split_lines(blocks, limits=self._settings, byte_offset=start)

    def _stretches(self, chunk: Chunk, stream: Stream) -> Iterator[Stretch | Piece]:
        start, blocks = self._line_blocks(chunk, stream)
        return stretches(blocks, limits=self._settings, byte_offset=start)

    def _line_blocks(self, chunk: Chunk, stream: Stream) -> tuple[int, Iterator[bytes]]:
        """Where the chunk's first line begins, and the blocks of its lines."""
        start = line_start(self._stream(chunk), chunk.start, file_bytes=chunk.file_bytes)
        end = None if chunk.end is None else line_start(self._stream(chunk), chunk.end, file_bytes=chunk.file_bytes)
        return start, stream.blocks(start=start, end=end)

    def _archive_pieces(self, chunk: Chunk, format: Format, stream: Stream) -> Iterator[Piece]:
        layout = cast(ArchiveFormat, format).layout
        with Path(chunk.path).open("rb") as handle:
            archive = Archive(handle, file_bytes=chunk.file_bytes, settings=self._settings)
            stream.problem = archive.problem
            yield from split_archive(archive, layout=layout, limits=self._settings)

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


def _only(found: Iterator[Piece], numbers: frozenset[int], result: ChunkResult) -> Iterator[Piece]:
    for piece in found:
        if piece.number in numbers:
            result.looked_at.append(piece.number)
            yield piece


def line_start(stream: Stream, offset: int, *, file_bytes: int) -> int:
    """Where the first line begins that begins at decompressed `offset` or later; the end when none does."""
    if offset <= 0:
        return 0
    position = offset - 1
    for block in stream.blocks(start=position, end=file_bytes):
        found = block.find(b"\n")
        if found >= 0:
            return position + found + 1
        position += len(block)
    return position


def _printable(detail: str) -> str:
    """The detail as a table can hold it."""
    return detail[:500].encode("utf-8", "backslashreplace").decode()
