"""From parts to immutable Parquet: one file per table and event date of a commit, named by its content.

The same units give the same bytes, whoever decoded them and however often: rows stand in the order they were
read, row groups have a fixed size, and nothing of the moment is written.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project import records
from dagster_project.landing.decoding.parts import Part, read_part, write_part
from dagster_project.landing.writing.moves import Move
from dagster_project.landing.writing.parquet_files import write_unnamed
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile

CHUNK_COLUMNS: pa.Schema = pa.schema(
    {
        "file": pa.int32(),
        "source_path": records.TEXT,
        "source_file_sha256": records.TEXT,
        "batch_id": records.TEXT,
        "format": records.TEXT,
        "format_version": records.TEXT,
        "units_before": records.COUNT,
        "expires_on": records.DAY,
    }
)
"""What is known of each chunk, in chunk order: what its rows are stamped with."""

_TOLD_BY_UNITS = frozenset({*records.EVENT, *records.PROVENANCE, "chunk"})


class Stretch(msgspec.Struct, frozen=True):
    """Rows of one table and date in one part, and the units they belong to: (start, length) each."""

    stem: str
    rows: tuple[int, int]
    units: tuple[int, int]
    is_filtered: bool  # some of the part's units did not land


class DateTable(msgspec.Struct, frozen=True):
    """One table of one event date: what a worker materializes into one file."""

    settings: Settings
    work: Path
    table: str
    event_date: dt.date | None
    stretches: tuple[Stretch, ...]

    @property
    def files(self) -> list[Path]:
        """The parts' files of the table; those of units, of which others need to know, are not among them."""
        return [] if self.table == "units" else [Path(f"{of.stem}.{self.table}.arrow") for of in self.stretches]


class Materialized(msgspec.Struct, frozen=True):
    """The file, if any row landed, which is not durable before its move is made, and the landed rows per chunk."""

    table: str
    written: tuple[LiveFile, Move] | None
    rows_by_chunk: dict[int, int]


def write_chunk_columns(rows: Sequence[Mapping[str, Any]], *, work: Path) -> None:
    """What is known of each chunk, for all who stamp its rows."""
    write_part(pa.Table.from_pylist(rows, schema=CHUNK_COLUMNS), str(work / "chunks.arrow"))


def verdict_path(stem: str) -> Path:
    """Where the verdicts of a part's units lie, when not all of them landed."""
    return Path(f"{stem}.verdicts.npy")


def materialize(job: DateTable) -> Materialized:
    """Write the table's landed rows of that date."""
    chunks = read_part(job.work / "chunks.arrow")
    counts = np.zeros(len(chunks), dtype=np.int64)
    day = "undated" if job.event_date is None else f"event_date={job.event_date.isoformat()}"
    schema = records.TABLES[job.table]
    written = write_unnamed(
        job.settings,
        _landed_rows(job, counts),
        schema=schema,
        scratch=job.work / f"{job.table}-{day}.parquet",
        folder=job.settings.landed / job.table / day,
        event_date=job.event_date,
        completed=partial(_stamped, chunks=chunks, schema=schema),
    )
    return Materialized(job.table, written, {int(chunk): int(counts[chunk]) for chunk in np.flatnonzero(counts)})


def _landed_rows(job: DateTable, counts: np.ndarray) -> Iterator[pa.Table]:
    """The columns that the rows have by themselves or of their units, their chunk among them."""
    for stretch in job.stretches:
        units = read_part(Path(f"{stretch.stem}.units.arrow")).slice(*stretch.units)
        if job.table == "units":
            rows, places = units, np.arange(len(units))
        else:
            rows = read_part(Path(f"{stretch.stem}.{job.table}.arrow")).slice(*stretch.rows)
            places = rows["unit_row"].to_numpy() - stretch.units[0]
        if stretch.is_filtered:
            start, length = stretch.units
            is_landed = np.load(verdict_path(stretch.stem))[start : start + length] == 0
            kept = is_landed[places]
            rows, places = rows.filter(pa.array(kept)), places[kept]
        if len(rows) == 0:
            continue
        yield _with_unit(rows, units, places)
        counts += np.bincount(units["chunk"].to_numpy()[places], minlength=len(counts))


