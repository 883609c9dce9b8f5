"""The shipped maps give the published counts of their benchmarks, and take no file of another."""

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dagster_project.formats.base import Event
from dagster_project.formats.mapped.mapped_format import MappedFormat
from dagster_project.formats.registry import load_formats
from tests.formats.units import LIMITS, decode_file, head, rows, run

FORMATS: dict[str, Any] = {log_format.name: log_format for log_format in load_formats(LIMITS)}

MINT_PATH = "outputs/llama/F=gpt-4/PHF=textual/max5_p2+tool+cd/reasoning/gsm8k/results.jsonl.gz"
MINT_RUN = {
    "state": {
        "history": [{"role": "user", "content": "Solve"}, {"role": "assistant", "content": "42"}],
        "finished": True, "success": False, "latest_output": {"content": "42"},
        "agent_action_count": {"propose_solution": 1, "use_tool": 0, "invalid_action": 2},
        "token_counter": {"prompt_tokens": 8, "completion_tokens": 0, "total_tokens": 8},
        "terminate_reason": "max_propose_steps", "error": None,
    },
    "task": {"task_name": "reasoning", "task_id": 3, "prompt": "Solve", "reference": "6", "metadata": {}},
}  # fmt: skip


def mint(**state: Any) -> Event:
    changed = {**MINT_RUN, "state": {**MINT_RUN["state"], **state}}
    [event] = decode_file(FORMATS["mint"], MINT_PATH, msgspec.json.encode(changed) + b"\n")
    return event


def test_a_mint_run_takes_its_identity_from_the_path() -> None:
    event = mint()
    found = run(event)
    assert (found["suite_id"], found["task_id"], found["attempt"]) == ("mint", "reasoning/gsm8k/3", 1)
    assert (found["agent_id"], found["model"]) == ("llama", "llama")
    assert found["variant_id"] == "gpt-4/textual/max5_p2+tool+cd"
    assert event.event_id == "mint/llama/gpt-4/textual/5/2/tool+cd/reasoning/gsm8k/3"


def test_a_mint_variant_without_feedback_has_no_type() -> None:
    path = MINT_PATH.replace("F=gpt-4/PHF=textual", "F=None")
    [event] = decode_file(FORMATS["mint"], path, msgspec.json.encode(MINT_RUN))
    assert run(event)["variant_id"] == "None/max5_p2+tool+cd"


@pytest.mark.parametrize(
    ("reason", "termination"),
    [
        ("task_success", "completed"),
        ("max_steps", "limit_turn"),
        ("max_propose_steps", "limit_turn"),
        ("error", "error"),
    ],
)
def test_a_mint_run_s_end_is_kept_in_both_words(reason: str, termination: str) -> None:
    found = run(mint(terminate_reason=reason))
    assert (found["termination"], found["labels"]["terminate_reason"]) == (termination, reason)


def test_mint_tokens_that_were_not_counted_are_unknown() -> None:
    found = run(mint())
    assert (found.get("input_tokens"), found.get("output_tokens")) == (8, None)
    assert "input_tokens" not in run(mint(token_counter={}))


def test_a_mint_error_is_an_error_row() -> None:
    [error] = rows(mint(error="Traceback\nIndexError: x", terminate_reason="error"), "errors")
    assert (error["message"], error["source"], error["phase"]) == (
        "Traceback\nIndexError: x",
        "agent_runner",
        "llm_call",
    )


def test_everything_a_mint_run_says_has_a_place() -> None:
    assert not rows(mint(), "unmapped_fields")


def vexp(**changes: Any) -> dict[str, Any]:
    return {
        "instanceId": "django__django-1", "repo": "django/django", "timestamp": "2026-03-22T08:00:00Z",
        "commitHash": "c0ffee", "model": "claude", "agent": "claude-code", "inputTokens": 2, "outputTokens": 155,
        "cacheReadTokens": 800, "cacheCreationTokens": 30, "costUsd": 0.5, "numTurns": 28, "durationMs": 1000,
        "toolCalls": {"Bash": 9, "Read": 4}, "modelPatch": "diff", "resolved": True, "vexpMetrics": None,
    } | changes  # fmt: skip


