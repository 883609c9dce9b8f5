"""A run of the job lands, builds, audits, publishes and exports, in this order, and stops where something is wrong."""

import datetime as dt
import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import dagster as dg
import pytest

from dagster_project import automation, pipeline, resources
from dagster_project.assets.landed import LANDED_KEYS, table_metadata
from dagster_project.assets.published import PUBLISHED_KEY
from dagster_project.errors import UsageError
from dagster_project.passes import read_passes
from dagster_project.publishing.build import BuildResult, read_build_result
from dagster_project.publishing.publish import current_build_id
from dagster_project.publishing.read import run_query
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot
from tests.orchestration.conftest import Location, make_location

DAY = "2026-03-01"
# Belongs to labels and patterns, not to a day: judged when these change.
JUDGED_APART = {dg.AssetKey(["classifier", "model_verdict"])}


@dataclass
class Finished:
    """One good run over five days with a file in the inbox and a warning; most tests only look at it."""

    location: Location
    instance: dg.DagsterInstance
    result: dg.ExecuteInProcessResult
    was_locked: list[bool]
    order: list[str]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, small_project: Path) -> Iterator[Finished]:
    with pytest.MonkeyPatch.context() as monkeypatch, dg.DagsterInstance.ephemeral() as instance:
        location = make_location(tmp_path_factory.mktemp("finished") / "home", small_project, monkeypatch)
        was_locked: list[bool] = []
        order: list[str] = []

        def noted(module: ModuleType, name: str, what: str) -> None:
            called = getattr(module, name)
            monkeypatch.setattr(module, name, lambda *given: (order.append(what), called(*given))[1])

        def watched_read(settings: Settings) -> BuildResult:
            was_locked.append(is_locked(settings))
            return read_build_result(settings)

        monkeypatch.setattr(pipeline, "read_build_result", watched_read)
        noted(resources, "models_started", "dbt starts")
        noted(pipeline, "land", "landing")
        noted(pipeline, "check_landed", "judging")
        noted(pipeline, "publish", "publishing")
        put_into_inbox(location)
        location.number = 7
        tags = {"dagster/asset_partition_range_start": DAY, "dagster/asset_partition_range_end": "2026-03-05"}
        yield Finished(location, instance, location.run(instance, tags=tags), was_locked, list(order))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def put_into_inbox(location: Location) -> None:
    location.settings.inbox.mkdir(parents=True)
    (location.settings.inbox / "a.jsonl").write_text("{}\n", encoding="utf-8")


def steps(result: dg.ExecuteInProcessResult, kind: dg.DagsterEventType) -> list[str]:
    return [event.step_key for event in result.all_events if event.event_type == kind and event.step_key]


