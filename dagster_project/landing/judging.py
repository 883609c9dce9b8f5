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
from dagster_project.landing.duplicates import DUPLICATE, KEY_COLUMNS, LANDED, VERDICTS, keys_of, landed_keys, verdicts
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
    texts_only: tuple[int, ...]  # chunks of which only texts are wanted: their units have landed

    @property
    def is_large(self) -> bool:
        """Whether it is judged by itself, and in bounded memory."""
        return self.landed_count + sum(length for _, _, length in self.units) >= MANY


class Judgement(msgspec.Struct, frozen=True):
    """Units by code, chunk * VERDICTS + verdict, and the verdict of each, None where all landed.

    Counted where they are judged: to count those of a million units was a third of judging them.
    """

    codes: np.ndarray
    counts: np.ndarray
    found: np.ndarray | None


def judged(
    parts: Sequence[Part], chunks: Sequence[Chunk], *, home: Path, parent: Snapshot, work: Path, workers: Workers
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Units per chunk and verdict, and the verdicts, saved too, of each part whose units are not all LANDED."""
    counts = np.zeros((len(chunks), VERDICTS), dtype=np.int64)
    kept: dict[str, np.ndarray] = {}
    texts_only = tuple(chunk.number for chunk in chunks if chunk.keeps != "all")
    by_date: dict[dt.date | None, list[Stretch]] = {}
    for part in parts:
        for dated in part.slices:
            by_date.setdefault(dated.event_date, []).append(Stretch(part, *dated.units))
    live: dict[dt.date | None, list[LiveFile]] = {}
    for file in parent.files("units"):
        live.setdefault(file.event_date, []).append(file)
    days = {
        date: _day(stretches, live.get(date, []), home=home, texts_only=texts_only)
        for date, stretches in by_date.items()
    }
    usual = [date for date, day in days.items() if not day.is_large]
    large = [date for date, day in days.items() if day.is_large]
    found_of = chain(
        zip(usual, workers.map(judge_day, [days[date] for date in usual]), strict=True),
        ((date, workers.do(judge_large_day, days[date], work=work)) for date in large),
    )
    for date, judgement in found_of:
        counts.reshape(-1)[judgement.codes] += judgement.counts
        if judgement.found is not None:
            _keep(kept, judgement.found, by_date[date])
    for stem, of_part in kept.items():
        np.save(verdict_path(stem), of_part)
    return counts, kept


def judge_day(day: Day) -> Judgement:
    """Who lands of the day."""
    units = _units(day)
    return _judgement(day, units, verdicts(pa.concat_tables(units), landed=landed_keys(day.live)))


def judge_large_day(day: Day, *, work: Path) -> Judgement:
    """The same in bounded memory, however many there are."""
    units = _units(day)
    found = verdicts_of_many(units, landed=keys_of(day.live), landed_count=day.landed_count, work=work)
    return _judgement(day, units, found)


def _judgement(day: Day, units: list[pa.Table], found: np.ndarray) -> Judgement:
    chunk_of = np.concatenate([table["chunk"].to_numpy() for table in units]).astype(np.int64)
    if day.texts_only:
        found[np.isin(chunk_of, day.texts_only) & (found == LANDED)] = DUPLICATE
    counts = np.bincount(chunk_of * VERDICTS + found)
    codes = np.flatnonzero(counts)
    return Judgement(codes, counts[codes], found if found.any() else None)


def _day(stretches: list[Stretch], live: list[LiveFile], *, home: Path, texts_only: tuple[int, ...]) -> Day:
    units = tuple((stretch.part.path("units"), stretch.start, stretch.length) for stretch in stretches)
    return Day(units, tuple(home / file.path for file in live), sum(file.rows for file in live), texts_only)


def _units(day: Day) -> list[pa.Table]:
    columns = [*KEY_COLUMNS, "chunk"]
    return [read_part(path).select(columns).slice(start, length) for path, start, length in day.units]


def _keep(kept: dict[str, np.ndarray], found: np.ndarray, stretches: list[Stretch]) -> None:
    """Put the verdicts of one date into their parts."""
    position = 0
    for stretch in stretches:
        here = found[position : position + stretch.length]
        position += stretch.length
        if here.any():
            whole = kept.setdefault(stretch.part.stem, np.zeros(stretch.part.unit_count, dtype=np.uint8))
            whole[stretch.start : stretch.start + stretch.length] = here
