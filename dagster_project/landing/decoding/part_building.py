"""Building parts: decoded units are gathered, one by one or as columns, and written as one part, sorted by date."""

from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project import records
from dagster_project.formats.base import Event, Unit
from dagster_project.formats.columnar import EventColumns, TextColumns
from dagster_project.landing.content import content_sha256_of
from dagster_project.landing.decoding.parts import BROKEN_PART, TEXTS_PART, UNITS_PART, DateSlice, Part, write_part
from dagster_project.payloads.consent import Consent

_OWN_COLUMNS: dict[str, tuple[pa.Field, ...]] = {
    table: tuple(field for field in schema if field.name not in {*records.EVENT, *records.PROVENANCE} - {"occurred_at"})
    for table, schema in records.TABLES.items()
    if table != "units"
}


class PartBuilder:
    """Collects decoded units column by column, then writes them as one part."""

    def __init__(self, stem: str, *, consent: Consent) -> None:
        self.stem = stem
        self._consent = consent
        self._unit_count = 0
        self._units: list[tuple[Any, ...]] = []
        self._rows: dict[str, list[dict[str, Any]]] = {table: [] for table in _OWN_COLUMNS}
        self._unit_rows: dict[str, list[int]] = {table: [] for table in _OWN_COLUMNS}
        self._texts: list[tuple[Any, ...]] = []
        # What came as columns, and the rows above whenever columns follow them.
        self._unit_tables: list[pa.Table] = []
        self._record_tables: dict[str, list[pa.Table]] = {table: [] for table in _OWN_COLUMNS}
        self._text_tables: list[pa.Table] = []
        self._broken: list[tuple[Any, ...]] = []

    def add(self, event: Event, unit: Unit, *, chunk: int, source: str) -> int:
        """Take a checked event; the number of its texts that no consent keeps.

        Raises TypeError or ValueError, before taking anything, when its content is no JSON value.
        """
        content_sha256 = content_sha256_of(event.content)
        unit_row = self._unit_count
        self._unit_count += 1
        self._units.append(
            (
                event.organization_id, event.event_id, event.event_date, event.occurred_at, event.unit_kind,
                content_sha256, len(event.records), chunk, unit.number, unit.line_number, unit.byte_offset,
                len(unit.raw),
            )
        )  # fmt: skip
        for table, fields in event.records:
            self._rows[table].append(fields)
            self._unit_rows[table].append(unit_row)
        if not event.texts:
            return 0
        kept = self._consent.terms(event.organization_id, source)
        if kept is None:
            return len(event.texts)
        self._texts += [
            (text.sha256, text.payload_kind, text.text, kept.consent, kept.retention_days, unit_row)
            for text in event.texts
        ]
        return 0

    def add_broken(self, row: tuple[Any, ...]) -> None:
        """Take a quarantined unit, with the columns of BROKEN_PART."""
        self._broken.append(row)

    def add_columns(self, events: EventColumns, places: pa.Table, *, source: str) -> int:
        """Take checked events as columns; the number of their texts that no consent keeps.

        `places` has the last five columns of UNITS_PART for each of them.
        """
        self._settle_units()
        first, count = self._unit_count, len(events.rows)
        self._unit_count += count
        own = {
            "organization_id": events.organization_id,
            "event_id": events.event_id,
            "event_date": events.event_date,
            "occurred_at": events.occurred_at,
            "unit_kind": pa.repeat(pa.scalar(events.unit_kind), count),
            "content_sha256": events.content_sha256,
            "record_count": pa.array(events.record_count),
        }
        columns = [own[name] if name in own else places[name] for name in UNITS_PART.names]
        self._unit_tables.append(pa.table(columns, schema=UNITS_PART))
        for found in events.records:
            columns = {
                field.name: found.columns[field.name]
                for field in _OWN_COLUMNS[found.table]
                if field.name in found.columns
            }
            columns["unit_row"] = _rows_from(found.events, first)
            self._record_tables[found.table].append(pa.table(columns))
        return sum(self._take_texts(texts, events.organization_id, first, source) for texts in events.texts)

    def _take_texts(self, texts: TextColumns, owners: pa.Array, first: int, source: str) -> int:
        """The number of texts not kept."""
        owner = owners.take(pa.array(texts.events)).dictionary_encode()
        terms = [self._consent.terms(organization_id, source) for organization_id in owner.dictionary.to_pylist()]
        if not any(terms):
            return len(texts.events)
        consent = pa.array([kept and kept.consent for kept in terms], records.TEXT).take(owner.indices)
        days = pa.array([kept and kept.retention_days for kept in terms], records.COUNT).take(owner.indices)
        table = pa.table(
            [
                texts.sha256,
                pa.repeat(pa.scalar(texts.payload_kind), len(texts.events)),
                texts.text,
                consent,
                days,
                _rows_from(texts.events, first),
            ],
            schema=TEXTS_PART,
        ).filter(consent.is_valid())
        if len(table):
            self._text_tables.append(table)
        return consent.null_count

    def _settle_units(self) -> None:
        """Units stand in the order in which they were numbered."""
        if self._units:
            self._unit_tables.append(_columns(self._units, UNITS_PART))
            self._units = []

    def write(self) -> Part:
        """Write the part's files; not durably, they are scratch."""
        self._settle_units()
        units = pa.concat_tables([_columns([], UNITS_PART), *self._unit_tables]).combine_chunks()
        order = _unit_order(units)
        place: np.ndarray | None = None
        if order is not None:
            units = units.take(pa.array(order))
            place = np.empty(len(order), dtype=np.int32)
            place[order] = np.arange(len(order), dtype=np.int32)
        write_part(units, f"{self.stem}.units.arrow")
        unit_rows: dict[str, np.ndarray] = {}
        for table, rows in self._rows.items():
            tables = self._record_tables[table]
            if rows:
                tables.append(
                    _record_columns(table, rows).append_column("unit_row", pa.array(self._unit_rows[table], pa.int32()))
                )
            if tables:
                written, unit_rows[table] = _in_unit_order(tables, place)
                write_part(written, f"{self.stem}.{table}.arrow")
        if self._texts:
            self._text_tables.append(_columns(self._texts, TEXTS_PART))
        if self._text_tables:
            written, _ = _in_unit_order(self._text_tables, place)
            write_part(written, f"{self.stem}.texts.arrow")
        if self._broken:
            write_part(_columns(self._broken, BROKEN_PART), f"{self.stem}.broken.arrow")
        return Part(
            stem=self.stem,
            unit_count=len(units),
            text_count=sum(len(table) for table in self._text_tables),
            broken_count=len(self._broken),
            slices=_date_slices(units, unit_rows),
        )


