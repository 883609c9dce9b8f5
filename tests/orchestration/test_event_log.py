"""Our event log holds what Dagster's own holds, readable by it, while every connection stays open."""

from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage

from dagster_project import event_log
from dagster_project.event_log import EventLog
from dagster_project.instance import instance_folder, write_instance
from dagster_project.settings import Settings

DAYS = dg.DailyPartitionsDefinition("2026-01-01")
RANGE = {"dagster/asset_partition_range_start": "2026-01-01", "dagster/asset_partition_range_end": "2026-01-05"}


@dg.asset(
    partitions_def=DAYS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    check_specs=[dg.AssetCheckSpec("holds", asset="days")],
)
def days() -> dg.MaterializeResult:
    result = dg.AssetCheckResult(check_name="holds", passed=False, metadata={"offending_rows": 3})
    return dg.MaterializeResult(metadata={"rows": 7}, check_results=[result])


@pytest.fixture
def instance(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "1000")
    write_instance(settings)
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(instance_folder(settings)))) as instance:
        yield instance


def log_of(instance: dg.DagsterInstance) -> EventLog:
    assert isinstance(instance.event_log_storage, EventLog)
    return instance.event_log_storage


def told(entries: list[dg.EventLogEntry]) -> list[tuple[object, ...]]:
    events = [entry.dagster_event for entry in entries if entry.dagster_event]
    return [(e.event_type_value, e.step_key, e.partition) for e in events if e.event_type_value != "ENGINE_EVENT"]


def full_at(number: int) -> Callable[..., None]:
    """A stand-in that fails when it is called so often."""
    calls = iter(range(1, number + 1))

    def fail(*_given: object) -> None:
        if next(calls) == number:
            raise OSError("The disk is full.")

    return fail


def test_the_events_are_those_of_dagsters_own_class_which_reads_them(
    instance: dg.DagsterInstance, settings: Settings, tmp_path: Path
) -> None:
    ours = dg.materialize([days], instance=instance, tags=RANGE)
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(tmp_path))) as other:
        assert type(other.event_log_storage) is SqliteEventLogStorage
        theirs = dg.materialize([days], instance=other, tags=RANGE)
        expected = told(other.all_logs(theirs.run_id))
    assert told(instance.all_logs(ours.run_id)) == expected
    assert [kind for kind, *_ in expected].count("ASSET_MATERIALIZATION") == 5
    reader = SqliteEventLogStorage(str(instance_folder(settings) / "history" / "runs"))
    reader.register_instance(instance)
    assert told([record.event_log_entry for record in reader.get_records_for_run(ours.run_id).records]) == expected
    assert reader.get_materialized_partitions(days.key) == {f"2026-01-0{day}" for day in range(1, 6)}
    checks = reader.get_asset_check_execution_history(dg.AssetCheckKey(days.key, "holds"), limit=9)
    assert "FAILED" in {check.status.value for check in checks}


def test_a_batch_is_stored_as_a_whole_or_not_at_all(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = dg.materialize([days], instance=instance, tags=RANGE)
    entries = [entry for entry in instance.all_logs(run.run_id) if entry.dagster_event]
    made = [entry for entry in entries if entry.dagster_event.is_step_materialization]  # type: ignore[union-attr]
    with monkeypatch.context() as broken, pytest.raises(OSError, match="disk is full"):
        broken.setattr(log_of(instance), "_store_asset_event", full_at(3))
        log_of(instance).store_event_batch(made)
    assert [entry for entry in instance.all_logs(run.run_id) if entry.dagster_event] == entries
    log_of(instance).store_event_batch(made)
    assert len(instance.all_logs(run.run_id)) == len(entries) + 5


def test_the_files_of_many_runs_do_not_stay_open(instance: dg.DagsterInstance) -> None:
    storage = log_of(instance)
    for number in range(event_log._OPEN_FILES + 3):
        with storage.run_connection(f"run-{number}"):
            pass
    assert len(storage._engines) <= event_log._OPEN_FILES + 1


def test_who_watches_a_run_is_told_of_each_event_in_its_own_file(instance: dg.DagsterInstance) -> None:
    """The file itself grows, not only SQLite's log beside it: the web interface watches the file."""
    run = dg.materialize([days], instance=instance, tags=RANGE)
    storage = log_of(instance)
    file = Path(storage.path_for_shard(run.run_id))
    before = file.stat().st_mtime_ns
    instance.report_engine_event("still here", instance.get_run_by_id(run.run_id))
    assert file.stat().st_mtime_ns > before


def test_wiping_forgets_every_run(instance: dg.DagsterInstance) -> None:
    run = dg.materialize([days], instance=instance, tags=RANGE)
    instance.wipe()
    assert instance.all_logs(run.run_id) == []
    assert dg.materialize([days], instance=instance, tags=RANGE).success
