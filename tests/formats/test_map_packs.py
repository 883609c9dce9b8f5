"""The shipped maps of nested and running logs give the expected counts of their packs, every quirk included."""

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Event, Rejected, Unit
from dagster_project.formats.mapped.mapped_format import MappedFormat
from dagster_project.formats.registry import load_formats
from dagster_project.landing.reading.framing import pieces
from tests.formats.units import LIMITS, decode_file, head, rows, run

FORMATS: dict[str, Any] = {log_format.name: log_format for log_format in load_formats(LIMITS)}


def read(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def events_of(name: str, path: Path) -> list[Event]:
    return decode_file(FORMATS[name], path.as_posix(), read(path))


def folded(events: list[Event]) -> dict[str, dict[str, Any]]:
    """Runs as the warehouse folds them: of the events of one run, the last by event id stands."""
    return {run(event)["run_id"]: run(event) for event in sorted(events, key=lambda event: event.event_id)}


@pytest.mark.parametrize(("strategy", "key"), [("base", "alfworld_base"), ("reflexion", "alfworld_reflexion")])
def test_each_alfworld_trial_has_its_newly_solved_and_still_open_environments(
    shared: Path, strategy: str, key: str
) -> None:
    pack = shared / "data-packs" / "reflexion"
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))[key]
    folder = pack / f"data/alfworld_runs/root/{strategy}_run_logs"
    by_file = {path.name: events_of("reflexion-alfworld", path) for path in folder.iterdir()}
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for fields in folded([event for events in by_file.values() for event in events]).values():
        assert fields["agent_id"] == strategy
        found[fields["attempt"]][fields["outcome"]] += 1
    for trial in expected:
        number = int(re.findall(r"[0-9]+", trial["file"])[0])
        assert found[number + 1]["success"] == trial["newly_solved"]
        assert found[number + 1]["failure"] == trial["envs"] - trial["success_cumulative"]
        events = by_file[trial["file"]]
        assert (len(events), len({event.event_id for event in events})) == (trial["envs"], trial["envs"])
        assert sum(int(run(event)["labels"]["memories"]) for event in events) == trial["memories"]
    # Published: Reflexion completes 130 of 134, which it has by trial 10, its eleventh attempt.
    solved = sum(counts["success"] for attempt, counts in found.items() if attempt <= 11)
    assert solved == (130 if strategy == "reflexion" else 101)


def test_reflexion_programming_files_have_their_counts(shared: Path) -> None:
    pack = shared / "data-packs" / "reflexion"
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))["programming"]
    ids: set[str] = set()
    suites = Counter()
    for name, counts in expected.items():
        events = events_of("reflexion-programming", pack / "data" / name)
        runs = [run(event) for event in events]
        ids.update(event.event_id for event in events)
        retried = [fields["retry_count"] for fields in runs if fields.get("retry_count")]
        assert (len(runs), sum(fields["outcome"] == "success" for fields in runs)) == (counts["runs"], counts["solved"])
        assert (len(retried), sum(retried)) == (counts["runs_with_reflections"], counts["reflections"])
        assert sum(len(rows(event, "steps")) for event in events) == counts["reflections"]
        assert {fields.get("model") for fields in runs} <= {"gpt-4", "gpt-3.5-turbo", "text-davinci-003", None}
        suites.update(fields["suite_id"] for fields in runs)
    assert len(ids) == sum(counts["runs"] for counts in expected.values())
    assert suites == {
        "humaneval-py": 164 * 5, "humaneval-rs": 100, "mbpp-py": 794, "leetcode-hard-py-40-uncontaminated_tests": 80,
    }  # fmt: skip


def scores(event: Event, name: str) -> list[float]:
    return [row["value"] for row in rows(event, "scores") if row["name"] == name]


def test_tree_of_thoughts_counts_what_running_totals_grew_by(shared: Path) -> None:
    pack = shared / "data-packs" / "tree-of-thoughts"
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))["files"]
    for name, counts in expected.items():
        path = pack / "data" / f"{name}.gz"
        suite = f"tree-of-thoughts-{path.parent.name}"
        events = events_of(suite, path)
        runs = [run(event) for event in events]
        total = counts["usage_true_total"]
        assert len(runs) == counts["tasks"]
        assert sum(fields["input_tokens"] for fields in runs) == total["prompt_tokens"]
        assert sum(fields["output_tokens"] for fields in runs) == total["completion_tokens"]
        assert sum(fields["cost_usd"] for fields in runs) == pytest.approx(total["cost"], abs=1e-9)
        means = [score for event in events for score in scores(event, "mean_sample")]
        bests = [score for event in events for score in scores(event, "best_of_n")]
        assert sum(means) / len(means) == pytest.approx(counts["mean_sample_score"], abs=1e-9)
        assert sum(bests) / len(bests) == pytest.approx(counts["mean_best_of_n"], abs=1e-9)
        samples = [len([row for row in rows(event, "steps") if row["kind"] == "llm"]) for event in events]
        assert set(samples) == {counts["samples_per_task"]}
        if suite.endswith("game24"):
            solved = sum(fields["outcome"] == "success" for fields in runs) / len(runs)
            assert solved == pytest.approx(counts["mean_best_of_n"])