def _columns(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _record_columns(table: str, rows: list[dict[str, Any]]) -> pa.Table:
    """The columns that any of the rows has."""
    present = set().union(*rows)
    fields = [field for field in _OWN_COLUMNS[table] if field.name in present]
    columns = []
    for field in fields:
        name = field.name
        values: list[Any] = [row.get(name) for row in rows]
        if field.type == records.LABELS:
            values = [value if value is None else sorted(value.items()) for value in values]
        columns.append(pa.array(values, field.type))
    return pa.table(columns, schema=pa.schema(fields))


def _unit_order(units: pa.Table) -> np.ndarray | None:
    """The order by event date, undated last, and within it as they were read; None when the units already have it."""
    days = _days(units)
    read = (units["chunk"].to_numpy().astype(np.int64) << 40) + units["unit_number"].to_numpy()
    is_sorted = (days[1:] > days[:-1]) | ((days[1:] == days[:-1]) & (read[1:] > read[:-1]))
    return None if is_sorted.all() else np.lexsort((read, days))


def _days(units: pa.Table) -> np.ndarray:
    """Days since 1970 as integers; a day beyond all dates for undated units."""
    days = units["event_date"].cast(pa.int32()).fill_null(np.iinfo(np.int32).max)
    return days.to_numpy()


def _in_unit_order(tables: list[pa.Table], place: np.ndarray | None) -> tuple[pa.Table, np.ndarray]:
    """The rows of all tables with their `unit_row`, in the order of the (sorted) units."""
    rows = tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="default")
    index = rows["unit_row"].to_numpy()
    if place is not None:
        index = place[index]
    if (index[1:] < index[:-1]).any():
        order = np.argsort(index, kind="stable")
        index, rows = index[order], rows.take(pa.array(order))
    return rows.drop(["unit_row"]).append_column("unit_row", pa.array(index, pa.int32())), index


def _rows_from(events: np.ndarray, first: int) -> pa.Array:
    return pa.array((events + first).astype(np.int32))


def _date_slices(units: pa.Table, unit_rows: dict[str, np.ndarray]) -> list[DateSlice]:
    days, starts = np.unique(_days(units), return_index=True)
    ends = np.append(starts[1:], len(units))
    bounds = {table: np.searchsorted(index, np.append(starts, len(units))) for table, index in unit_rows.items()}
    dates = units["event_date"].take(pa.array(starts)).to_pylist()
    return [
        DateSlice(
            event_date=dates[place],
            units=(int(starts[place]), int(ends[place] - starts[place])),
            tables={
                table: (int(bound[place]), int(bound[place + 1] - bound[place]))
                for table, bound in bounds.items()
                if bound[place + 1] > bound[place]
            },
        )
        for place in range(len(days))
    ]
