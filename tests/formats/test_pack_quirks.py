"""Every quirk that a data pack's README lists is held by a test, and by which one.

The register names each quirk in our own words, in the README's order. Those that no other test holds are tried here.
"""

import ast
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dagster_project.failures.classify import Classifier
from dagster_project.failures.messages.normalise import classifier_text, masked_message
from dagster_project.failures.taxonomy import SHIPPED_FILE, parse_taxonomy
from dagster_project.formats.registry import load_formats
from tests.formats.units import LIMITS, decode_file, rows, run

FORMATS: dict[str, Any] = {log_format.name: log_format for log_format in load_formats(LIMITS)}
TESTS = Path(__file__).parents[1]

PACKS = "formats/test_map_packs.py"
SHIPPED = "formats/test_shipped_maps.py"
HERE = "formats/test_pack_quirks.py"
PUBLISHED = "end_to_end/test_published_benchmarks.py"
AIDER = f"{PACKS}::test_aider_rows_are_results_with_their_numbers_and_no_runs"
AUTOGPT = f"{PACKS}::test_autogpt_reports_hold_their_tests_and_no_suite"
INSPECT = "formats/test_inspect_logs.py::test_every_log_gives_its_published_numbers"
MINT = f"{SHIPPED}::test_every_mint_cell_and_task_set_equals_the_published_counts"
ALFWORLD = f"{PACKS}::test_each_alfworld_trial_has_its_newly_solved_and_still_open_environments"
TREE = f"{PACKS}::test_tree_of_thoughts_counts_what_running_totals_grew_by"
VEXP = f"{SHIPPED}::test_a_vexp_run_counts_cached_tokens_in_its_input"