def test_a_vexp_run_counts_cached_tokens_in_its_input() -> None:
    [event] = decode_file(FORMATS["vexp-swe-bench"], "any.jsonl", msgspec.json.encode(vexp()))
    found = run(event)
    assert (found["input_tokens"], found["output_tokens"], found["tool_call_count"]) == (832, 155, 13)
    assert (found["time_quality"], found["cost_source"], found["outcome"]) == ("synthetic", "provider", "success")
    assert not rows(event, "unmapped_fields")


def test_a_swe_bench_pro_submission_is_the_agent() -> None:
    events = decode_file(FORMATS["swe-bench-pro"], "traj/sub-1/eval_results.json", b'{"i1": true, "i2": false}')
    assert [(run(event)["agent_id"], run(event)["task_id"], run(event)["outcome"]) for event in events] == [
        ("sub-1", "i1", "success"), ("sub-1", "i2", "failure"),
    ]  # fmt: skip


def files(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        yield path, gzip.decompress(content) if path.suffix == ".gz" else content


def takers(path: Path, content: bytes) -> list[str]:
    file_head = head(path.as_posix(), content[:65536], is_whole=len(content) <= 65536)
    return [name for name, log_format in FORMATS.items() if log_format.refusal(file_head) is None]


def test_vexp_has_one_file_of_runs_and_300_others(shared: Path) -> None:
    pack = shared / "data-packs" / "vexp-swe-bench"
    found = [(path, content, takers(path, content)) for path, content in files(pack / "data")]
    assert Counter(tuple(names) for _, _, names in found) == {("vexp-swe-bench",): 1, (): 300}
    [(path, content)] = [(path, content) for path, content, names in found if names]
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))
    runs = [run(event) for event in decode_file(FORMATS["vexp-swe-bench"], path.name, content)]
    assert (len(runs), sum(found["outcome"] == "success" for found in runs)) == (expected["runs"], expected["resolved"])
    assert sum(found["cost_usd"] for found in runs) == pytest.approx(expected["sum_cost_usd"], abs=1e-9)
    tokens = expected["tokens"]
    assert sum(found["cache_read_tokens"] for found in runs) == tokens["cacheReadTokens"]
    assert sum(found["input_tokens"] for found in runs) == (
        tokens["inputTokens"] + tokens["cacheReadTokens"] + tokens["cacheCreationTokens"]
    )
    calls: Counter[str] = Counter()
    for found in runs:
        labels = found["labels"].items()
        calls.update({name[11:]: int(text) for name, text in labels if name.startswith("tool_calls.")})
    assert calls == expected["tool_calls"]
    assert sum(found["tool_call_count"] for found in runs) == sum(expected["tool_calls"].values())


def test_swe_bench_pro_submissions_have_their_counts(shared: Path) -> None:
    pack = shared / "data-packs" / "swe-bench-pro"
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path, content in files(pack / "data"):
        names = takers(path, content)
        kinds = {".json": ["swe-bench-pro"], ".csv": ["swe-bench-pro-errors"]}
        assert names == kinds.get(path.suffix, [])
        for event in decode_file(FORMATS[names[0]], path.as_posix(), content) if path.suffix == ".json" else []:
            counts[run(event)["agent_id"]][0] += 1
            counts[run(event)["agent_id"]][1] += run(event)["outcome"] == "success"
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))["models"]
    assert counts == {name: [model["instances"], model["resolved"]] for name, model in expected.items()}


