"""ATIF, its event lines and Harbor's results: a trajectory tells no outcome, a trial's result does."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.atof.events import Atof
from dagster_project.formats.base import Event, Rejected
from dagster_project.formats.harbor.atif import Atif
from dagster_project.formats.harbor.result import HarborResult
from tests.formats.units import LIMITS, decode_file, head, rows, run, unit

TOTALS = ("input_tokens", "cache_read_tokens", "output_tokens", "cost_usd")


def step(source: str, message: Any, **more: Any) -> dict[str, Any]:
    return {"step_id": 1, "source": source, "message": message, "timestamp": "2026-01-02T00:00:02Z"} | more


def span(start: float, end: float, status: str = "completed") -> dict[str, Any]:
    return {"invocation": {"status": status, "start_timestamp": start, "end_timestamp": end}}


def atif(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    agent = {"name": "helper", "version": "1.2", "model_name": "m"}
    return {"schema_version": "ATIF-v1.7", "session_id": "s", "agent": agent, "steps": list(steps)} | more


def decode(*steps: dict[str, Any], path: str = "runs/x.json", **more: Any) -> Event:
    [event] = decode_file(Atif(LIMITS), path, json.dumps(atif(*steps, **more)).encode())
    return event


def test_a_trajectory_is_a_run_without_outcome() -> None:
    event = decode(step("user", "Go", timestamp="2026-01-02T00:00:00.5Z"), step("agent", "Done"))
    found = run(event)
    assert (event.event_id, found["run_id"], found["agent_id"], found["agent_version"], found["model"]) == (
        "atif/s", "atif/s", "helper", "1.2", "m",
    )  # fmt: skip
    assert (found["outcome"], found["termination"], found["latency_ms"]) == ("unscored", "unknown", 1500)
    assert event.event_date == dt.date(2026, 1, 2)


def test_sessions_are_told_apart_by_trajectory_and_nameless_ones_by_path() -> None:
    assert decode(step("user", "x"), trajectory_id="t").event_id == "atif/s/t"
    assert decode(step("user", "x"), session_id=None, path="a/b.json").event_id == "atif/file/a%2Fb"


def test_cached_tokens_are_part_of_the_prompt_s() -> None:
    metrics = {"prompt_tokens": 100, "completion_tokens": 9, "cached_tokens": 40, "cost_usd": 0.5, "logprobs": [0.1]}
    event = decode(step("agent", "A", metrics=metrics, model_name="m2"))
    [call] = rows(event, "llm_calls")
    assert [call[name] for name in ("input_uncached_tokens", "input_cache_read_tokens", "output_visible_tokens")] == [
        60, 40, 9,
    ]  # fmt: skip
    assert (call["usage_convention"], call["provider_cost_usd"], call["request_model"]) == ("inclusive", 0.5, "m2")
    assert "steps[].metrics.logprobs" in [row["field_name"] for row in rows(event, "unmapped_fields")]


def call(call_id: str) -> dict[str, Any]:
    return {"tool_call_id": call_id, "function_name": "bash", "arguments": {}}


@pytest.mark.parametrize(
    ("calls", "results", "answered"),
    [
        (["a"], [{"content": "one"}], [["a"]]),
        (["a", "b"], [{"content": "one"}, {"content": "two"}], [["a"], ["b"]]),
        (["a", "b"], [{"content": "of both"}], [["a", "b"]]),
        (["a", "b"], [{"source_call_id": "b", "content": "two"}, {"content": "one"}], [["b"], ["a"]]),
        ([], [{"content": "a complaint"}], [[]]),
    ],
)
def test_results_that_name_no_call_answer_the_calls_of_their_step(
    calls: list[str], results: list[dict[str, Any]], answered: list[list[str]]
) -> None:
    """Terminals (Terminus) write what the screen shows after all commands of a step, without the calls' ids."""
    event = decode(step("agent", "", tool_calls=[call(each) for each in calls], observation={"results": results}))
    tools = [row for row in rows(event, "messages") if row["role"] == "tool"]
    assert [row.get("tool_call_ids", []) for row in tools] == answered
    assert [row.get("status") for row in rows(event, "tool_calls")] == [None] * len(calls)