# Pack → quirk → the test that holds it. None: it is about the pack, not about its files.
QUIRKS: dict[str, list[tuple[str, str | None]]] = {
    "aider-leaderboards": [
        ("rates are over all tests, not those that ran, and one is published otherwise", AIDER),
        ("a cost of zero is unknown, or missing", AIDER),
        ("keys come and go over time", AIDER),
    ],
    "autogpt-benchmarks": [
        ("attempted is absent in old reports: unknown", AUTOGPT),
        ("run_time is a text with a unit, a cost may be null", AUTOGPT),
        ("suites repeat the results of their tests", AUTOGPT),
        ("reports of aborted runs hold no tests", AUTOGPT),
        ("three shapes of a report over time", AUTOGPT),
        ("reasons hold paths and line numbers; lists of any values are one family",
         f"{HERE}::test_assertions_that_differ_in_their_list_are_one_family"),
        ("an agent that is not eligible was skipped", AUTOGPT),
        ("the rates beside the reports are another history",
         f"{PACKS}::test_autogpt_s_own_history_is_no_report"),
    ],
    "format-samples": [
        ("lines that are no objects, without type, with a misspelt time, with a bare text",
         "formats/test_claude_code.py::test_the_published_sessions_give_their_counts"),
        ("a session's lines tell no cost", f"{HERE}::test_a_session_s_lines_tell_tokens_and_no_cost"),
        ("steps may lack metrics, and documents their final ones",
         "formats/test_atif.py::test_final_metrics_are_the_run_s_totals_and_absent_ones_unknown"),
    ],
    "inspect-ai": [
        ("one log in both forms, and copies under other names", INSPECT),
        ("a cancelled log has results and no samples", INSPECT),
        ("a model that stands for none, and mocked ones", f"{HERE}::test_a_placeholder_is_the_model_that_was_named"),
        ("messages stored once and referred to",
         "formats/test_inspect_turns.py::test_texts_that_are_stored_once_are_put_back"),
    ],
    "langfuse-traces": [
        ("metadata, input and output are texts of objects with attributes",
         "formats/test_langfuse.py::test_a_step_s_kind_is_its_type_or_what_its_attributes_say"),
        ("two files hold one trace", "formats/test_langfuse.py::test_every_trace_gives_its_published_numbers"),
        ("public keys are zeros", None),
        ("scores judge texts, success is unknown",
         "formats/test_langfuse.py::test_success_is_unknown_unless_a_root_failed"),
    ],
    "mint-bench": [
        ("a task recurs in every cell, its id is a number or a text",
         f"{SHIPPED}::test_a_mint_run_takes_its_identity_from_the_path"),
        ("errors are tracebacks", f"{SHIPPED}::test_a_mint_error_is_an_error_row"),
        ("tokens that were not counted are unknown", f"{SHIPPED}::test_mint_tokens_that_were_not_counted_are_unknown"),
        ("one model did fewer tasks", MINT),
        ("one model has fewer cells", MINT),
        ("finished says nothing of success", f"{HERE}::test_a_finished_run_may_have_failed"),
    ],
    "reflexion": [
        ("success is cumulative", ALFWORLD),
        ("the trial's number is in the file's name, and no text", ALFWORLD),
        ("the model is in the file's name, retries are reflections",
         f"{PACKS}::test_reflexion_programming_files_have_their_counts"),
        ("some files hold a few rows", f"{HERE}::test_a_file_of_a_single_row_is_known"),
    ],
    "swe-agent": [
        ("a file of history alone", "formats/test_swe_agent.py::test_the_published_trajectories_give_their_counts"),
        ("people and replays report zeros", "formats/test_swe_agent.py::test_zeros_of_people_and_replays_are_unknown"),
        ("submitted is no outcome", "formats/test_swe_agent.py::test_a_submitted_patch_is_no_outcome"),
        ("the model is in the folder's name or in a text of a configuration",
         "formats/test_swe_agent.py::test_the_model_of_the_configuration_wins_over_the_folder_s"),
    ],
    "swe-bench-pro": [
        ("submissions meet on common instances only",
         f"{PUBLISHED}::test_submissions_are_compared_on_their_common_instances"),
        ("published rates have another denominator",
         f"{PUBLISHED}::test_the_five_swe_bench_pro_submissions_have_their_counts"),
        ("upstream knows of faults in its table", None),
        ("fields hold line breaks, commas and quotes",
         f"{SHIPPED}::test_swe_bench_pro_s_rationales_are_labels_by_a_model_and_no_runs"),
        ("a category is a judgement",
         f"{SHIPPED}::test_swe_bench_pro_s_rationales_are_labels_by_a_model_and_no_runs"),
    ],
    "tau-bench": [
        ("every run repeats one long prompt", f"{HERE}::test_a_prompt_that_every_run_repeats_is_one_text"),
        ("arguments are JSON in a text",
         "formats/test_tau_bench.py::test_arguments_are_valid_when_they_are_a_json_object"),
        ("a tool's error is no run's failure", "end_to_end/test_tau_bench.py::test_a_tool_error_is_not_a_run_failure"),
        ("few-shot lines have no outcome",
         "formats/test_openai_chat.py::test_the_published_few_shot_lines_all_land_unscored"),
        ("files that are not in the pack", None),
    ],
    "tau2-bench": [
        ("a cost may be null", "formats/test_tau2_bench.py::test_an_unknown_cost_stays_unknown"),
        ("a task run again in another batch is another run",
         "formats/test_tau2_bench.py::test_the_published_simulations_give_their_counts"),
        ("a task's id is any text", "formats/test_tau2_bench.py::test_the_published_simulations_give_their_counts"),
        ("two layouts", "formats/test_tau2_bench.py::test_the_voice_experiment_lands_in_its_own_layout"),
        ("submissions hold nulls, rates are percent",
         "formats/test_tau2_submission.py::test_given_figures_are_scores_of_the_suite_as_shares"),
    ],
    "tree-of-thoughts": [
        ("usage is a running total that began anew", TREE),
        ("scores have two names and types", TREE),
        ("success depends on the statistic", TREE),
    ],
    "vexp-swe-bench": [
        ("times are made up", VEXP),
        ("prompts are cached: totals hold the cached tokens", VEXP),
        ("an empty patch is unresolved", f"{HERE}::test_a_run_without_a_patch_is_a_failure"),
        ("logs of tests are no runs", f"{SHIPPED}::test_vexp_has_one_file_of_runs_and_300_others"),
    ],
}  # fmt: skip