def test_swe_bench_pro_s_rationales_are_labels_by_a_model_and_no_runs(shared: Path) -> None:
    """Fields hold line breaks, commas and quotes; the category is a judgement, the rationale a text."""
    pack = shared / "data-packs" / "swe-bench-pro"
    [path] = pack.glob("data/error_analysis/*.csv")
    events = decode_file(FORMATS["swe-bench-pro-errors"], path.as_posix(), path.read_bytes())
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))["error_analysis"]["claude_sonnet_4"]
    scores = [score for event in events for score in rows(event, "scores")]
    assert Counter(score["label"] for score in scores) == expected["category_counts"]
    assert len({score["target_id"] for score in scores}) == len(events) == expected["distinct_instances"]
    assert {(score["target_type"], score["scorer_kind"]) for score in scores} == {("task", "llm")}
    assert not [row for event in events for row in rows(event, "runs")]
    texts = [text.text for event in events for text in event.texts]
    assert len(texts) == 533 and sum("\n" in text for text in texts) > 500
    assert {row["field_name"] for event in events for row in rows(event, "unmapped_fields")} == {"rationale"}


COLUMNS = (
    "runs", "successes", "prompt_tokens", "completion_tokens", "runs_without_tokens", "error_runs", "assistant_turns",
    "propose_solution", "use_tool", "invalid_action", "term_task_success", "term_max_steps", "term_max_propose_steps",
    "term_error",
)  # fmt: skip


def tally(events: list[Event], into: dict[tuple[str, str], Counter[str]], tasks: Counter[tuple[str, ...]]) -> None:
    for event in events:
        found = run(event)
        labels = found["labels"]
        into[found["model"], found["variant_id"]].update(
            {
                "runs": 1,
                "successes": found["outcome"] == "success",
                "prompt_tokens": found.get("input_tokens", 0),
                "completion_tokens": found.get("output_tokens", 0),
                "runs_without_tokens": "input_tokens" not in found,
                "error_runs": found["termination"] == "error",
                "assistant_turns": sum(row["role"] == "assistant" for row in rows(event, "messages")),
                f"term_{labels['terminate_reason']}": 1,
                **{name: int(labels[name]) for name in ("propose_solution", "use_tool", "invalid_action")},
            }
        )
        task = "/".join(found["task_id"].split("/")[:2])
        tasks[found["model"], found["variant_id"], task, "runs"] += 1
        tasks[found["model"], found["variant_id"], task, "successes"] += found["outcome"] == "success"


def variant(row: dict[str, str]) -> str:
    return "/".join(part for part in (row["feedback_provider"] or "None", row["feedback_type"], row["setting"]) if part)


def published(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.slow
def test_every_mint_cell_and_task_set_equals_the_published_counts(shared: Path) -> None:
    pack = shared / "data-packs" / "mint-bench"
    mint_format: MappedFormat = FORMATS["mint"]
    cells: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    tasks: Counter[tuple[str, ...]] = Counter()
    ids: set[str] = set()
    for path, content in files(pack / "data"):
        events = decode_file(mint_format, path.as_posix(), content)
        ids.update(event.event_id for event in events)
        tally(events, cells, tasks)
    expected = {
        (row["model"], variant(row)): {name: int(row[name]) for name in COLUMNS}
        for row in published(pack / "expected_cells.csv")
    }
    assert {key: {name: cell[name] for name in COLUMNS} for key, cell in cells.items()} == expected
    assert (len(expected), len(ids)) == (114, 65919)
    by_task = {
        (row["model"], variant(row), row["task"], name): int(row[name])
        for row in published(pack / "expected_by_task.csv")
        for name in ("runs", "successes")
    }
    assert tasks == by_task


def test_a_leaderboard_row_that_forgot_its_number_of_cases_is_a_row() -> None:
    row = b"- dirname: d\n  model: m\n  edit_format: whole\n  pass_rate_1: 34.8\n  total_cost: 0.0\n"
    [event] = decode_file(FORMATS["aider-leaderboards"], "_data/edit_leaderboard.yml", row)
    assert [(found["name"], found["value"]) for found in rows(event, "scores")] == [("pass_rate_1", 34.8)]
