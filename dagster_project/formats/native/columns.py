"""Native lines, many at once: the columns that `NativeFormat.decode` would give one line at a time.

Here stands what every kind of line has in common; `native_completion` has what each may write more conveniently.
A row that is not proven good is dropped, never judged: `decode` looks at its line again.
"""

import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project import records
from dagster_project.formats.columnar import EventColumns, Lines, sha256_texts
from dagster_project.formats.native.block import BlockReader, are_exact, is_one_object_each, without_reserved
from dagster_project.formats.native.completion import COMPLETE_COLUMNS, Rows
from dagster_project.formats.native.content import content_texts
from dagster_project.formats.native.instants import parse_instants
from dagster_project.formats.native.scanning import loaded
from dagster_project.formats.native.scanning.scanner import Scanned, Scanner
from dagster_project.formats.native.vocabulary import MEMBERS, TEXT_MEMBERS

_EVENT_TYPE = re.compile(rb'"event_type"[ \t]*:[ \t]*"([a-z_]{1,32})"')


class NativeColumns:
    """Decodes stretches of native lines; `table_of` names the table of each event type."""

    def __init__(self, table_of: dict[str, str]) -> None:
        self._table_of = {kind: table for kind, table in table_of.items() if table in COMPLETE_COLUMNS}
        self._readers: dict[str, BlockReader] = {}
        self._scanners: dict[str, Scanner] = {}

    def decode_lines(self, lines: Lines) -> Iterator[EventColumns]:
        """Events of the lines that are proven to land as they are."""
        usable = np.flatnonzero(is_one_object_each(lines) & without_reserved(lines))
        for event_type, rows in self._by_event_type(lines.take(usable)):
            if event_type not in self._table_of:
                continue
            mine = usable[rows]
            for read in self._read(event_type, lines.take(mine)):
                events = self._events(event_type, read, mine[read.rows])
                if events is not None:
                    yield events

    def _read(self, event_type: str, lines: Lines) -> Iterator[Scanned]:
        """What the compiled scanner takes, then what it leaves, or all where none is loaded, by the block reader."""
        left = np.arange(len(lines))
        scanner = self._scanner(event_type)
        if scanner is not None and (scanned := scanner.read(lines)) is not None:
            yield scanned
            left = np.delete(left, scanned.rows)
        if len(left):
            for rows, columns in self._reader(event_type).read(lines.take(left)):
                yield Scanned(left[rows], columns, {}, None)

    def _scanner(self, event_type: str) -> Scanner | None:
        compiled = loaded.compiled()
        if compiled is None:
            return None
        if event_type not in self._scanners:
            table = self._table_of[event_type]
            hashed = frozenset(TEXT_MEMBERS.get(table, ()))
            self._scanners[event_type] = Scanner(compiled, MEMBERS[table], hashed=hashed)
        return self._scanners[event_type]

    def _reader(self, event_type: str) -> BlockReader:
        if event_type not in self._readers:
            members = MEMBERS[self._table_of[event_type]]
            self._readers[event_type] = BlockReader(
                {name: records.TEXT if kind == records.INSTANT else kind for name, kind in members.items()}
            )
        return self._readers[event_type]

    def _by_event_type(self, lines: Lines) -> list[tuple[str, np.ndarray]]:
        """The lines by what looks like their event type; whether it is, the parsed column tells."""
        first = _EVENT_TYPE.search(lines.data)
        if first is None:
            return []
        if _stands_in_all(lines, first):
            return [(first[1].decode(), np.arange(len(lines)))]
        found: dict[str, list[int]] = {}
        for row in range(len(lines)):
            match = _EVENT_TYPE.search(lines.data, lines.starts[row], lines.ends[row])
            if match is not None:
                found.setdefault(match[1].decode(), []).append(row)
        return [(event_type, np.array(rows)) for event_type, rows in sorted(found.items())]

    def _events(self, event_type: str, read: Scanned, lines: np.ndarray) -> EventColumns | None:
        columns = read.columns
        if not {"event_type", "organization_id", "event_id", "occurred_at"} <= columns.keys():
            return None
        table = self._table_of[event_type]
        rows = Rows(table, columns, read.hashes)
        rows.keep(pc.call_function("equal", [columns["event_type"], pa.scalar(event_type)]))
        for name in ("organization_id", "event_id", "occurred_at"):
            rows.keep(columns[name].is_valid())
        for name, kind in MEMBERS[table].items():
            if name in columns and kind == records.INSTANT:
                instants = columns[name]
                if instants.type != records.INSTANT:
                    instants, readable = parse_instants(instants)
                    rows.keep(readable)
                if name == "occurred_at":
                    rows.occurred_at = instants
                else:
                    rows.fields[name] = instants
            elif name in columns and kind == records.REAL:
                rows.keep(are_exact(columns[name]))
        occurred_at = rows.occurred_at
        COMPLETE_COLUMNS[table](rows)
        began = rows.fields.get("started_at")
        dated = occurred_at if began is None else pc.call_function("coalesce", [began, occurred_at])
        content_sha256 = read.content_sha256
        if content_sha256 is None:
            content_sha256 = sha256_texts(content_texts(columns | rows.hashes, keys=MEMBERS[table]))
        events = EventColumns(
            unit_kind=event_type,
            rows=lines,
            organization_id=columns["organization_id"],
            event_id=columns["event_id"],
            event_date=pc.cast(dated, records.DAY, safe=False),
            occurred_at=occurred_at,
            content_sha256=content_sha256,
            record_count=rows.record_count,
            records=rows.records(),
            texts=rows.texts,
        )
        return events.where(rows.kept)


def _stands_in_all(lines: Lines, first: "re.Match[bytes]") -> bool:
    """Whether what was found first stands in every line: mostly at one place, and counting all of it takes longer."""
    written, length = first[0], len(first[0])
    places = lines.starts + (first.start() - lines.starts[np.searchsorted(lines.starts, first.start(), "right") - 1])
    if places[-1] + length <= len(lines.data):
        texts = np.ndarray((len(lines.data) - length + 1,), dtype=f"S{length}", buffer=lines.data, strides=(1,))
        if (texts[places] == written).all():
            return True
    return lines.data.count(written) == len(lines)
