"""Our process of dbt says what dbt says: the same verdicts, messages and queries, and a manifest of today's models."""

import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from dagster_project.publishing.build import prepare_build
from dagster_project.publishing.dbt import DbtRun, dbt_environment, run_dbt, target_folder
from dagster_project.publishing.warehouse import row_counts, warehouse_file
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from tests.publishing.small_project import build_small, knob, make_small_project

SAID = ("status", "message", "failures", "compiled_code", "relation_name")


def results(settings: Settings) -> dict[str, dict]:
    """What dbt's last invocation said of each model and test."""
    document = json.loads((target_folder(settings) / "run_results.json").read_bytes())
    return {result["unique_id"]: {key: result[key] for key in SAID} for result in document["results"]}


@pytest.mark.slow
def test_our_process_says_what_dbt_says(settings: Settings, tmp_path: Path) -> None:
    settings = replace(settings, dbt_dir=make_small_project(tmp_path / "dbt"))
    marts = settings.dbt_dir / "models" / "marts"
    broken = marts / "broken.sql"
    broken.write_text("select no_such_column from {{ ref('agent_runs') }}", encoding="utf-8")
    (marts / "after_a_failed_test.sql").write_text("select * from {{ ref('landing_ledger') }}", encoding="utf-8")
    prepare_build(settings, read_snapshot(settings), declared=knob(-1))

    plain = subprocess.run(
        [sys.executable, "-P", "-m", "dbt.cli.main", "build"],
        cwd=settings.dbt_dir,
        env=dbt_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    of_dbt = results(settings)
    ours = run_dbt(settings, ["build"])

    assert results(settings) == of_dbt
    assert {result["status"] for result in of_dbt.values()} >= {
        "success",
        "pass",
        "fail",
        "warn",
        "error",
        "skipped",
    }
    assert ours.returncode == plain.returncode == 1
    for line in ("Got 1 result, configured to fail if != 0", "number_is_not_negative"):
        assert line in plain.stdout
        assert line in ours.stdout

    broken.write_text("select number from {{ ref('agent_runs') }}", encoding="utf-8")
    run_dbt(settings, ["build"])
    nodes = json.loads((target_folder(settings) / "manifest.json").read_bytes())["nodes"]
    assert "no_such_column" not in nodes["model.reliability.broken"]["raw_code"]


@pytest.mark.slow
def test_a_build_that_is_never_told_to_begin_does_nothing(settings: Settings, tmp_path: Path) -> None:
    settings = replace(settings, dbt_dir=make_small_project(tmp_path / "dbt"))
    prepare_build(settings, read_snapshot(settings), declared=knob(1))
    prepared = warehouse_file(settings).read_bytes()

    with DbtRun(settings, ["build"]):
        pass

    assert (target_folder(settings) / "manifest.json").exists()  # it had read the models
    assert not (target_folder(settings) / "run_results.json").exists()
    assert warehouse_file(settings).read_bytes() == prepared


@pytest.mark.slow
def test_what_was_made_for_other_models_is_gone_when_all_are_made_and_stays_when_one_failed(
    settings: Settings, tmp_path: Path
) -> None:
    settings = replace(settings, dbt_dir=make_small_project(tmp_path / "dbt"))
    models = settings.dbt_dir / "models"
    step = "{{ config(schema='intermediate', materialized='table') }} select 1 as number"
    (models / "int_step.sql").write_text(step, encoding="utf-8")
    after = "select number from {{ ref('int_step') }}"
    (models / "marts" / "after_a_step.sql").write_text(after, encoding="utf-8")

    assert not build_small(settings, -1).succeeded
    assert ("intermediate", "int_step") in row_counts(settings)
    assert build_small(settings, 1).succeeded
    assert ("intermediate", "int_step") not in row_counts(settings)
    assert row_counts(settings)["marts", "after_a_step"] == 1


BUILDING = """
import sys
from pathlib import Path
from dagster_project.publishing.dbt import DbtRun
from dagster_project.settings import Settings
with DbtRun(Settings(home=Path(sys.argv[1]), dbt_dir=Path(sys.argv[2])), ["build"]) as run:
    run.finish(say=lambda line: print(line, end="", flush=True))
"""


@pytest.mark.slow
def test_a_build_ends_with_who_started_it_and_leaves_the_warehouse_to_the_next(
    settings: Settings, tmp_path: Path
) -> None:
    settings = replace(settings, dbt_dir=make_small_project(tmp_path / "dbt"))
    endless = settings.dbt_dir / "models" / "marts" / "endless.sql"
    endless.write_text("select count(*) as pairs from range(10000000) a, range(10000000) b where a.range < b.range",
                       encoding="utf-8")  # fmt: skip
    prepare_build(settings, read_snapshot(settings), declared=knob(1))
    command = [sys.executable, "-c", BUILDING, str(settings.home), str(settings.dbt_dir)]
    starter = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    for line in starter.stdout:
        if "START" in line and "endless" in line:
            break
    (dbt,) = Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
    starter.kill()
    starter.wait()
    deadline = time.monotonic() + 60
    while Path(f"/proc/{dbt}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    endless.unlink()
    assert build_small(settings, 1).succeeded


@pytest.mark.slow
def test_a_model_made_in_lots_holds_every_row_once(settings: Settings, tmp_path: Path) -> None:
    settings = replace(settings, dbt_dir=make_small_project(tmp_path / "dbt"))
    ours = Settings(home=tmp_path).dbt_dir / "macros" / "engine"
    for name in ("in_lot.sql", "materializations.sql"):
        shutil.copy(ours / name, settings.dbt_dir / "macros" / name)
    models = settings.dbt_dir / "models"
    step = "{{ config(schema='intermediate', materialized='table') }} select unnest(range(100)) as number"
    (models / "int_step.sql").write_text(step, encoding="utf-8")
    config = "{{ config(meta={'lots': {'rows_of': 'int_step', 'bytes_a_row': 10000000000}}) }} "
    query = "select number, getvariable('lot') as lot from {{ ref('int_step') }} where {{ in_lot('number') }}"
    (models / "marts" / "made_in_lots.sql").write_text(config + query, encoding="utf-8")

    assert build_small(settings, 1).succeeded
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        rows = connection.execute("select number, lot from marts.made_in_lots order by 1").fetchall()
    assert [number for number, _ in rows] == list(range(100))
    assert len({lot for _, lot in rows}) > 1
