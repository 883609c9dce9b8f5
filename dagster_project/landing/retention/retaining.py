"""Retention: landed rows whose time is over, or whose run is deleted, leave the disk, and a tombstone stays.

One snapshot takes them away from every reader, with the tombstones that count them; the files follow. Killed before the
snapshot nothing has changed; killed after it, the next retention removes the files that no snapshot names. Where an
archive is set, expired records lie there before that snapshot.
"""

import datetime as dt
import shutil
import tempfile
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa

from dagster_project import durable, records
from dagster_project.landing.retention.archiving import archive_expired
from dagster_project.landing.retention.expired_rows import SCHEMAS, row_counts, row_numbers, rows_without
from dagster_project.landing.retention.expiry import Search
from dagster_project.landing.writing.parquet_files import write_table
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot, commit, read_snapshot, snapshot_path, writer_lock

_WORK_PREFIX = "retain-"
_PRIVATE = {"payloads": 0o600, "quarantine": 0o600}
_MEMORY_LIMIT = "1GB"

# What was removed, without saying what it was: who has the originals can tell that it was these.
_TOMBSTONES = """
    select
        landed_table, event_date, organization_id, batch_id, source_file_sha256, reason, rule,
        count(*) as row_count, sha256(string_agg(key, chr(10) order by key)) as rows_sha256,
        max(as_of) as as_of, path
    from gone
    group by landed_table, event_date, organization_id, batch_id, source_file_sha256, reason, rule, path
    order by all
"""


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """What a retention did. `removed`: rows by reason; bytes of quarantined units count as rows, though these stay."""

    removed: dict[str, int]
    rows_archived: int
    files_dropped: int
    files_rewritten: int
    files_swept: int
    bytes_freed: int
    snapshot_number: int


class _Checked(msgspec.Struct, frozen=True):
    """Up to which snapshot deletions have been looked for."""

    snapshot_number: int


def retain(
    settings: Settings,
    *,
    consent: pa.Table,
    today: dt.date,
    as_of: dt.date | None = None,
) -> Retention:
    """Remove what the declared consent lets live no longer, and runs that a deletion names; again, it does nothing.

    Days count back from each organization's latest event date, but from no day after `today`: one line with a wrong
    year must not remove a history. `as_of` takes the place of both. Nobody may build meanwhile.
    """
    with writer_lock(settings):
        swept = _sweep(settings, before := read_snapshot(settings))
        work = Path(tempfile.mkdtemp(prefix=_WORK_PREFIX, dir=settings.landed))
        try:
            with _scratch(work) as connection:
                Search(
                    connection,
                    settings,
                    before,
                    consent=consent.to_pylist(),
                    seen=_checked_files(settings),
                    latest=today,
                    as_of=as_of,
                ).run()
                removed = dict(connection.execute("select reason, count(*) from gone group by 1 order by 1").fetchall())
                archived = archive_expired(settings, before, connection, work=work) if settings.archive else 0
                after = _remove(settings, before, connection, work=work) if removed else before
        finally:
            shutil.rmtree(work, ignore_errors=True)
        _note_checked(settings, after)
        dropped = _paths(before) - _paths(after)
        swept += _sweep(settings, after)
    freed = _bytes(before) - _bytes(after)
    rewritten = len(_paths(after) - _paths(before)) - (1 if removed else 0)
    return Retention(
        removed=removed,
        rows_archived=archived,
        files_dropped=len(dropped) - rewritten,
        files_rewritten=rewritten,
        files_swept=swept,
        bytes_freed=freed,
        snapshot_number=after.number,
    )


def _scratch(work: Path) -> duckdb.DuckDBPyConnection:
    config = {"memory_limit": _MEMORY_LIMIT, "temp_directory": str(work / "spill"), "preserve_insertion_order": "false"}
    return duckdb.connect(str(work / "work.duckdb"), config=config)


def _remove(settings: Settings, parent: Snapshot, connection: duckdb.DuckDBPyConnection, *, work: Path) -> Snapshot:
    """The snapshot without the rows in `gone`, and with their tombstones."""
    files = {file.path: (table, file) for table in parent.tables for file in parent.files(table)}
    gone = connection.table("gone")
    counts = row_counts(gone)
    added: dict[str, list[LiveFile]] = {}
    whole: set[str] = set()
    for path, count in counts:
        table, file = files[path]
        if count == file.rows and table != "quarantine":
            whole.add(path)
            continue
        rows = row_numbers(gone, path)
        rest = write_table(
            settings,
            rows_without(settings.home / path, table, rows),
            schema=SCHEMAS[table],
            scratch=work / "rest.parquet",
            folder=(settings.home / path).parent,
            event_date=file.event_date,
            mode=_PRIVATE.get(table, 0o644),
        )
        added.setdefault(table, []).extend([rest] if rest else [])
    tombstones = connection.execute(_TOMBSTONES).to_arrow_table().to_pylist()
    stamped = [
        {
            **row,
            "is_whole_file": row["path"] in whole,
            "commit_number": parent.number + 1,
            "tombstone_number": number,
        }
        for number, row in enumerate(tombstones, start=1)
    ]
    stone = write_table(
        settings,
        iter([pa.Table.from_pylist(stamped, schema=records.TOMBSTONES)]),
        schema=records.TOMBSTONES,
        scratch=work / "tombstones.parquet",
        folder=settings.landed / "tombstones",
    )
    added["tombstones"] = [stone] if stone else []
    return commit(settings, parent, added=added, removed=frozenset(path for path, _ in counts))


def _sweep(settings: Settings, snapshot: Snapshot) -> int:
    """Remove the landed files that the snapshot does not name, and what a killed retention left; how many files."""
    live = {settings.home / path for path in _paths(snapshot)}
    for left in settings.landed.glob(f"{_WORK_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    folders = [settings.landed / table for table in (*records.TABLES, "tombstones")]
    swept = 0
    for folder in (*folders, settings.payloads, settings.quarantine):
        dead = [path for path in folder.rglob("*.parquet") if path not in live] if folder.is_dir() else []
        for path in dead:
            path.unlink(missing_ok=True)
        for parent in sorted({path.parent for path in dead}):
            durable.sync_folder(parent)
        swept += len(dead)
    return swept


def _paths(snapshot: Snapshot) -> set[str]:
    return {file.path for table in snapshot.tables for file in snapshot.files(table)}


def _bytes(snapshot: Snapshot) -> int:
    return sum(file.bytes for table in snapshot.tables for file in snapshot.files(table))


def _checked_file(settings: Settings) -> Path:
    return settings.landed / "retained.json"


def _checked_files(settings: Settings) -> frozenset[str]:
    """Files in which deletions that were live with them have been applied already."""
    path = _checked_file(settings)
    if not path.exists():
        return frozenset()
    number = msgspec.json.decode(path.read_bytes(), type=_Checked).snapshot_number
    if number and not snapshot_path(settings, number).exists():
        return frozenset()
    return frozenset(_paths(read_snapshot(settings, number)))


def _note_checked(settings: Settings, snapshot: Snapshot) -> None:
    durable.write_bytes(_checked_file(settings), msgspec.json.encode(_Checked(snapshot.number)))
