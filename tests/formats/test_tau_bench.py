"""τ-bench: a run is what its reward says; tool errors, orphans and repeated call ids are told, never smoothed over."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Event, Rejected
from dagster_project.formats.tau_bench.results import TauBench
from tests.formats.units import LIMITS, decode_file, head, rows, run, unit

NAME = "gpt-4o-airline.json"


def call(call_id: str, *, name: str = "book", arguments: str = '{"seat": 1}') -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def asks(*calls: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(calls)}


def answers(call_id: str, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "name": "book", "content": text}


def result(*messages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A finished, failed run with that trajectory."""
    return {
        "task_id": 7, "trial": 2, "reward": 0.0, "info": {"reward_info": {"reward": 0.0}, "user_cost": 0.5},
        "traj": [{"role": "user", "content": "Hi"}, *messages],
    } | changes  # fmt: skip


def decode(value: Any, name: str = NAME) -> Event:
    tau_bench = TauBench(LIMITS)
    return tau_bench.decode(unit(value), tau_bench.facts(head(f"logs/{name}", b"[]")))


def test_agent_suite_and_model_come_from_the_file_name() -> None:
    found = run(decode(result(), "sonnet-35-new-retail.json.gz"))
    assert (found["suite_id"], found["agent_id"], found["model"]) == (
        "tau-bench-retail", "sonnet-35-new", "sonnet-35-new",
    )  # fmt: skip


def test_a_name_of_another_shape_is_the_agent() -> None:
    found = run(decode(result(), "tool-calling-0.0_range.json"))
    assert (found["suite_id"], found["agent_id"], found["model"]) == ("tau-bench", "tool-calling-0.0_range", None)


def test_a_checkpoint_s_name_tells_how_it_was_run_and_its_policy_the_domain() -> None:
    policy = {"role": "system", "content": "# Retail agent policy\n\nBe kind."}
    name = "tool-calling-gpt-4o-0.0_range_0--1_user-gpt-4o-mini-llm_0626123715.json"
    event = decode(result(traj=[policy]), name)
    found = run(event)
    assert (found["suite_id"], found["agent_id"], found["model"]) == ("tau-bench-retail", "tool-calling", "gpt-4o")
    assert [found["labels"][key] for key in ("temperature", "user", "strategy")] == ["0.0", "gpt-4o-mini", "llm"]
    assert event.event_id == f"tau-bench-retail/{name.removesuffix('.json')}/7/2"
    assert run(decode(result(), name))["suite_id"] == "tau-bench"


def test_a_run_is_known_by_suite_agent_task_and_trial() -> None:
    event = decode(result())
    assert event.event_id == run(event)["run_id"] == "tau-bench-airline/gpt-4o/7/2"
    assert (run(event)["task_id"], run(event)["attempt"]) == ("7", 3)


def test_a_run_has_no_time_and_no_cost_of_its_own() -> None:
    event = decode(result())
    assert (event.event_date, event.occurred_at, run(event)["time_quality"]) == (None, None, "sequence_only")
    assert run(event).get("cost_usd") is None
    assert run(event)["labels"]["user_cost"] == "0.5"


@pytest.mark.parametrize(
    ("reward", "outcome"), [(1.0, "success"), (1, "success"), (0.0, "failure"), (0.5, "partial")], ids=str
)
def test_the_reward_is_the_outcome(reward: float, outcome: str) -> None:
    found = run(decode(result(reward=reward)))
    assert (found["outcome"], found["outcome_value"], found["outcome_source"]) == (outcome, reward, "verifier")


@pytest.mark.parametrize(
    ("info", "termination"),
    [
        ({"reward_info": {}}, "completed"),
        ({"reward_info": None}, "limit_turn"),
        ({"error": "boom", "traceback": "Traceback"}, "error"),
        ({}, "unknown"),
    ],
    ids=str,
)
def test_how_a_run_ended_is_read_from_what_the_harness_wrote(info: dict[str, Any], termination: str) -> None:
    assert run(decode(result(info=info)))["termination"] == termination