def test_a_stranger_s_extra_is_left_alone() -> None:
    [found] = rows(decode(step("agent", "A", extra={"invocation": "by hand"})), "steps")
    assert "started_at" not in found


@pytest.mark.parametrize(
    "more",
    [{"steps": [step("agent", "A", metrics={"prompt_tokens": 1, "cached_tokens": 2})]},
     {"final_metrics": {"total_prompt_tokens": 1, "total_cached_tokens": 2}}],
    ids=["step", "total"],
)  # fmt: skip
def test_a_cached_part_larger_than_its_total_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as caught:
        decode(step("user", "x"), **more)
    assert caught.value.reason == "bad_value"


def test_final_metrics_are_the_run_s_totals_and_absent_ones_unknown() -> None:
    totals = {"total_prompt_tokens": 50, "total_completion_tokens": 5, "total_cached_tokens": 20, "total_cost_usd": 0.1}
    found = run(decode(step("user", "x"), final_metrics=totals))
    assert [found[name] for name in ("input_tokens", "cache_read_tokens", "output_tokens", "cost_usd")] == [
        50,
        20,
        5,
        0.1,
    ]
    bare = run(decode(step("user", "x")))
    assert (bare.get("input_tokens"), bare.get("cost_usd"), bare["cost_source"]) == (None, None, "none")


def test_a_step_s_observation_answers_its_calls() -> None:
    calls = [
        {
            "tool_call_id": "c",
            "function_name": "add",
            "arguments": {"a": 3},
            "extra": span(1767312003.0, 1767312004.25),
        },
        {
            "tool_call_id": "d",
            "function_name": "sub",
            "arguments": {},
            "extra": span(1767312003.0, 1767312004.0, "error"),
        },
    ]
    results = [
        {"source_call_id": "c", "content": "7"},
        {"source_call_id": "d", "content": [{"type": "text", "text": "no"}]},
    ]
    event = decode(
        step("agent", "", tool_calls=calls, observation={"results": results}, extra=span(1767312001, 1767312002))
    )
    told = rows(event, "tool_calls")
    assert [(row["tool_call_id"], row["tool_name"], row["status"], row["latency_ms"]) for row in told] == [
        ("c", "add", "ok", 1250), ("d", "sub", "error", 1000),
    ]  # fmt: skip
    assert [(row["role"], row.get("tool_call_ids")) for row in rows(event, "messages")] == [
        ("assistant", ["c", "d"]), ("tool", ["c"]), ("tool", ["d"]),
    ]  # fmt: skip
    assert rows(event, "llm_calls")[0]["latency_ms"] == 1000
    assert [row["message"] for row in rows(event, "errors")] == ["no"]


@pytest.mark.parametrize("more", [{"llm_call_count": 0}, {"is_copied_context": True}], ids=str)
def test_steps_that_called_no_model_are_no_calls(more: dict[str, Any]) -> None:
    assert rows(decode(step("agent", "A", metrics={"prompt_tokens": 5}, **more)), "llm_calls") == []


def test_embedded_trajectories_are_runs_below() -> None:
    below = atif(step("agent", "B"), session_id=None, trajectory_id="t2") | {"agent": {"name": "worker"}}
    main, child = rows(decode(step("user", "x"), subagent_trajectories=[below]), "runs")
    assert (main["run_id"], child["run_id"], child["parent_run_id"], child["agent_id"]) == (
        "atif/s", "atif%2Fs/t2", "atif/s", "worker",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"[]", "'schema_version'"), (b'{"schema_version": "x"}', "'schema_version'"),
     (b'{"schema_version": "ATIF-v2.0"}', "v2.0"), (b'{"schema_version": "ATIF-v1.0"}', "'steps'")],
    ids=str,
)  # fmt: skip
def test_another_file_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in (Atif(LIMITS).refusal(head("x.json", content)) or "")


def trial(**changes: Any) -> dict[str, Any]:
    return {
        "id": "0b1", "task_name": "fix-bug", "trial_name": "fix-bug__a1", "source": "terminal-bench",
        "config": {"x": 1},
        "agent_info": {"name": "helper", "version": "1.2", "model_info": {"name": "m", "provider": "p"}},
        "agent_result": {"n_input_tokens": 100, "n_cache_tokens": 40, "n_output_tokens": 7, "cost_usd": 0.5},
        "verifier_result": {"rewards": {"reward": 1.0}}, "exception_info": None,
        "started_at": "2026-01-02T00:00:00", "finished_at": "2026-01-02T00:01:00Z",
        "agent_execution": {"started_at": "2026-01-02T00:00:10Z", "finished_at": "2026-01-02T00:00:30Z"},
    } | changes  # fmt: skip


