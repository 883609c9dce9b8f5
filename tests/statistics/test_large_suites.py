"""Fifty variants on five hundred tasks: all pairs are compared within seconds and little memory, to the same bits."""

import json
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from dagster_project.publishing.dbt import target_folder
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from dagster_project.statistics.functions import register
from tests.landed_rows import build_warehouse, land_rows, query

MARTS = ("benchmark_summaries", "benchmark_pass_k", "variant_comparisons")
VARIANTS, TASKS, ATTEMPTS = 50, 500, 4


def _runs() -> list[dict[str, Any]]:
    random = np.random.default_rng(19)
    chances = random.uniform(0, 1, TASKS)
    solved = random.uniform(0, 1, (VARIANTS, TASKS, ATTEMPTS)) < chances[None, :, None]
    costs = random.uniform(0.01, 0.1, solved.shape).round(6)
    return [
        {
            "run_id": f"{variant}-{task}-{attempt}", "agent_id": f"agent {variant:02d}", "suite_id": "large",
            "task_id": f"task {task}", "attempt": attempt + 1, "termination": "completed",
            "outcome": "success" if solved[variant, task, attempt] else "failure",
            "cost_usd": float(costs[variant, task, attempt]), "latency_ms": 1000 + 7 * task + attempt,
        }
        for variant, task, attempt in np.ndindex(solved.shape)
    ]  # fmt: skip


def _build(settings: Settings) -> None:
    ran = build_warehouse(settings, ["run", "--select", *(f"+{mart}" for mart in MARTS)])
    assert ran.returncode == 0, ran.stdout


def _processor_seconds(settings: Settings) -> float:
    """Seconds of one core that the benchmark models take, run once more as compiled: busy neighbours change nothing.

    In memory for a fifth of the 1.8 million tasks that two of the variants share, where each would be held.
    """
    results = json.loads((target_folder(settings) / "run_results.json").read_text(encoding="utf-8"))["results"]
    names = ("int_benchmark", "int_task", "int_variant", *MARTS)
    models = [each for each in results if each["unique_id"].split(".")[-1].startswith(names)]
    assert len(models) >= 10
    with duckdb.connect(str(warehouse_file(settings))) as connection:
        register(connection)
        connection.execute("set threads = 4")
        connection.execute("set memory_limit = '256MB'")
        start = time.process_time()
        for number, model in enumerate(models):
            connection.execute(f"create temp table again_{number} as {model['compiled_code']}")
        return time.process_time() - start


def _rows(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    return {mart: query(settings, f"select * from marts.{mart} order by all") for mart in MARTS}


@pytest.mark.slow
def test_all_pairs_of_a_large_suite_are_compared_in_time_and_repeatably(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    land_rows(settings, {"runs": _runs()})
    _build(settings)
    first = _rows(settings)
    _build(settings)
    assert len(first["variant_comparisons"]) == 3 * 50 * 49 // 2
    assert first == _rows(settings)
    assert _processor_seconds(settings) < 10