def test_every_quirk_of_every_readme_is_in_the_register(shared: Path) -> None:
    listed = {}
    for readme in sorted((shared / "data-packs").glob("*/README.md")):
        section = re.search(
            r"^## Quirks[^\n]*\n(.*?)^## ", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        assert section is not None
        listed[readme.parent.name] = len(re.findall(r"^- ", section[1], re.MULTILINE))
    assert {pack: len(quirks) for pack, quirks in QUIRKS.items()} == listed


def test_every_test_that_the_register_names_is_there() -> None:
    named = {test for quirks in QUIRKS.values() for _, test in quirks if test is not None}
    for file in {test.partition("::")[0] for test in named}:
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        there = {f"{file}::{item.name}" for item in tree.body if isinstance(item, ast.FunctionDef)}
        assert {test for test in named if test.startswith(f"{file}::")} <= there


def test_assertions_that_differ_in_their_list_are_one_family() -> None:
    classifier = Classifier(parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped"))
    patterns = [classifier.first_match(f"assert 1 in {found}") for found in ("[]", "[0.0]", "[0.0, 1.0]")]
    assert {pattern and pattern.code for pattern in patterns} == {"CI.TEST_FAILED"}
    assert len({masked_message(classifier_text(f"assert 1 in [{value}]")) for value in (0.0, 0.5, 1.0)}) == 1


def test_a_session_s_lines_tell_tokens_and_no_cost(shared: Path) -> None:
    costs, tokens = [], 0
    for path in sorted((shared / "data-packs/format-samples/data").glob("claude-code-daaain/representative*.jsonl")):
        for line in path.read_bytes().splitlines():
            [event] = decode_file(FORMATS["claude-code"], path.as_posix(), line + b"\n")
            costs += [row.get("cost_usd") for row in rows(event, "runs")]
            costs += [row.get("provider_cost_usd") for row in rows(event, "llm_calls")]
            tokens += sum(row.get("output_visible_tokens", 0) for row in rows(event, "llm_calls"))
    assert costs and set(costs) == {None}
    assert tokens > 0


def test_a_placeholder_is_the_model_that_was_named(shared: Path) -> None:
    path = shared / "data-packs/inspect-ai/data/log/test_eval_log/log_tool_call_error.json"
    [event] = decode_file(FORMATS["inspect-json"], path.as_posix(), path.read_bytes())
    assert run(event)["model"] == "..."


def test_a_finished_run_may_have_failed() -> None:
    state = {"history": [], "finished": True, "success": False, "latest_output": None, "agent_action_count": {},
             "token_counter": {}, "terminate_reason": "max_steps", "error": None}  # fmt: skip
    line = {"state": state, "task": {"task_name": "reasoning", "task_id": "t", "prompt": "p", "metadata": {}}}
    path = "outputs/m/F=None/max5_p2+tool+cd/reasoning/gsm8k/results.jsonl"
    [event] = decode_file(FORMATS["mint"], path, msgspec.json.encode(line))
    assert (run(event)["outcome"], run(event)["termination"]) == ("failure", "limit_turn")


def test_a_file_of_a_single_row_is_known(shared: Path) -> None:
    [path, *_] = sorted((shared / "data-packs/reflexion/data/programming_runs").rglob("*.jsonl"))
    first = path.read_bytes().splitlines(keepends=True)[0]
    assert len(decode_file(FORMATS["reflexion-programming"], path.as_posix(), first)) == 1


def test_a_prompt_that_every_run_repeats_is_one_text(shared: Path) -> None:
    path = shared / "data-packs/tau-bench/data/historical_trajectories/gpt-4o-airline.json"
    elements = msgspec.json.decode(path.read_bytes(), type=list[msgspec.Raw])[:20]
    events = decode_file(FORMATS["tau-bench"], path.as_posix(), b"[" + b",".join(elements) + b"]")
    prompts = {rows(event, "messages")[0]["content_sha256"] for event in events}
    assert (len(events), len(prompts)) == (20, 1)


@pytest.mark.parametrize("patch", ["", None])
def test_a_run_without_a_patch_is_a_failure(shared: Path, patch: str | None) -> None:
    [path] = (shared / "data-packs/vexp-swe-bench/data/results").glob("*.jsonl")
    line = json.loads(path.read_bytes().splitlines()[0]) | {"modelPatch": patch, "resolved": False}
    [event] = decode_file(FORMATS["vexp-swe-bench"], path.as_posix(), msgspec.json.encode(line))
    assert run(event)["outcome"] == "failure"
