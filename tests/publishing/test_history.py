"""A mart made of a slice of the dates, without keeping the others, makes every build a whole one."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.publishing.history import marts_by_date, marts_without_history, tables_left_behind
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from tests.landed_rows import land_rows
from tests.publishing.small_project import build_small


def _model(
    name: str,
    *reads: str,
    schema: str = "intermediate",
    materialized: str = "table",
    meta: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "schema": schema,
        "config": {"materialized": materialized, "meta": meta or {}},
        "depends_on": {"nodes": list(reads)},
    }


def _write(folder: Path, *models: dict[str, Any]) -> Path:
    sources = {f"s.{name}": {"source_name": "landed", "name": name} for name in ("runs", "events")}
    nodes = {f"m.{model['name']}": model for model in models}
    (folder / "manifest.json").write_text(json.dumps({"nodes": nodes, "sources": sources}), encoding="utf-8")
    return folder


def test_a_mart_of_a_slice_is_named_however_far_it_is_from_the_landed_table(tmp_path: Path) -> None:
    target = _write(
        tmp_path,
        _model("far", "m.near", schema="marts"),
        _model("near", "m.stg_runs"),
        _model("stg_runs", "s.runs", schema="staging", materialized="view"),
    )
    assert marts_without_history(target) == ["far"]


def test_what_reads_a_model_that_keeps_history_is_no_slice(tmp_path: Path) -> None:
    target = _write(
        tmp_path,
        _model("totals", "m.all_runs", schema="marts"),
        _model("all_runs", "s.runs", schema="marts", materialized="incremental"),
    )
    assert marts_without_history(target) == []


def test_tables_that_a_build_sees_whole_make_no_slice(tmp_path: Path) -> None:
    assert marts_without_history(_write(tmp_path, _model("decisions", "s.events", schema="marts"))) == []


def test_without_a_manifest_nothing_is_known(tmp_path: Path) -> None:
    assert marts_without_history(tmp_path) is None


def test_a_mart_lies_by_date_when_it_is_incremental_or_shows_all_of_a_model_that_is(tmp_path: Path) -> None:
    target = _write(
        tmp_path,
        _model("days", schema="marts", materialized="incremental"),
        _model("totals", schema="marts"),
        _model("kept", materialized="incremental"),
        _model("all_runs", "m.kept", schema="marts", materialized="view", meta={"kept_by_date": True}),
    )
    assert marts_by_date(target) == {"days", "all_runs"}


def test_left_behind_are_tables_that_no_mart_is_read_through(tmp_path: Path) -> None:
    target = _write(
        tmp_path,
        _model("shown", "m.through", schema="marts", materialized="view"),
        _model("through", "m.shown_rows", materialized="view"),
        _model("shown_rows", "m.step"),
        _model("copied", "m.step", "m.kept", schema="marts"),
        _model("kept", "m.step", materialized="incremental"),
        _model("step", "m.stg_runs"),
        _model("stg_runs", "s.runs", schema="staging"),
    )
    assert tables_left_behind(target) == ['"intermediate"."step"']


@pytest.mark.slow
def test_a_project_with_a_mart_that_keeps_no_history_shows_all_of_it_after_every_build(small: Settings) -> None:
    for run_id in ("first", "second"):
        land_rows(small, {"runs": [{"organization_id": "o", "run_id": run_id, "event_id": run_id}]})
        assert build_small(small, 1).succeeded
    with duckdb.connect(str(warehouse_file(small)), read_only=True) as connection:
        assert connection.execute("select run_id from marts.agent_runs order by 1").fetchall() == [
            ("first",),
            ("second",),
        ]