def test_an_error_of_the_harness_is_an_error_row() -> None:
    [error] = rows(decode(result(info={"error": "boom"})), "errors")
    assert (error["source"], error["message"]) == ("agent_runner", "boom")


def test_a_failed_tool_call_is_an_error_of_a_run_that_may_succeed() -> None:
    event = decode(result(asks(call("c1")), answers("c1", "Error: no seats"), reward=1.0))
    [tool_call] = rows(event, "tool_calls")
    [error] = rows(event, "errors")
    assert (tool_call["status"], run(event)["outcome"]) == ("error", "success")
    assert (error["message"], error["source"], error["step_id"]) == ("Error: no seats", "tool", tool_call["step_id"])


def test_an_unanswered_call_is_an_orphan() -> None:
    [tool_call] = rows(decode(result(asks(call("c1")))), "tool_calls")
    assert (tool_call["status"], tool_call.get("result_sha256")) == ("orphan", None)


def test_calls_without_an_id_are_answered_in_their_order() -> None:
    nameless = {"type": "function", "function": {"name": "book", "arguments": "{}"}}
    by_name = {"role": "tool", "name": "book", "content": "one"}
    by_nothing = {"role": "tool", "content": "Error: two"}
    event = decode(result(asks(nameless, nameless), by_name, by_nothing))
    assert [(row["tool_call_id"], row["status"]) for row in rows(event, "tool_calls")] == [
        ("book", "ok"), ("book#2", "error"),
    ]  # fmt: skip


def test_texts_leave_only_their_hash_in_the_facts() -> None:
    event = decode(result(asks(call("c1", arguments='{"a": 1}')), answers("c1", "done")))
    [tool_call] = rows(event, "tool_calls")
    assert tool_call["arguments_sha256"] == hashlib.sha256(b'{"a": 1}').hexdigest()
    assert tool_call["result_sha256"] == hashlib.sha256(b"done").hexdigest()
    assert [message.get("content_sha256") for message in rows(event, "messages")] == [
        hashlib.sha256(b"Hi").hexdigest(), None, hashlib.sha256(b"done").hexdigest(),
    ]  # fmt: skip
    assert [(text.payload_kind, text.text) for text in event.texts][:4] == [
        ("message", "Hi"), ("tool_arguments", '{"a": 1}'), ("tool_result", "done"), ("message", "done"),
    ]  # fmt: skip


def test_messages_name_the_calls_they_make_and_answer() -> None:
    event = decode(result(asks(call("c1"), call("c2")), answers("c1", "x"), answers("c2", "y")))
    assert [message.get("tool_call_ids") for message in rows(event, "messages")] == [None, ["c1", "c2"], ["c1"], ["c2"]]


def test_a_call_id_used_twice_is_told_apart_in_calls_and_messages() -> None:
    event = decode(result(asks(call("c")), answers("c", "one"), asks(call("c")), answers("c", "Error: two")))
    assert [(row["tool_call_id"], row["status"]) for row in rows(event, "tool_calls")] == [
        ("c", "ok"),
        ("c#2", "error"),
    ]
    ids = [message.get("tool_call_ids") for message in rows(event, "messages")]
    assert ids == [None, ["c"], ["c"], ["c#2"], ["c#2"]]


def test_steps_are_the_assistant_s_turns_with_their_tool_calls_below() -> None:
    event = decode(result(asks(call("c1")), answers("c1", "x"), {"role": "assistant", "content": "Done"}))
    assert [(row["seq"], row["kind"], row["depth"], row.get("name")) for row in rows(event, "steps")] == [
        (1, "llm", 0, None), (2, "tool", 1, "book"), (3, "llm", 0, None),
    ]  # fmt: skip
    assert rows(event, "steps")[1]["parent_step_id"] == rows(event, "steps")[0]["step_id"]
    assert [row["request_model"] for row in rows(event, "llm_calls")] == ["gpt-4o", "gpt-4o"]
    assert (run(event)["step_count"], run(event)["tool_call_count"]) == (3, 1)


