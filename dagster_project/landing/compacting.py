"""Compaction: the many small files of a table and day become one that holds the same rows.

Each commit is atomic, and what it has done is not done again: a killed compaction is carried on by the next. The
files that were replaced are removed once no snapshot that anyone reads names them.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import durable, records
from dagster_project.errors import ReliabilityError
from dagster_project.landing.writing.parquet_files import write_table
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot, commit, read_snapshot, writer_lock

SMALL_BYTES = 32 << 20
"""A file below this is small."""
FEWEST_FILES = 8
"""So many small files of one table and day are worth a new one."""
_MOST_BYTES = 256 << 20
_GROUPS_A_COMMIT = 32
_WORK_PREFIX = "compact-"
_SCHEMAS = {**records.TABLES, "ledger": records.LEDGER, "tombstones": records.TOMBSTONES}


class Compaction(msgspec.Struct, frozen=True, kw_only=True):
    """What a compaction did, over all tables. Rows are those of the files that were replaced."""

    files_before: int
    files_after: int
    replaced_files: int
    rows: int


class _Group(msgspec.Struct, frozen=True):
    table: str
    files: tuple[LiveFile, ...]


def compact(
    settings: Settings, *, fewest_files: int = FEWEST_FILES, progress: Callable[[int, int], None] | None = None
) -> Compaction:
    """Merge the small files of each record table and day, and those of the ledger, where there are `fewest_files`.

    Nobody may build meanwhile: files that are replaced are removed. `progress` is told groups done and in all.
    Raises ReliabilityError when a merged file would not hold every row; then the files stay as they are.
    """
    with writer_lock(settings):
        before = read_snapshot(settings)
        _remove_replaced(settings, before)
        for left in settings.landed.glob(f"{_WORK_PREFIX}*"):  # by a killed compaction
            shutil.rmtree(left, ignore_errors=True)
        groups = _groups(before, fewest_files=max(2, fewest_files))
        work = Path(tempfile.mkdtemp(prefix=_WORK_PREFIX, dir=settings.landed))
        try:
            after = before
            for start in range(0, len(groups), _GROUPS_A_COMMIT):
                some = groups[start : start + _GROUPS_A_COMMIT]
                after = _replace(settings, after, some, work=work)
                _remove_replaced(settings, after)
                if progress:
                    progress(start + len(some), len(groups))
        finally:
            shutil.rmtree(work, ignore_errors=True)
    replaced = [file for group in groups for file in group.files]
    return Compaction(
        files_before=_count(before),
        files_after=_count(after),
        replaced_files=len(replaced),
        rows=sum(file.rows for file in replaced),
    )


def _count(snapshot: Snapshot) -> int:
    return sum(len(snapshot.files(table)) for table in _SCHEMAS)


def _groups(snapshot: Snapshot, *, fewest_files: int) -> list[_Group]:
    groups = []
    for table in _SCHEMAS:
        by_day: dict[str, list[LiveFile]] = {}
        for file in snapshot.files(table):
            if file.bytes < SMALL_BYTES:
                by_day.setdefault(str(file.event_date), []).append(file)
        for day in sorted(by_day):
            if len(by_day[day]) >= fewest_files:
                groups += [_Group(table, files) for files in _portions(by_day[day])]
    return groups


def _portions(files: Sequence[LiveFile]) -> Iterator[tuple[LiveFile, ...]]:
    """Stretches of the files that together are no larger than a merged file should be."""
    portion: list[LiveFile] = []
    for file in files:
        if portion and sum(one.bytes for one in portion) + file.bytes > _MOST_BYTES:
            yield tuple(portion)
            portion = []
        portion.append(file)
    if len(portion) > 1:
        yield tuple(portion)


def _replace(settings: Settings, parent: Snapshot, groups: Sequence[_Group], *, work: Path) -> Snapshot:
    added: dict[str, list[LiveFile]] = {}
    for group in groups:
        added.setdefault(group.table, []).append(_merged(settings, group, work=work))
    removed = frozenset(file.path for group in groups for file in group.files)
    return commit(settings, parent, added=added, removed=removed)


def _merged(settings: Settings, group: _Group, *, work: Path) -> LiveFile:
    schema, first = _SCHEMAS[group.table], group.files[0]
    merged = write_table(
        settings,
        (table for file in group.files for table in _tables(settings.home / file.path, schema)),
        schema=schema,
        scratch=work / f"{group.table}.parquet",
        folder=(settings.home / first.path).parent,
        event_date=first.event_date,
    )
    expected = sum(file.rows for file in group.files)
    if merged is None or merged.rows != expected:
        found = 0 if merged is None else merged.rows
        raise ReliabilityError(
            f"The {len(group.files)} files of {group.table}, {first.event_date or 'undated'}, hold {found} rows and "
            f"not the {expected} that landed.",
            remedy="Nothing was replaced. A landed file was changed by something else: restore it from a copy.",
        )
    return msgspec.structs.replace(merged, replaces=tuple(file.path for file in group.files))


def _tables(path: Path, schema: pa.Schema) -> Iterator[pa.Table]:
    source = pq.ParquetFile(path)
    for group in range(source.num_row_groups):
        yield records.in_columns_of(source.read_row_group(group), schema)


def _remove_replaced(settings: Settings, snapshot: Snapshot) -> None:
    """Remove files whose rows another live file holds, also those that a killed compaction left."""
    live = {file.path for table in snapshot.tables for file in snapshot.files(table)}
    folders = set()
    for table in snapshot.tables:
        for file in snapshot.files(table):
            for path in file.replaces:
                if path not in live and (settings.home / path).exists():
                    (settings.home / path).unlink()
                    folders.add((settings.home / path).parent)
    for folder in sorted(folders):
        durable.sync_folder(folder)
