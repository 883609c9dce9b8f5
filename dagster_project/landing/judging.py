"""Who lands: the units of a commit against what has landed and against each other, date by date."""

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock

import numpy as np
import pyarrow as pa

from dagster_project.landing.chunks import Chunk
from dagster_project.landing.duplicates import DUPLICATE, KEY_COLUMNS, LANDED, keys_of, landed_keys, verdicts
from dagster_project.landing.many_keys import MANY, verdicts_of_many
from dagster_project.landing.materializing import verdict_path
from dagster_project.landing.parts import Part, read_part
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot

_Stretch = tuple[Part, tuple[int, int]]
"""Units of one date in a part: the first one's place, and how many."""


def judged(
    parts: Sequence[Part], chunks: Sequence[Chunk], *, settings: Settings, parent: Snapshot, work: Path
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Units per chunk and verdict, and the verdicts, saved too, of each part whose units are not all LANDED."""
    counts = np.zeros((len(chunks), 3), dtype=np.int64)
    kept: dict[str, np.ndarray] = {}
    texts_only = np.array([chunk.keeps != "all" for chunk in chunks])
    by_date: dict[dt.date | None, list[_Stretch]] = {}
    for part in parts:
        for dated in part.slices:
            by_date.setdefault(dated.event_date, []).append((part, dated.units))
    live: dict[dt.date | None, list[LiveFile]] = {}
    for file in parent.files("units"):
        live.setdefault(file.event_date, []).append(file)
    judge = partial(_verdicts_of, home=settings.home, work=work, alone=Lock())
    with ThreadPoolExecutor(max_workers=max(1, settings.workers)) as pool:
        every = pool.map(judge, by_date.values(), [live.get(date, []) for date in by_date])
        for stretches, (chunk_of, found) in zip(by_date.values(), every, strict=True):
            found[texts_only[chunk_of] & (found == LANDED)] = DUPLICATE
            np.add.at(counts, (chunk_of, found), 1)
            if found.any():
                _keep(kept, found, stretches)
    for stem, of_part in kept.items():
        np.save(verdict_path(stem), of_part)
    return counts, kept


def _verdicts_of(
    stretches: list[_Stretch], live: list[LiveFile], *, home: Path, work: Path, alone: Lock
) -> tuple[np.ndarray, np.ndarray]:
    """Chunks and verdicts of one date's units; earlier ones lie in `live`. Dates of many units come one by one."""
    columns = [*KEY_COLUMNS, "chunk"]
    units = [read_part(part.path("units")).select(columns).slice(*where) for part, where in stretches]
    chunk_of = np.concatenate([table["chunk"].to_numpy() for table in units])
    paths = [home / file.path for file in live]
    landed_count = sum(file.rows for file in live)
    if landed_count + len(chunk_of) < MANY:
        return chunk_of, verdicts(pa.concat_tables(units), landed=landed_keys(paths))
    with alone:
        found = verdicts_of_many(units, landed=keys_of(paths), landed_count=landed_count, work=work)
        return chunk_of, found


def _keep(kept: dict[str, np.ndarray], found: np.ndarray, stretches: list[_Stretch]) -> None:
    """Put the verdicts of one date into their parts."""
    position = 0
    for part, (start, length) in stretches:
        here = found[position : position + length]
        position += length
        if here.any():
            whole = kept.setdefault(part.stem, np.zeros(part.unit_count, dtype=np.uint8))
            whole[start : start + length] = here