def reports(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_autogpt_reports_hold_their_tests_and_no_suite(shared: Path) -> None:
    pack = shared / "data-packs" / "autogpt-benchmarks"
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))
    of_report = {(row["agent"], row["report"]): row for row in reports(pack / "expected_by_report.csv")}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    tests: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    texts: Counter[str] = Counter()
    skipped = 0
    for path in sorted(pack.glob("data/reports/*/*/report.json")):
        events = events_of("autogpt-benchmarks", path)
        runs = [run(event) for event in events]
        agent, report = path.parts[-3:-1]
        successes = sum(fields["outcome"] == "success" for fields in runs)
        row = of_report.pop((agent, report))
        assert (len(runs), successes) == (int(row["leaf_results"]), int(row["success"]))
        attempted = [fields["labels"].get("attempted") for fields in runs]
        errors = [error["message"] for event in events for error in rows(event, "errors")]
        texts.update(errors)
        skipped += sum(fields["outcome"] == "unscored" for fields in runs)
        found[agent].update(
            {
                "reports": 1,
                "reports_with_no_leaf": not runs,
                "leaf_results": len(runs),
                "success": successes,
                "attempted_true": attempted.count("true"),
                "attempted_missing": attempted.count(None),
                "cost_null": sum("cost_usd" not in fields for fields in runs),
                "with_fail_reason": len(errors),
                "run_time_ms": sum(fields.get("latency_ms", 0) for fields in runs),
                "cost_usd": sum(fields.get("cost_usd", 0) for fields in runs),
            }
        )
        for fields in runs:
            tests[agent][fields["task_id"]].update(n=1, success=int(fields["outcome"] == "success"))
    assert not of_report
    assert (len(texts), texts.total()) == (expected["distinct_fail_reason_texts"], expected["fail_reason_total"])
    assert skipped == texts["Agent is not eligible for this category"]
    for agent, counts in expected["agents"].items():
        same = found[agent].keys() - {"run_time_ms", "cost_usd"}
        assert {name: found[agent][name] for name in same} == {name: counts[name] for name in same}
        # Sums of times are given to a millisecond, those of costs to a millionth: both are exact here.
        assert found[agent]["run_time_ms"] == round(counts["run_time_sum_s"] * 1000)
        assert found[agent]["cost_usd"] == pytest.approx(counts["cost_sum"], abs=1e-6)
        assert {name: dict(counter) for name, counter in tests[agent].items()} == counts["per_test"]


@pytest.mark.parametrize("name", ["success_rate.json", "regression_tests.json"])
def test_autogpt_s_own_history_is_no_report(shared: Path, name: str) -> None:
    paths = sorted((shared / "data-packs/autogpt-benchmarks").glob(f"data/reports/*/{name}"))
    assert len(paths) == 4
    for path in paths:
        with pytest.raises(AssertionError):
            events_of("autogpt-benchmarks", path)


def test_aider_rows_are_results_with_their_numbers_and_no_runs(shared: Path) -> None:
    pack = shared / "data-packs" / "aider-leaderboards"
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))
    log_format: MappedFormat = FORMATS["aider-leaderboards"]
    refused = []
    for path in sorted((pack / "data").iterdir()):
        payloads, units, total = [], 0, expected[path.name]
        facts = log_format.facts(_head(path))
        for piece in pieces(log_format.framing, [path.read_bytes()], limits=LIMITS):
            units += 1
            assert isinstance(piece, Unit)
            try:
                event = log_format.decode(piece, facts)
            except Rejected as rejected:
                refused.append((path.name, rejected.reason))
                continue
            assert {table for table, _ in event.records} == {"events", "scores"}
            payloads.append(json.loads(rows(event, "events")[0]["payload"]))
        assert units == total["rows"]
        assert sum("pass_num_2" in payload for payload in payloads) == total["rows_with_pass_num_2"]
        unknown = sum("total_cost_usd" not in payload for payload in payloads)
        assert unknown == total["rows_total_cost_zero"] + total["rows_without_total_cost"]
        _assert_rates(payloads, total["pass_rate_2_mismatch_over_test_cases"])
    # Its editor model is written twice, with two names.
    assert refused == [("architect.yml", "duplicate_key")]


def test_aider_s_polyglot_rates_are_as_published_but_for_five_that_are_explained(shared: Path) -> None:
    path = shared / "data-packs/aider-leaderboards/data/polyglot_leaderboard.yml"
    payloads = [json.loads(rows(event, "events")[0]["payload"]) for event in events_of("aider-leaderboards", path)]
    others = {}
    for payload in payloads:
        over_cases, over_all = (
            round(100 * payload["pass_num_2"] / payload[n], 1) for n in ("test_cases", "total_tests")
        )
        if over_cases != payload["pass_rate_2"]:
            others[payload["model"]] = (over_all, payload["pass_rate_2"], payload["test_cases"])
    assert (len(payloads), len(payloads) - len(others)) == (69, 64)
    # Four are shares of all 225 exercises, of which 223 or 224 ran; the fifth is that too, cut instead of rounded.
    assert others == {
        "o3-mini (high)": (60.4, 60.4, 224),
        "chatgpt-4o-latest (2025-02-15)": (27.1, 27.1, 223),
        "gpt-4.5-preview": (44.9, 44.9, 224),
        "o3 (high) + gpt-4.1": (78.2, 78.2, 224),
        "o1-2024-12-17 (high)": (61.8, 61.7, 224),
    }


def _head(path: Path) -> Any:
    content = path.read_bytes()
    return head(path.as_posix(), content[:65536], is_whole=len(content) <= 65536)


def _assert_rates(payloads: list[dict[str, Any]], mismatches: list[dict[str, Any]]) -> None:
    """Rates land as published; what they are a share of can be told from the counts beside them."""
    found = [
        payload["model"]
        for payload in payloads
        if "pass_num_2" in payload
        and round(100 * payload["pass_num_2"] / payload["test_cases"], 1) != payload["pass_rate_2"]
    ]
    assert found == [mismatch["model"] for mismatch in mismatches]
