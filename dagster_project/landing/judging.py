"""Who lands: the units of a commit against what has landed and against each other, date by date."""

import datetime as dt
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from dagster_project.landing.decoding.chunks import Chunk
from dagster_project.landing.decoding.parts import Part, read_part
from dagster_project.landing.decoding.workers import Workers
from dagster_project.landing.duplicates import DUPLICATE, KEY_COLUMNS, LANDED, keys_of, landed_keys, verdicts
from dagster_project.landing.many_keys import MANY, verdicts_of_many
from dagster_project.landing.writing.materializing import verdict_path
from dagster_project.snapshots import LiveFile, Snapshot


class Stretch(msgspec.Struct, frozen=True):
    """Units of one date in a part: the first one's place, and how many."""

    part: Part
    start: int
    length: int


class Day(msgspec.Struct, frozen=True):
    """The units of one date: where they lie, by part, and the files of the earlier ones."""

    units: tuple[tuple[Path, int, int], ...]
    live: tuple[Path, ...]
    landed_count: int

    @property
    def is_large(self) -> bool:
        """Whether it is judged by itself, and in bounded memory."""
        return self.landed_count + sum(length for _, _, length in self.units) >= MANY


def judged(
    parts: Sequence[Part], chunks: Sequence[Chunk], *, home: Path, parent: Snapshot, work: Path, workers: Workers
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Units per chunk and verdict, and the verdicts, saved too, of each part whose units are not all LANDED."""
    counts = np.zeros((len(chunks), 3), dtype=np.int64)
    kept: dict[str, np.ndarray] = {}
    texts_only = np.array([chunk.keeps != "all" for chunk in chunks])
    by_date: dict[dt.date | None, list[Stretch]] = {}
    for part in parts:
        for dated in part.slices:
            by_date.setdefault(dated.event_date, []).append(Stretch(part, *dated.units))
    live: dict[dt.date | None, list[LiveFile]] = {}
    for file in parent.files("units"):
        live.setdefault(file.event_date, []).append(file)
    days = {date: _day(stretches, live.get(date, []), home=home) for date, stretches in by_date.items()}
    usual = [date for date, day in days.items() if not day.is_large]
    large = [date for date, day in days.items() if day.is_large]
    found_of = chain(
        zip(usual, workers.map(judge_day, [days[date] for date in usual]), strict=True),
        ((date, workers.do(judge_large_day, days[date], work=work)) for date in large),
    )
    for date, (chunk_of, found) in found_of:
        found[texts_only[chunk_of] & (found == LANDED)] = DUPLICATE
        np.add.at(counts, (chunk_of, found), 1)
        if found.any():
            _keep(kept, found, by_date[date])
    for stem, of_part in kept.items():
        np.save(verdict_path(stem), of_part)
    return counts, kept


def judge_day(day: Day) -> tuple[np.ndarray, np.ndarray]:
    """Chunk and verdict of each unit of the day."""
    units = _units(day)
    return _chunks_of(units), verdicts(pa.concat_tables(units), landed=landed_keys(day.live))


def judge_large_day(day: Day, *, work: Path) -> tuple[np.ndarray, np.ndarray]:
    """The same in bounded memory, however many there are."""
    units = _units(day)
    found = verdicts_of_many(units, landed=keys_of(day.live), landed_count=day.landed_count, work=work)
    return _chunks_of(units), found


def _day(stretches: list[Stretch], live: list[LiveFile], *, home: Path) -> Day:
    units = tuple((stretch.part.path("units"), stretch.start, stretch.length) for stretch in stretches)
    return Day(units, tuple(home / file.path for file in live), sum(file.rows for file in live))


def _units(day: Day) -> list[pa.Table]:
    columns = [*KEY_COLUMNS, "chunk"]
    return [read_part(path).select(columns).slice(start, length) for path, start, length in day.units]


def _chunks_of(units: list[pa.Table]) -> np.ndarray:
    return np.concatenate([table["chunk"].to_numpy() for table in units])


def _keep(kept: dict[str, np.ndarray], found: np.ndarray, stretches: list[Stretch]) -> None:
    """Put the verdicts of one date into their parts."""
    position = 0
    for stretch in stretches:
        here = found[position : position + stretch.length]
        position += stretch.length
        if here.any():
            whole = kept.setdefault(stretch.part.stem, np.zeros(stretch.part.unit_count, dtype=np.uint8))
            whole[stretch.start : stretch.start + stretch.length] = here
