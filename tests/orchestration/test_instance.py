"""Dagster's own storage: SQLite below the data root by default, PostgreSQL by one setting, telemetry never."""

import sqlite3
import subprocess
import sys

import dagster as dg
import pytest
import yaml

from dagster_project.errors import ReliabilityError
from dagster_project.event_log import EventLog
from dagster_project.instance import (
    POSTGRES_SETTING,
    instance_environment,
    instance_folder,
    prepare_instance,
    write_instance,
)
from dagster_project.settings import Settings
from tests.orchestration.conftest import Location
from tests.orchestration.postgres import private_postgres


@pytest.fixture(autouse=True)
def no_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POSTGRES_SETTING, raising=False)


def test_the_default_instance_is_sqlite_below_the_data_root(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_instance(settings)
    monkeypatch.setenv("DAGSTER_HOME", str(instance_folder(settings)))
    with dg.DagsterInstance.get() as instance:
        assert "Sqlite" in type(instance.run_storage).__name__
        assert type(instance.event_log_storage) is EventLog
        assert instance.telemetry_enabled is False
    assert instance_folder(settings).is_relative_to(settings.home)


def test_a_pool_admits_one_run(settings: Settings) -> None:
    content = yaml.safe_load(write_instance(settings).read_text(encoding="utf-8"))
    assert content["concurrency"]["pools"] == {"default_limit": 1, "granularity": "run"}


def test_every_process_gets_the_same_data_root_and_no_telemetry(settings: Settings) -> None:
    environment = instance_environment(settings)
    assert environment["RELIABILITY_HOME"] == str(settings.home)
    assert environment["DAGSTER_HOME"] == str(instance_folder(settings))
    assert (environment["DO_NOT_TRACK"], environment["GX_ANALYTICS_ENABLED"]) == ("1", "false")


def versions(settings: Settings) -> dict[str, int]:
    """How many versions each SQLite store of the instance bears."""
    stores = sorted(instance_folder(settings).rglob("*.db"))
    return {store.stem: len(sqlite3.connect(store).execute("select * from alembic_version").fetchall())
            for store in stores}  # fmt: skip


def test_the_stores_are_made_before_any_process_of_dagster(settings: Settings) -> None:
    prepare_instance(settings)
    assert versions(settings) == {"index": 1, "runs": 1, "schedules": 1}


@pytest.mark.slow
def test_several_who_prepare_it_at_once_mark_its_version_once(settings: Settings) -> None:
    code = "from dagster_project.instance import *; prepare_instance(Settings.from_environment())"
    environment = instance_environment(settings)
    several = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(4)]
    assert [process.wait(timeout=120) for process in several] == [0, 0, 0, 0]
    assert versions(settings) == {"index": 1, "runs": 1, "schedules": 1}


def test_stores_that_cannot_be_opened_are_named(settings: Settings) -> None:
    prepare_instance(settings)
    (runs,) = instance_folder(settings).rglob("runs.db")
    runs.write_bytes(b"no database at all" * 100)
    with pytest.raises(ReliabilityError, match="Move that folder away"):
        prepare_instance(settings)


def test_the_postgres_url_is_not_written_to_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(POSTGRES_SETTING, "postgresql://someone:secret@127.0.0.1/x")
    text = write_instance(settings).read_text(encoding="utf-8")
    assert "secret" not in text
    assert yaml.safe_load(text)["storage"] == {"postgres": {"postgres_url": {"env": POSTGRES_SETTING}}}


@pytest.mark.slow
def test_a_run_is_recorded_in_postgres(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_postgres() as url:
        monkeypatch.setenv(POSTGRES_SETTING, url)
        write_instance(location.settings)
        monkeypatch.setenv("DAGSTER_HOME", str(instance_folder(location.settings)))
        with dg.DagsterInstance.get() as instance:
            assert location.run(instance, partition_key="2026-03-01").success
        with dg.DagsterInstance.get() as again:
            assert "Postgres" in type(again.run_storage).__name__
            assert [run.status for run in again.get_runs()] == [dg.DagsterRunStatus.SUCCESS]
            assert again.get_latest_materialization_event(dg.AssetKey(["published", "snapshot"])) is not None
    assert not list(instance_folder(location.settings).rglob("*.db"))