def _with_unit(rows: pa.Table, units: pa.Table, places: np.ndarray) -> pa.Table:
    """The rows with what their units tell of them."""
    if rows is units:
        return rows
    told = [name for name in units.column_names if name in _TOLD_BY_UNITS]
    of_unit = units.select(told)
    if len(rows) != len(units) or not np.array_equal(places, np.arange(len(units))):
        of_unit = of_unit.take(pa.array(places))
    columns = {name: rows[name] for name in rows.column_names if name != "unit_row"}
    if "occurred_at" in columns:
        columns["occurred_at"] = pc.call_function("coalesce", [columns["occurred_at"], of_unit["occurred_at"]])
    return pa.table({name: of_unit[name] for name in told} | columns)


def _stamped(rows: pa.Table, *, chunks: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows with every column of the schema: those they have, those of their files, or NULL.

    What recurs in all rows of a file is a dictionary, which Parquet takes as it is: it need not look at each value.
    """
    chunk_of = rows["chunk"].to_numpy()
    columns, fields = [], []
    nulls: dict[pa.DataType, pa.Array] = {}  # one for all columns that nothing fills
    for field in schema:
        name = field.name
        if name in ("unit_number", "line_number"):
            before = chunks["units_before"].to_numpy()[chunk_of]
            columns.append(pc.call_function("add", [rows[name], pa.array(before)]) if before.any() else rows[name])
        elif name in rows.column_names:
            columns.append(rows[name])
        elif name in chunks.column_names:
            columns.append(_of_chunks(chunks[name], chunk_of))
        else:
            if field.type not in nulls:
                nulls[field.type] = pa.nulls(len(rows), field.type)
            columns.append(nulls[field.type])
        is_dictionary = pa.types.is_dictionary(columns[-1].type)
        fields.append(field.with_type(columns[-1].type) if is_dictionary else field)
    return pa.table(columns, schema=pa.schema(fields))


def _of_chunks(values: pa.ChunkedArray, chunk_of: np.ndarray) -> pa.DictionaryArray:
    """Each row's value as a dictionary in which the values stand in the order in which rows first have them."""
    encoded = values.combine_chunks().dictionary_encode()
    if len(encoded.dictionary) == 1 and not encoded.null_count:  # nearly always: one file
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(chunk_of), dtype=np.int32)), encoded.dictionary)
    code_of = encoded.indices.to_numpy(zero_copy_only=False)[chunk_of]
    used, first = np.unique(code_of, return_index=True)
    used = used[np.argsort(first)]
    place_of = np.zeros(len(encoded.dictionary), dtype=np.int32)
    place_of[used] = np.arange(len(used), dtype=np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(place_of[code_of]), encoded.dictionary.take(pa.array(used)))


def date_tables(parts: list[Part], *, filtered: set[str], settings: Settings, work: Path) -> list[DateTable]:
    """Every (table, event date) that some part has rows for, in a fixed order: at the end comes what is soon done."""
    stretches: dict[tuple[str, dt.date | None], list[Stretch]] = {}
    for part in parts:
        for dated in part.slices:
            for table, rows in [("units", dated.units), *dated.tables.items()]:
                stretch = Stretch(part.stem, rows, dated.units, part.stem in filtered)
                stretches.setdefault((table, dated.event_date), []).append(stretch)
    ordered = sorted(stretches, key=lambda key: (key[0], key[1] or dt.date.max))
    tables = [DateTable(settings, work, table, date, tuple(stretches[table, date])) for table, date in ordered]
    return sorted(tables, key=_work_of, reverse=True)


def _work_of(table: DateTable) -> int:
    """About how much there is to write."""
    return len(records.TABLES[table.table]) * sum(stretch.rows[1] for stretch in table.stretches)
