"""Spark derives the dates that changed, keeps the files of the others, and ends with DuckDB's marts of everything."""

from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.failures.sql import failure_functions_sql
from dagster_project.publishing.build import BuildResult, build_warehouse
from dagster_project.publishing.compare import compare_marts
from dagster_project.publishing.engine import spark_lack, spark_tables
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from tests.incremental.events import DECLARED, Pool, draw_pool
from tests.incremental.test_arrival_orders import land
from tests.landed_rows import declared_tables

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]


def build(settings: Settings, *, with_unit_tests: bool = False) -> BuildResult:
    declared = {name: table for name, table in declared_tables(settings, DECLARED).items() if name != "build"}
    functions = failure_functions_sql(settings)
    built = build_warehouse(
        settings,
        read_snapshot(settings),
        declared=declared,
        functions=functions,
        with_unit_tests=with_unit_tests,
    )
    assert built.failures == ()
    return built


def written_at(settings: Settings, table: str) -> dict[str, int]:
    """When each date of a table was written."""
    folder = spark_tables(settings) / "intermediate.db" / table
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("event_date=*")}


def with_late_day(pool: Pool) -> tuple[Pool, Pool]:
    """What lands first, and what comes later: a twelfth of all, of any day."""
    late = [pair for number, pair in enumerate(pool) if number % 12 == 7]
    return [pair for pair in pool if pair not in late], late


def test_late_records_replace_their_dates_and_no_others_and_every_unit_test_holds(tmp_path: Path) -> None:
    if lack := spark_lack():
        pytest.skip(lack)
    settings = Settings(home=tmp_path, workers=1)
    spark = replace(settings, target="spark", spark_master="local[2]")
    early, late = with_late_day(draw_pool(3))
    land(settings, early)
    build(spark)
    before = written_at(spark, "int_runs")
    land(settings, late)
    built = build(spark, with_unit_tests=True)  # each brings its own rows: one process for both spares a minute
    after = written_at(spark, "int_runs")
    expected = build(settings)
    assert built.test_count > expected.test_count + 50
    assert [table for table in compare_marts(expected.warehouse_file, built.warehouse_file) if not table.is_equal] == []
    assert {date for date in before if after.get(date) != before[date]} < set(before)