def is_locked(settings: Settings) -> bool:
    """Whether the warehouse writer's lock is taken, as another process would see it."""
    with (settings.warehouse / ".lock").open("wb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_one_run_materializes_and_publishes_everything(finished: Finished) -> None:
    location, result = finished.location, finished.result
    assert result.success
    materialized = {event.asset_key for event in result.all_events if event.is_step_materialization}
    assert materialized == set(location.definitions.resolve_asset_graph().get_all_asset_keys()) - JUDGED_APART
    assert location.landed_paths == [location.settings.inbox]
    assert current_build_id(location.settings) is not None
    assert run_query(location.settings, "select number from landing_ledger").to_pylist() == [{"number": 7}]
    assert (location.report_count, location.export_count) == (1, 1)


def test_resources_made_once_more_after_a_run_begin_nothing(location: Location) -> None:
    over = dg.DagsterRun(job_name="everything", status=dg.DagsterRunStatus.SUCCESS)

    with dg.build_resources(location.definitions.resources or {}, dagster_run=over) as made:
        assert made.models_read.take() is None

    assert not location.settings.home.exists()  # no pass, no lock


def test_a_range_of_days_is_one_run_with_one_dbt_step(finished: Finished) -> None:
    assert steps(finished.result, dg.DagsterEventType.STEP_START).count("warehouse") == 1
    assert finished.instance.get_materialized_partitions(dg.AssetKey(["published", "snapshot"])) == {
        "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05",
    }  # fmt: skip


def test_dbt_tests_and_our_own_checks_are_asset_checks(finished: Finished) -> None:
    checks = {(e.asset_key.to_user_string(), e.check_name): (e.passed, e.severity.value)
              for e in finished.result.get_asset_check_evaluations()}  # fmt: skip
    assert checks["marts/landing_ledger", "number_is_not_negative"] == (True, "ERROR")
    assert checks["marts/landing_ledger", "number_is_small"] == (False, "WARN")
    assert checks["staging/models", "source_not_null_landed_runs_run_id"][0] is True
    assert checks["published/snapshot", "passes_succeed"] == (True, "WARN")
    for family in ("volume", "null_rates", "ranges", "drift"):
        assert checks["landed/runs", family][0] is True
        assert checks["exports/sft", family][0] is True


def test_the_numbers_an_operator_asks_first_are_there(finished: Finished) -> None:
    event = finished.result.asset_materializations_for_node("published__snapshot")[0]
    assert {"build_id", "is_new", "bytes", "row_count", "run_count"} <= event.metadata.keys()
    landed = {event.asset_key.path[-1]: event for event in finished.result.asset_materializations_for_node("landed")}
    assert {"dagster/row_count", "bytes", "files", "rows_of_these_days"} <= landed["runs"].metadata.keys()


def test_a_layer_tells_how_many_models_it_has_and_which_took_longest(finished: Finished) -> None:
    made = finished.result.asset_materializations_for_node("warehouse")
    staging = next(event for event in made if event.asset_key == dg.AssetKey(["staging", "models"]))
    assert staging.metadata["models"].value == 1
    assert "| stg_runs |" in str(staging.metadata["slowest"].value)


def test_a_run_that_published_is_a_pass_that_succeeded(finished: Finished) -> None:
    assert [(one.by, one.result) for one in read_passes(finished.location.settings)] == [("dagster", "succeeded")]


def test_dbt_starts_before_logs_land_and_what_landed_is_judged_while_it_builds(finished: Finished) -> None:
    assert finished.order == ["dbt starts", "landing", "judging", "publishing"]
    started = steps(finished.result, dg.DagsterEventType.STEP_START)
    assert started.index("landed_checks") > started.index("warehouse")


def test_a_run_holds_the_writers_lock_until_it_has_published(finished: Finished) -> None:
    """Another process could not take the lock between two steps; afterwards it can."""
    assert finished.was_locked == [True]
    assert not is_locked(finished.location.settings)


def test_what_lands_and_what_is_published_has_days_and_the_job_takes_any_range_in_a_single_run(
    finished: Finished,
) -> None:
    graph = finished.location.definitions.resolve_asset_graph()
    with_days = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def}
    assert with_days == {*LANDED_KEYS.values(), PUBLISHED_KEY}
    for key in with_days:
        assert graph.get(key).backfill_policy == dg.BackfillPolicy.single_run(), key
        assert graph.get(key).partitions_def == automation.EVENT_DAYS, key
    job = finished.location.definitions.resolve_job_def("everything")
    assert (job.partitions_def, job.backfill_policy) == (automation.EVENT_DAYS, dg.BackfillPolicy.single_run())


def test_a_range_plans_and_records_an_event_a_day_only_where_there_are_days(finished: Finished) -> None:
    made = [event for event in finished.result.all_events if event.is_step_materialization and event.asset_key]
    of_days = [event for event in made if event.partition]
    assert len(of_days) == 5 * (len(LANDED_KEYS) + 1)
    assert len(made) - len(of_days) == len({event.asset_key for event in made if not event.partition})


