"""A second look: what an older map or format version had quarantined is read once more, and leaves quarantine."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dagster_project import records
from dagster_project.landing.writing.parquet_files import write_table
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot

_PRIVATE = 0o600
_ROWS_AT_ONCE = 64


def quarantined_units(settings: Settings, snapshot: Snapshot, batches: Collection[str]) -> dict[str, frozenset[int]]:
    """Numbers of the quarantined units of each batch."""
    found: dict[str, set[int]] = {batch: set() for batch in batches}
    if not found:
        return {}
    for file in snapshot.files("quarantine"):
        keys = pq.ParquetFile(settings.home / file.path).read(columns=["batch_id", "unit_number"])
        for batch, number in zip(keys["batch_id"].to_pylist(), keys["unit_number"].to_pylist(), strict=True):
            if batch in found:
                found[batch].add(number)
    return {batch: frozenset(numbers) for batch, numbers in found.items()}


def quarantine_without(
    settings: Settings, snapshot: Snapshot, looked_at: Mapping[str, Collection[int]], *, work: Path
) -> tuple[list[LiveFile], frozenset[str]]:
    """The quarantine files that held those units of those batches, written anew without them, and the old paths."""
    if not looked_at:
        return [], frozenset()
    written: list[LiveFile] = []
    removed: set[str] = set()
    for file in snapshot.files("quarantine"):
        source = pq.ParquetFile(settings.home / file.path)
        keys = source.read(columns=["batch_id", "unit_number"])
        if bool(pc.call_function("all", [_is_kept(keys, looked_at)]).as_py()):
            continue
        removed.add(file.path)
        rest = write_table(
            settings,
            _kept_rows(source, looked_at),
            schema=records.QUARANTINE,
            scratch=work / "quarantine.parquet",
            folder=settings.quarantine,
            mode=_PRIVATE,
        )
        written += [rest] if rest is not None else []
    return written, frozenset(removed)


def _kept_rows(source: pq.ParquetFile, looked_at: Mapping[str, Collection[int]]) -> Iterator[pa.Table]:
    # Few rows at once: each may hold a whole unit.
    for batch in source.iter_batches(batch_size=_ROWS_AT_ONCE):
        rows = records.in_columns_of(pa.Table.from_batches([batch]), records.QUARANTINE)
        yield rows.filter(_is_kept(rows, looked_at))


def _is_kept(rows: pa.Table, looked_at: Mapping[str, Collection[int]]) -> pa.Array:
    keys = zip(rows["batch_id"].to_pylist(), rows["unit_number"].to_pylist(), strict=True)
    return pa.array([number not in looked_at.get(batch, ()) for batch, number in keys], type=pa.bool_())