def decode_trial(**changes: Any) -> Event:
    [event] = decode_file(HarborResult(LIMITS), "jobs/fix-bug__a1/result.json", json.dumps(trial(**changes)).encode())
    return event


def test_a_trial_is_a_scored_benchmark_run() -> None:
    event = decode_trial()
    found = run(event)
    assert [found[name] for name in ("suite_id", "task_id", "agent_id", "model", "outcome", "outcome_source")] == [
        "terminal-bench", "fix-bug", "helper", "m", "success", "verifier",
    ]  # fmt: skip
    assert (found["latency_ms"], found["working_ms"], found["termination"]) == (60000, 20000, "completed")
    assert [found[name] for name in ("input_tokens", "cache_read_tokens", "output_tokens", "cost_usd")] == [
        100,
        40,
        7,
        0.5,
    ]
    assert [(row["name"], row["value"]) for row in rows(event, "scores")] == [("reward", 1.0)]
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["config"]


def test_a_trial_and_its_trajectory_are_one_run_and_only_the_result_judges() -> None:
    path = "jobs/fix-bug__a1/agent/trajectory.json"
    told = decode(step("agent", "Done"), path=path)
    judged = decode_trial()
    assert run(told)["run_id"] == run(judged)["run_id"] == "harbor/fix-bug__a1"
    assert told.event_id != judged.event_id
    assert not {"outcome", "termination", "kind"} & run(told).keys()


@pytest.mark.parametrize(
    ("exception", "rewards", "termination", "outcome"),
    [("AgentTimeoutError", {"reward": 0.0}, "limit_time", "failure"),
     ("AgentTimeoutError", None, "limit_time", "failure"),
     ("RuntimeError", None, "error", "failure"), ("CancelledError", None, "cancelled", "unscored"),
     (None, None, "completed", "unscored"), (None, {"reward": 0.5}, "completed", "partial"),
     (None, {"reward": 2.5}, "completed", "unscored"), (None, {"reward": -1}, "completed", "unscored")],
)  # fmt: skip
def test_how_a_trial_ended(exception: str | None, rewards: Any, termination: str, outcome: str) -> None:
    raised = exception and {
        "exception_type": exception,
        "exception_message": "boom",
        "occurred_at": "2026-01-02T00:00:30",
    }
    event = decode_trial(exception_info=raised, verifier_result=rewards and {"rewards": rewards})
    assert (run(event)["termination"], run(event)["outcome"]) == (termination, outcome)
    assert [(row["message"], row["phase"], row["error_type"]) for row in rows(event, "errors")] == (
        [("boom", "agent_execution", exception)] if exception else []
    )


def test_an_unknown_version_is_no_version() -> None:
    assert "agent_version" not in run(decode_trial(agent_info={"name": "claude-code", "version": "unknown"}))


def test_cached_tokens_above_a_trial_s_input_are_refused() -> None:
    with pytest.raises(Rejected) as caught:
        decode_trial(agent_result={"n_input_tokens": 1, "n_cache_tokens": 2})
    assert caught.value.reason == "bad_value"


@pytest.mark.parametrize(
    ("content", "said"),
    [(b'{"n_total_trials": 4, "task_name": "x"}', "job"), (b'{"task_name": "x"}', "'trial_name'"),
     (b'{"task_name": "x", "trial_name": "y"}', "'agent_info'")],
    ids=str,
)  # fmt: skip
def test_another_result_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in (HarborResult(LIMITS).refusal(head("result.json", content)) or "")


def scope(edge: str, category: str, **more: Any) -> Event:
    atof = Atof(LIMITS)
    line = {"kind": "scope", "scope_category": edge, "atof_version": "0.1", "category": category, "uuid": "u",
            "parent_uuid": None, "timestamp": "2026-01-05T00:00:02Z", "name": "n", "attributes": []} | more  # fmt: skip
    return atof.decode(unit(line), atof.facts(head("x.jsonl", b"")))


