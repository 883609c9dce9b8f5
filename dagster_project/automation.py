"""When the flow runs: partitions, retries, the job, its schedule and the inbox sensor."""

import datetime as dt
import hashlib
import os
from pathlib import Path

import dagster as dg

from dagster_project.resources import DataRoot

WRITER_POOL = "warehouse_writer"
"""Pool of one run: the private warehouse file has one writer."""

EVENT_DAYS = dg.DailyPartitionsDefinition(start_date="2020-01-01", end_offset=1)
"""Event dates (UTC). Older and undated runs are landed and counted too; they only have no square of their own."""

ONE_RUN = dg.BackfillPolicy.single_run()
"""A backfill of any range of days is one run: landing and building take all that is new at once."""

RETRIES = dg.RetryPolicy(max_retries=2, delay=10, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For a full disk, a lost mount, an engine that died. A failed check or wrong input is not tried again."""

SCHEDULE_SETTING = "RELIABILITY_SCHEDULE"
"""A cron line in UTC; by default six every morning."""

everything = dg.define_asset_job(
    name="everything",
    description="Land what is new in the inbox, build and audit the warehouse, publish it, export training data.",
    selection=dg.AssetSelection.all() - dg.AssetSelection.groups("classifier"),
    executor_def=dg.in_process_executor,
    config={"loggers": {"console": {"config": {"log_level": "INFO"}}}},
)


@dg.schedule(
    job=everything,
    cron_schedule=os.environ.get(SCHEDULE_SETTING, "0 6 * * *"),
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every morning (UTC), for the day before.",
)
def every_morning(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    tick = context.scheduled_execution_time
    day = tick.date() - dt.timedelta(days=1)
    return dg.RunRequest(run_key=f"tick of {tick.isoformat()}", partition_key=day.isoformat())


@dg.sensor(
    job=everything,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="As soon as files appear or change in the inbox.",
)
def inbox_changed(context: dg.SensorEvaluationContext, data_root: DataRoot) -> dg.SensorResult | dg.SkipReason:
    inbox = data_root.settings().inbox
    state = inbox_state(inbox)
    if state is None:
        return dg.SkipReason(f"{inbox} holds no file.")
    if state == context.cursor:
        return dg.SkipReason(f"Nothing has changed in {inbox}.")
    today = EVENT_DAYS.get_last_partition_key()
    request = dg.RunRequest(run_key=f"inbox {state}", partition_key=today)
    return dg.SensorResult(run_requests=[request], cursor=state)


def inbox_state(inbox: Path) -> str | None:
    """A hash of the names, sizes and times of the inbox's files; None when there is none. Links are not followed."""
    digest = hashlib.sha256()
    is_empty = True
    for path in sorted(inbox.rglob("*")) if inbox.is_dir() else []:
        if path.is_symlink() or not path.is_file():
            continue
        facts = path.stat()
        digest.update(
            f"{path.relative_to(inbox)}\0{facts.st_size}\0{facts.st_mtime_ns}\0".encode(errors="surrogateescape")
        )
        is_empty = False
    return None if is_empty else digest.hexdigest()[:32]
