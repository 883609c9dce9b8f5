"""The landed tables: one asset each, with the key dbt's source has, so that the graph joins itself."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project import pipeline
from dagster_project.assets.failures import final_errors
from dagster_project.automation import EVENT_DAYS, ONE_RUN, RETRIES, inbox_state
from dagster_project.publishing.warehouse import LANDED_SCHEMAS
from dagster_project.resources import DataRoot
from dagster_project.snapshots import LiveFile, Snapshot, read_snapshot

LANDED_KEYS = {table: dg.AssetKey(["landed", table]) for table in LANDED_SCHEMAS}


@dg.multi_asset(
    name="landed",
    specs=[
        dg.AssetSpec(key, group_name="landed", kinds={"parquet"}, partitions_def=EVENT_DAYS)
        for key in LANDED_KEYS.values()
    ],
    can_subset=False,
    backfill_policy=ONE_RUN,
    retry_policy=RETRIES,
    description="Immutable Parquet files by event date, and the ledger that accounts for every unit of every file.",
)
def landed(context: dg.AssetExecutionContext, data_root: DataRoot) -> Iterator[dg.MaterializeResult]:
    settings = data_root.settings()
    if inbox_state(settings.inbox) is None:
        context.log.info(f"{settings.inbox} holds no file; the run goes on with what has landed before.")
    else:
        with final_errors():
            pipeline.land(settings, [settings.inbox])
    pipeline.retain(settings)
    snapshot = read_snapshot(settings)
    days = context.partition_time_window if context.has_partition_key_range or context.has_partition_key else None
    for table, key in LANDED_KEYS.items():
        yield dg.MaterializeResult(asset_key=key, metadata=table_metadata(snapshot, table, days=days))


def table_metadata(snapshot: Snapshot, table: str, *, days: dg.TimeWindow | None) -> dict[str, Any]:
    """What an operator asks first of a landed table: rows, bytes, files, first and last event date.

    `rows_of_these_days` counts the rows of the run's own partitions.
    """
    files = snapshot.files(table)
    dates = [file.event_date for file in files if file.event_date]
    facts: dict[str, Any] = {
        "dagster/row_count": sum(file.rows for file in files),
        "bytes": sum(file.bytes for file in files),
        "files": len(files),
        "snapshot": snapshot.number,
    }
    if dates:
        facts |= {"first_event_date": min(dates).isoformat(), "last_event_date": max(dates).isoformat()}
    if days:
        facts["rows_of_these_days"] = sum(file.rows for file in files if _is_within(file, days))
    return facts


def _is_within(file: LiveFile, days: dg.TimeWindow) -> bool:
    start, end = days.start.date(), days.end.date()
    return isinstance(file.event_date, dt.date) and start <= file.event_date < end
