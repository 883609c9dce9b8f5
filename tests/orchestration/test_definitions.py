"""The code location over the real models: every asset by name, loaded without any data, in flow order."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.definitions import build_definitions
from dagster_project.publishing import manifest
from dagster_project.publishing.manifest import manifest_file, read_manifest
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings

LANDED = {"units", "runs", "steps", "llm_calls", "tool_calls", "messages", "scores", "errors", "events",
          "unmapped_fields", "payloads", "ledger", "quarantine", "tombstones"}  # fmt: skip
MARTS = {
    "agent_runs", "steps", "llm_calls", "tool_calls", "messages", "scores",
    "agent_metrics_daily", "agent_metrics", "agent_percentile_ranks",
    "failure_modes", "failure_patterns", "agent_errors", "triage_queue",
    "agent_benchmark_results", "benchmark_summaries", "benchmark_pass_k", "variant_comparisons",
    "sft_examples", "preference_pairs", "export_refusals",
    "landing_ledger", "landed_records", "quarantine", "retention_tombstones", "warehouse_build",
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An empty data root: nothing landed, declared or built."""
    return Settings(home=tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def definitions(root: Settings) -> dg.Definitions:
    return build_definitions({"data_root": {"home": str(root.home)}})


@pytest.fixture(scope="module")
def keys(definitions: dg.Definitions) -> set[tuple[str, ...]]:
    return {tuple(key.path) for key in definitions.resolve_asset_graph().get_all_asset_keys()}


def part(keys: set[tuple[str, ...]], name: str) -> set[str]:
    return {key[1] for key in keys if key[0] == name}


def test_the_definitions_load_without_data(root: Settings, definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)
    assert not warehouse_file(root).exists()


def test_every_part_of_the_flow_has_exactly_its_assets(keys: set[tuple[str, ...]]) -> None:
    assert {key[0] for key in keys} == {
        "landed", "classifier", "declared", "staging", "intermediate", "marts", "published", "exports",
    }  # fmt: skip
    assert part(keys, "landed") == LANDED
    assert part(keys, "declared") == {"tables"}
    assert part(keys, "staging") == part(keys, "intermediate") == {"models"}
    assert part(keys, "published") == {"snapshot"}
    assert part(keys, "exports") == {
        "sft", "preferences", "efficiency", "unpaired", "prompts", "labels", "hiring_signals", "cards", "ranker",
    }  # fmt: skip


def test_every_public_mart_is_an_asset(keys: set[tuple[str, ...]]) -> None:
    assert part(keys, "marts") >= MARTS


def test_every_mart_file_is_an_asset(root: Settings, keys: set[tuple[str, ...]]) -> None:
    assert part(keys, "marts") == {path.stem for path in (root.dbt_dir / "models" / "marts").rglob("*.sql")}


def test_a_mart_shows_its_columns_with_types_and_meaning(definitions: dg.Definitions) -> None:
    metadata = definitions.resolve_asset_graph().get(dg.AssetKey(["marts", "agent_runs"])).metadata
    columns = {column.name: column for column in metadata["dagster/column_schema"].columns}
    assert columns["is_success"].type == "boolean"
    assert columns["cost_usd"].description


def test_groups_are_the_words_of_the_flow(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    wrong = {key: graph.get(key).group_name for key in graph.get_all_asset_keys()
             if graph.get(key).group_name != key.path[0]}  # fmt: skip
    assert wrong == {}


def test_the_graph_joins_from_landed_to_exports(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()

    def parents(*path: str) -> set[str]:
        return {key.to_user_string() for key in graph.get(dg.AssetKey(list(path))).parent_keys}

    assert parents("landed", "runs") == set()
    assert parents("declared", "tables") == {f"landed/{table}" for table in LANDED}
    assert parents("staging", "models") == {f"landed/{table}" for table in LANDED} | {"declared/tables"}
    assert parents("intermediate", "models") == {"staging/models"}
    assert "intermediate/models" in parents("marts", "agent_runs")
    assert parents("marts", "agent_percentile_ranks") == {"intermediate/models"}
    assert {f"marts/{mart}" for mart in MARTS} <= parents("published", "snapshot")
    assert parents("exports", "sft") == {"published/snapshot"}


def test_every_data_test_is_an_asset_check(root: Settings, definitions: dg.Definitions) -> None:
    nodes = read_manifest(root)["nodes"].values()
    tests = {node["name"] for node in nodes if node["resource_type"] == "test"}
    checks = {key.name for key in definitions.resolve_asset_graph().asset_check_keys}
    assert tests <= checks
    assert {"volume", "null_rates", "ranges", "drift"} <= checks


def test_job_schedule_and_sensor_are_listed(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assert {job.name for job in repository.get_all_jobs()} - {"__ASSET_JOB"} == {"everything"}
    assert [schedule.name for schedule in repository.schedule_defs] == ["every_morning"]
    assert [sensor.name for sensor in repository.sensor_defs] == ["inbox_changed"]


def test_the_manifest_is_parsed_once_for_every_data_root(root: Settings, definitions: dg.Definitions) -> None:
    file = manifest_file(root)
    before = file.stat().st_mtime_ns
    assert manifest_file(replace(root, home=root.home / "another")) == file
    assert file.stat().st_mtime_ns == before


def test_a_manifest_is_kept_in_the_data_root_where_the_models_may_not_be_written(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(settings, dbt_dir=tmp_path / "models")
    settings.dbt_dir.mkdir()
    (settings.dbt_dir / "target").write_text("a file, where no folder can be made", encoding="utf-8")
    monkeypatch.setattr(manifest, "_parsed", lambda _settings: b"{}")
    assert manifest_file(settings).is_relative_to(settings.home)
    assert read_manifest(settings) == {}


def test_importing_the_command_line_imports_no_orchestrator() -> None:
    code = (
        "import sys, dagster_project.cli, dagster_project.commands.query, dagster_project.publishing.publish; "
        "print([m for m in ('dagster', 'dbt', 'great_expectations', 'pandas', 'scipy', 'llvmlite', 'numba') "
        "if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.home())
    assert shown.stdout.strip() == "[]"