@pytest.mark.parametrize(("arguments", "valid"), [('{"a": 1}', True), ("{a: 1}", False), ("[1]", False), ("", False)])
def test_arguments_are_valid_when_they_are_a_json_object(arguments: str, valid: bool) -> None:
    [tool_call] = rows(decode(result(asks(call("c", arguments=arguments)))), "tool_calls")
    assert tool_call["arguments_valid"] is valid


def test_keys_of_messages_that_no_field_takes_are_drift() -> None:
    event = decode(result({"role": "assistant", "content": "x", "annotations": [1], "function_call": None}))
    assert "traj[].annotations" in [row["field_name"] for row in rows(event, "unmapped_fields")]


def test_keys_that_no_field_takes_are_drift() -> None:
    event = decode(result(surprise=[1], info={"reward_info": {"actions": [], "reward": 0.0}, "task": {"user_id": "u"}}))
    assert [(row["field_name"], row["field_type"]) for row in rows(event, "unmapped_fields")] == [
        ("surprise", "array"), ("info.reward_info.actions", "array"),
    ]  # fmt: skip
    assert run(event)["labels"] == {"user_id": "u", "reward": "0.0"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"task_id": None}, "bad_type"),
        ({"trial": "0"}, "bad_type"),
        ({"trial": -1}, "bad_value"),
        ({"reward": 1.5}, "bad_value"),
        ({"traj": [{"role": "robot", "content": ""}]}, "bad_type"),
        ({"task_id": "x" * 600}, "bad_id"),
    ],
    ids=str,
)
def test_a_run_that_cannot_be_read_is_refused_with_a_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(result(**changes))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"task_id": 1}', "no JSON array"),
        (b'[{"task_id": 1, "trial": 0, "reward": 1}]', "'traj'"),
        (b"[1, 2]", "'task_id'"),
        (b"[]", "'task_id'"),
    ],
    ids=str,
)
def test_another_file_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in (TauBench(LIMITS).refusal(head("logs/x.json", content)) or "")


def test_a_first_run_longer_than_the_head_is_still_recognised() -> None:
    start = json.dumps([result()]).encode()[:60]
    assert TauBench(LIMITS).refusal(head("logs/x.json", start, is_whole=False)) is None


def test_the_airline_trajectories_give_their_published_counts(shared: Path) -> None:
    pack = shared / "data-packs" / "tau-bench"
    path = pack / "data" / "historical_trajectories" / "gpt-4o-airline.json"
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))
    events = decode_file(TauBench(LIMITS), path.name, path.read_bytes())
    runs = [run(event) for event in events]
    tool_calls = [row for event in events for row in rows(event, "tool_calls")]
    messages = [row for event in events for row in rows(event, "messages")]
    assert len({event.event_id for event in events}) == len(runs) == expected["runs"]
    assert len({found["task_id"] for found in runs}) == expected["tasks"]
    assert sum(found["outcome"] == "success" for found in runs) == expected["successes"]
    assert len(tool_calls) == expected["tool_calls"]
    assert {
        name: sum(row["tool_name"] == name for row in tool_calls) for name in {row["tool_name"] for row in tool_calls}
    } == expected["tool_calls_by_name"]
    assert sum(row["status"] == "error" for row in tool_calls) == expected["tool_messages_starting_with_Error"]
    assert {role: sum(row["role"] == role for row in messages) for role in expected["messages_by_role"]} == expected[
        "messages_by_role"
    ]
    assert {
        str(trial): sum(found["outcome"] == "success" for found in runs if found["attempt"] == trial + 1)
        for trial in range(4)
    } == expected["successes_by_trial"]
    costs = [float(found["labels"]["user_cost"]) for found in runs if "user_cost" in found["labels"]]
    assert (f"{sum(costs):.5f}", len(runs) - len(costs)) == (
        f"{expected['sum_user_cost_usd']:.5f}", expected["runs_without_user_cost"],
    )  # fmt: skip
