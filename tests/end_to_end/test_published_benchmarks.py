"""MINT, vexp, SWE-bench Pro, Reflexion and Tree of Thoughts: the figures published come out of their raw logs."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.command_line import reliability, rows, succeed


def _run(shared: Path, tmp_path_factory: pytest.TempPathFactory, pack: str, folder: str) -> Path:
    home = tmp_path_factory.mktemp(pack)
    succeed(home, "run", shared / "data-packs" / pack / folder)
    return home


@pytest.fixture(scope="module")
def mint(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _run(shared, tmp_path_factory, "mint-bench", "data")


MINT_CELLS = """
    with turns as (
        select run_id, count(*) filter (where role = 'assistant') as assistant_turns from marts.messages group by 1
    )
    select
        runs.model,
        runs.variant_id,
        count(*) as runs,
        count(*) filter (where runs.outcome = 'success') as successes,
        coalesce(sum(runs.input_tokens), 0) as prompt_tokens,
        coalesce(sum(runs.output_tokens), 0) as completion_tokens,
        count(*) filter (where runs.input_tokens is null) as runs_without_tokens,
        count(*) filter (where runs.termination = 'error') as error_runs,
        sum(turns.assistant_turns) as assistant_turns,
        sum(cast(runs.labels['propose_solution'] as bigint)) as propose_solution,
        sum(cast(runs.labels['use_tool'] as bigint)) as use_tool,
        sum(cast(runs.labels['invalid_action'] as bigint)) as invalid_action,
        count(*) filter (where runs.labels['terminate_reason'] = 'task_success') as term_task_success,
        count(*) filter (where runs.labels['terminate_reason'] = 'max_steps') as term_max_steps,
        count(*) filter (where runs.labels['terminate_reason'] = 'max_propose_steps') as term_max_propose_steps,
        count(*) filter (where runs.labels['terminate_reason'] = 'error') as term_error
    from marts.agent_runs as runs
    left join turns on runs.run_id = turns.run_id
    where runs.suite_id = 'mint'
    group by 1, 2
"""
COUNTED = (
    "runs", "successes", "prompt_tokens", "completion_tokens", "runs_without_tokens", "error_runs", "assistant_turns",
    "propose_solution", "use_tool", "invalid_action", "term_task_success", "term_max_steps", "term_max_propose_steps",
    "term_error",
)  # fmt: skip


def _cell(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(row[name] or 0) for name in COUNTED)


@pytest.mark.slow
def test_all_114_cells_of_mint_equal_the_published_counts(shared: Path, mint: Path) -> None:
    with (shared / "data-packs" / "mint-bench" / "expected_cells.csv").open(encoding="utf-8", newline="") as handle:
        expected = {
            (row["model"], row["feedback_provider"] or "None", row["feedback_type"], row["setting"]): _cell(row)
            for row in csv.DictReader(handle)
        }
    found = {}
    for row in rows(mint, MINT_CELLS):
        provider, *kind, setting = row["variant_id"].split("/")
        found[(row["model"], provider, "".join(kind), setting)] = _cell(row)
    assert len(expected) == 114
    assert found == expected


@pytest.fixture(scope="module")
def vexp(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _run(shared, tmp_path_factory, "vexp-swe-bench", "data")


@pytest.mark.slow
def test_vexp_resolves_73_percent_at_67_cents_a_task(vexp: Path) -> None:
    [found] = rows(
        vexp,
        "select run_count, success_rate, avg_cost_usd from marts.agent_metrics where window_name = 'all'",
    )
    assert (int(found["run_count"]), f"{found['success_rate']:.3f}") == (100, "0.730")
    assert f"{float(found['avg_cost_usd']):.2f}" == "0.67"


@pytest.mark.slow
def test_vexp_s_300_other_files_are_skipped_and_listed(shared: Path, tmp_path: Path) -> None:
    landed = json.loads(succeed(tmp_path, "land", shared / "data-packs" / "vexp-swe-bench" / "data", "--json"))
    assert (len(landed["skipped"]), all(file["why"] for file in landed["skipped"])) == (300, True)


@pytest.fixture(scope="module")
def swe_bench_pro(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _run(shared, tmp_path_factory, "swe-bench-pro", "data")


@pytest.mark.slow
def test_the_five_swe_bench_pro_submissions_have_their_counts(shared: Path, swe_bench_pro: Path) -> None:
    expected = json.loads((shared / "data-packs" / "swe-bench-pro" / "expected.json").read_text(encoding="utf-8"))
    found = rows(
        swe_bench_pro,
        """
        select agent_id, count(*) as n, count(*) filter (where is_success) as resolved
        from marts.agent_benchmark_results group by 1
        """,
    )
    assert {row["agent_id"]: (row["n"], row["resolved"]) for row in found} == {
        name: (model["instances"], model["resolved"]) for name, model in expected["models"].items()
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "counts"),
    [("kimi-k2-instruct-10132025", (561, 122, 118, 34, 287)), ("gptoss-paper", (560, 74, 165, 24, 297))],
)
def test_submissions_are_compared_on_their_common_instances(
    swe_bench_pro: Path, other: str, counts: tuple[int, ...]
) -> None:
    [found] = rows(
        swe_bench_pro,
        f"""
        select task_count, n_both, n_only_a, n_only_b, n_neither
        from marts.variant_comparisons
        where variant_a = 'claude-4sonnet-10132025' and variant_b = '{other}' and metric = 'success_rate'
        """,
    )
    assert tuple(int(value) for value in found.values()) == counts


def test_an_unknown_file_named_on_the_command_line_exits_2(tmp_path: Path) -> None:
    odd = tmp_path / "notes.txt"
    odd.write_text("nothing a log format would say\n", encoding="utf-8")
    ran = reliability(tmp_path / "home", "run", odd)
    assert ran.code == 2
    assert "notes.txt" in ran.err and "native" in ran.err


@pytest.fixture(scope="module")
def papers(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("papers")
    packs = shared / "data-packs"
    succeed(home, "run", packs / "reflexion" / "data", packs / "tree-of-thoughts" / "data")
    return home


@pytest.mark.slow
def test_reflexion_completes_130_of_134_environments_and_91_percent_of_humaneval(papers: Path) -> None:
    found = rows(
        papers,
        """
        select
            agent_id,
            count(distinct task_id) as tasks,
            count(distinct task_id) filter (where is_success and attempt <= 11) as solved
        from marts.agent_benchmark_results where suite_id = 'alfworld' group by 1
        """,
    )
    # Published after the trial numbered 10, the eleventh.
    assert {row["agent_id"]: (int(row["tasks"]), int(row["solved"])) for row in found} == {
        "base": (134, 101), "reflexion": (134, 130),
    }  # fmt: skip
    [humaneval] = rows(
        papers,
        "select success_count, task_count from marts.benchmark_summaries "
        "where suite_id = 'humaneval-py' and agent_id = 'reflexion'",
    )
    assert (int(humaneval["success_count"]), int(humaneval["task_count"])) == (150, 164)


@pytest.mark.slow
def test_tree_of_thoughts_solves_69_percent_of_the_game_of_24(papers: Path) -> None:
    found = rows(
        papers,
        "select agent_id, success_rate from marts.benchmark_summaries where suite_id = 'tree-of-thoughts-game24'",
    )
    # Beside the search: the best of a hundred answers, with and without a chain of thought.
    assert {row["agent_id"]: float(row["success_rate"]) for row in found} == {
        "propose1_value3_greedy5": 0.69, "naive_cot_sample_100": 0.49, "naive_standard_sample_100": 0.33,
    }  # fmt: skip
