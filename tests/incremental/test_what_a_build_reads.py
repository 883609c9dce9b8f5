"""A build reads the landed files of the days it derives again and no others, also behind folding and windows.

Held by DuckDB's own plan: EXPLAIN ANALYZE says how many files each scan opened.
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from tests.incremental.events import DECLARED
from tests.incremental.models import Model, run_models
from tests.landed_rows import land_rows

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("incremental")]

DAYS = 12
FIRST = dt.datetime(2026, 3, 1, 12)


def day_of_runs(day: int) -> dict[str, list[dict[str, Any]]]:
    """Three runs of that day with two steps each."""
    at = FIRST + dt.timedelta(days=day)
    runs = [
        {"run_id": f"{day}-{number}", "agent_id": "a", "occurred_at": at, "event_id": f"run-{day}-{number}"}
        for number in range(3)
    ]
    steps = [
        {
            "run_id": run["run_id"],
            "step_id": str(seq),
            "seq": seq,
            "occurred_at": at,
            "event_id": f"{run['event_id']}-{seq}",
        }
        for run in runs
        for seq in range(2)
    ]
    return {"runs": runs, "steps": steps}


@pytest.fixture
def late(compiled: tuple[list[Model], list[str]], tmp_path: Path) -> Settings:
    """Twelve days built, then a step of a run of the fourth that arrives on the last, prepared and built."""
    settings = Settings(home=tmp_path, workers=1)
    for day in range(DAYS):
        land_rows(settings, day_of_runs(day))
    run_models(settings, compiled[0], declared=DECLARED)
    at = FIRST + dt.timedelta(days=DAYS - 1)
    land_rows(
        settings, {"steps": [{"run_id": "3-0", "step_id": "late", "seq": 9, "occurred_at": at, "event_id": "late"}]}
    )
    assert run_models(settings, compiled[0], declared=DECLARED)
    return settings


def files_read(connection: duckdb.DuckDBPyConnection, sql: str) -> list[int]:
    """How many files each Parquet scan of the query opened."""
    plan = connection.execute(f"explain (analyze, format json) {sql}").fetchall()[0][1]
    return [int(node["extra_info"]["Total Files Read"]) for node in nodes(json.loads(plan)) if is_scan(node)]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan["children"]:
        yield from nodes(child)


def is_scan(node: dict[str, Any]) -> bool:
    return "Total Files Read" in node.get("extra_info", {})


def sql_of(models: list[Model], name: str) -> str:
    return next(model.sql for model in models if model.relation.endswith(f'"{name}"'))


def test_folding_runs_reads_the_files_of_the_run_s_day_and_of_the_day_of_the_late_record(
    late: Settings, compiled: tuple[list[Model], list[str]]
) -> None:
    with duckdb.connect(str(warehouse_file(late)), read_only=True) as connection:
        scans = files_read(connection, sql_of(compiled[0], "int_runs_folded"))
    assert scans
    assert max(scans) == 2


def test_records_of_the_runs_of_that_day_are_read_from_the_days_on_which_they_landed(
    late: Settings, compiled: tuple[list[Model], list[str]]
) -> None:
    """Three files of thirteen: the run's own steps, and both that landed on the day of the late one."""
    with duckdb.connect(str(warehouse_file(late)), read_only=True) as connection:
        scans = files_read(connection, sql_of(compiled[0], "steps"))
        found = connection.execute("select step_id from marts.steps where run_id = '3-0' order by 1").fetchall()
    assert max(scans) == 3
    assert found == [("0",), ("1",), ("late",)]


def test_a_build_of_everything_reads_every_file(late: Settings, compiled: tuple[list[Model], list[str]]) -> None:
    run_models(late, compiled[0], declared=DECLARED, full_refresh=True)
    with duckdb.connect(str(warehouse_file(late)), read_only=True) as connection:
        assert max(files_read(connection, sql_of(compiled[0], "int_runs_folded"))) == DAYS