def test_the_steps_that_write_the_warehouse_share_a_pool(finished: Finished) -> None:
    job = finished.location.definitions.resolve_job_def("everything")
    pools = {node.name: node.definition.pool for node in job.graph.nodes}
    writers = {name for name, pool in pools.items() if pool == automation.WRITER_POOL}
    assert writers == {"declared__tables", "warehouse", "published__snapshot"}


@pytest.mark.slow
def test_an_empty_inbox_is_no_error_and_a_failed_test_then_publishes_nothing(
    location: Location, instance: dg.DagsterInstance
) -> None:
    assert location.run(instance, partition_key=DAY).success
    assert location.landed_paths == []
    good = current_build_id(location.settings)
    location.number = -1
    result = location.run(instance, partition_key=DAY)
    assert not result.success
    assert steps(result, dg.DagsterEventType.STEP_FAILURE) == ["warehouse"]
    assert steps(result, dg.DagsterEventType.STEP_UP_FOR_RETRY) == []
    assert current_build_id(location.settings) == good
    assert run_query(location.settings, "select number from landing_ledger").to_pylist() == [{"number": 1}]
    assert location.export_count == 1
    assert [one.result for one in read_passes(location.settings)] == ["succeeded", "failed"]
    failed = [check.check_name for check in result.get_asset_check_evaluations() if not check.passed]
    assert "number_is_not_negative" in failed
    failure = result.failure_data_for_node("warehouse")
    assert failure is not None and "number_is_not_negative" in str(failure.error)


def test_what_a_person_must_mend_is_not_tried_again(location: Location, instance: dg.DagsterInstance) -> None:
    put_into_inbox(location)
    location.landing_errors = [UsageError("The map is broken.", remedy="Mend it.")]
    result = location.run(instance, partition_key=DAY)
    assert not result.success
    assert steps(result, dg.DagsterEventType.STEP_UP_FOR_RETRY) == []
    failure = result.failure_data_for_node("landed")
    assert failure is not None and "The map is broken. Mend it." in str(failure.error)


@pytest.mark.slow
def test_what_may_pass_by_itself_is_tried_again(location: Location, instance: dg.DagsterInstance) -> None:
    """The second try gets as far as an error of another kind, which ends the run; the pause between is drawn."""
    put_into_inbox(location)
    location.landing_errors = [UsageError("The map is broken.", remedy=""), OSError("No space left on device")]
    result = location.run(instance, partition_key=DAY)
    assert not result.success
    assert steps(result, dg.DagsterEventType.STEP_UP_FOR_RETRY) == ["landed"]
    assert steps(result, dg.DagsterEventType.STEP_RESTARTED) == ["landed"]


def test_every_step_that_makes_an_asset_retries_with_backoff(finished: Finished) -> None:
    nodes = finished.location.definitions.resolve_job_def("everything").graph.nodes
    policies = {
        node.name: node.definition.retry_policy
        for node in nodes
        if not node.name.endswith(("_checks", "passes_succeed"))
    }
    assert policies == dict.fromkeys(
        ("landed", "declared__tables", "warehouse", "published__snapshot", "exports", "artifacts"), automation.RETRIES
    )
    assert (automation.RETRIES.max_retries, automation.RETRIES.backoff) == (2, dg.Backoff.EXPONENTIAL)


def test_landed_metadata_tells_the_time_range_and_the_rows_of_the_days_asked_for() -> None:
    days = [dt.date(2026, 3, day) for day in (1, 2, 3)]
    files = [LiveFile(path=f"{day}", rows=10 * day.day, bytes=100, event_date=day) for day in days]
    undated = LiveFile(path="undated", rows=7, bytes=50)
    snapshot = Snapshot(number=4, tables={"runs": [*files, undated]})
    window = dg.TimeWindow(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), dt.datetime(2026, 3, 4, tzinfo=dt.UTC))
    assert table_metadata(snapshot, "runs", days=window) == {
        "dagster/row_count": 67, "bytes": 350, "files": 4, "snapshot": 4,
        "first_event_date": "2026-03-01", "last_event_date": "2026-03-03", "rows_of_these_days": 50,
    }  # fmt: skip
