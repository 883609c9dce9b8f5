"""A Spark session means what DuckDB means; its size and place are its owner's."""

from dataclasses import replace

import pytest

from dagster_project.commands.target import target_settings
from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.spark.inputs import _glob
from dagster_project.spark.session import session_options
from dagster_project.spark.sql_text import literal, without_patterns


@pytest.mark.parametrize("master", ["local[2]", "spark://127.0.0.1:7077", "spark://head.example:7077", "yarn"])
def test_the_meaning_of_sql_is_fixed_wherever_it_runs(settings: Settings, master: str) -> None:
    options = session_options(replace(settings, spark_master=master))
    assert options["spark.master"] == master
    assert (options["spark.sql.session.timeZone"], options["spark.sql.ansi.enabled"]) == ("UTC", "true")


@pytest.mark.parametrize(("master", "is_ours"), [("local[2]", True), ("spark://127.0.0.1:1", True), ("yarn", False)])
def test_the_size_of_other_machines_is_not_ours_to_set(settings: Settings, master: str, is_ours: bool) -> None:
    options = session_options(replace(settings, spark_master=master))
    assert ("spark.executor.memory" in options) is is_ours
    assert ("spark.driver.bindAddress" in options) is is_ours


def test_the_cluster_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELIABILITY_TARGET", "spark")
    monkeypatch.setenv("RELIABILITY_SPARK_MASTER", "spark://head.example:7077")
    settings = target_settings(None)
    assert (settings.target, settings.spark_master) == ("spark", "spark://head.example:7077")
    assert target_settings("duckdb").target == "duckdb"


def test_a_target_there_is_none_of_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELIABILITY_TARGET", "hive")
    with pytest.raises(UsageError, match="hive"):
        Settings.from_environment()


def test_each_engine_has_a_warehouse_of_its_own(settings: Settings) -> None:
    assert replace(settings, target="spark").warehouse == settings.warehouse / "spark"


def test_the_pattern_of_paths_names_each_file_and_no_other(settings: Settings) -> None:
    files = [f"landed/runs/event_date={day}/a.parquet" for day in ("x", "y")]
    assert _glob(settings.home, files) == (
        f"{settings.home}/landed/runs/{{event_date=x/a.parquet,event_date=y/a.parquet}}"
    )
    assert _glob(settings.home, files[:1]) == f"{settings.home}/landed/runs/event_date=x/a.parquet"


def test_a_data_root_s_name_is_text_to_spark() -> None:
    assert without_patterns("/data/{a,b}*[c]") == "/data/\\{a\\,b\\}\\*\\[c\\]"
    assert literal("it's a \\ here") == "'it\\'s a \\\\ here'"