def test_a_scope_s_lines_fold_into_a_run() -> None:
    begun, ended = scope("start", "agent"), scope("end", "agent")
    assert (begun.event_id, ended.event_id) == ("atof/u/start", "atof/u/end")
    assert run(begun)["run_id"] == run(ended)["run_id"] == "atof/u"
    assert (run(begun)["termination"], run(ended)["termination"]) == ("in_progress", "completed")
    assert ("ended_at" in run(begun), "started_at" in run(ended)) == (False, False)


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [("openai/chat-completions", {"usage": {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}}},
      {"input_uncached_tokens": 5, "input_cache_read_tokens": 4, "usage_convention": "inclusive"}),
     ("anthropic/messages", {"usage": {"input_tokens": 9, "cache_read_input_tokens": 40}},
      {"input_uncached_tokens": 9, "input_cache_read_tokens": 40, "usage_convention": "exclusive"}),
     ("gemini/generate-content", {"usageMetadata": {"candidatesTokenCount": 5, "thoughtsTokenCount": 3}},
      {"output_visible_tokens": 5, "output_reasoning_tokens": 3, "usage_convention": "inclusive"}),
     ("openai/chat-completions", {}, {"usage_convention": None})],
    ids=str,
)  # fmt: skip
def test_tokens_follow_the_convention_of_their_provider(schema: str, data: Any, expected: dict[str, Any]) -> None:
    event = scope("end", "llm", parent_uuid="p", data=data, data_schema={"name": schema},
                  category_profile={"model_name": "m"})  # fmt: skip
    [call] = rows(event, "llm_calls")
    assert {name: call.get(name) for name in expected} == expected
    assert (call["run_id"], call["request_model"], rows(event, "steps")[0]["kind"]) == ("atof/p", "m", "llm")


def test_a_tool_s_last_line_is_its_call_and_its_first_none() -> None:
    profile = {"tool_call_id": "c"}
    assert rows(scope("start", "tool", parent_uuid="p", category_profile=profile), "tool_calls") == []
    [call] = rows(scope("end", "tool", parent_uuid="p", category_profile=profile, data={"x": 1}), "tool_calls")
    assert (call["tool_call_id"], call["tool_name"], len(call["result_sha256"])) == ("c", "n", 64)


def test_other_lines_are_no_atof() -> None:
    assert "'atof_version'" in (Atof(LIMITS).refusal(head("x.jsonl", b'{"kind": "scope", "uuid": "u"}\n')) or "")


PACK = Path("data-packs/format-samples")


@pytest.mark.parametrize("number", range(1, 7))
def test_the_published_documents_give_their_counts(shared: Path, number: int) -> None:
    name = f"atif-nemo/exmp0{number}_atif.json"
    expected = json.loads((shared / PACK / "expected.json").read_text(encoding="utf-8"))[name]
    path = shared / PACK / "data" / name
    [event] = decode_file(Atif(LIMITS), str(path), path.read_bytes())
    roles = [row["role"] for row in rows(event, "messages")]
    assert {source: roles.count({"agent": "assistant"}.get(source, source)) for source in expected["sources"]} == (
        expected["sources"]
    )
    assert len(rows(event, "tool_calls")) == expected["tool_calls"]
    assert (run(event)["agent_id"], run(event).get("model")) == (
        expected["agent"]["name"], expected["agent"].get("model_name"),
    )  # fmt: skip
    assert run(event).get("input_tokens") is None


@pytest.mark.parametrize("number", range(1, 7))
def test_the_published_event_lines_all_land(shared: Path, number: int) -> None:
    path = shared / PACK / "data" / "atif-nemo" / f"exmp0{number}_atof.jsonl"
    events = decode_file(Atof(LIMITS), str(path), path.read_bytes())
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    ended = [line for line in lines if line.get("scope_category") == "end" and line["parent_uuid"]]
    assert len({event.event_id for event in events}) == len(lines)
    assert sum(len(rows(event, "llm_calls")) for event in events) == sum(line["category"] == "llm" for line in ended)
    assert sum(len(rows(event, "tool_calls")) for event in events) == sum(line["category"] == "tool" for line in ended)
