"""mini-swe-agent: every call of a model counts once, whichever API it used, and a patch handed in is no success."""

import datetime as dt
import json
from typing import Any

import pytest

from dagster_project.formats.base import Event, Rejected
from dagster_project.formats.swe_agent.mini_trajectory import MiniSweAgent
from tests.formats.units import LIMITS, decode_file, head, rows, run


def mini(*messages: dict[str, Any], status: str = "Submitted") -> dict[str, Any]:
    return {
        "info": {
            "exit_status": status, "submission": "diff", "mini_version": "2.0",
            "model_stats": {"instance_cost": 0.25, "api_calls": 1}, "config": {"model": {"model_name": "m"}},
        },
        "messages": list(messages), "trajectory_format": "mini-swe-agent-1.1", "instance_id": "lib-1",
    }  # fmt: skip


def decode_mini(value: Any, path: str = "run/other.traj.json") -> Event:
    [event] = decode_file(MiniSweAgent(LIMITS), path, json.dumps(value).encode())
    return event


def test_a_mini_run_says_who_what_and_when() -> None:
    event = decode_mini(mini({"role": "user", "content": "Go", "extra": {"timestamp": 1767225600.5}}))
    found = run(event)
    assert (found["run_id"], found["agent_version"], found["model"], found["cost_usd"], found["outcome"]) == (
        "mini-swe-agent/run/lib-1", "2.0", "m", 0.25, "unscored",
    )  # fmt: skip
    assert found["started_at"] == dt.datetime(2026, 1, 1, 0, 0, 0, 500000)
    assert (event.event_date, found["time_quality"]) == (dt.date(2026, 1, 1), "exact")


def test_a_mini_run_s_usage_holds_its_cached_part() -> None:
    usage = {"prompt_tokens": 50, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 20}}
    extra = {"response": {"model": "m-1", "usage": usage}, "cost": 0.25}
    [call] = rows(decode_mini(mini({"role": "assistant", "content": "A", "extra": extra})), "llm_calls")
    assert (call["input_uncached_tokens"], call["input_cache_read_tokens"], call["usage_convention"]) == (
        30, 20, "inclusive",
    )  # fmt: skip
    with pytest.raises(Rejected) as caught:
        usage["prompt_tokens"] = 19
        decode_mini(mini({"role": "assistant", "content": "A", "extra": extra}))
    assert caught.value.reason == "bad_value"


def test_a_mini_run_s_commands_fail_by_their_return_code() -> None:
    calls = [{"id": "c", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}]
    event = decode_mini(mini(
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c", "content": "no", "extra": {"returncode": 2}},
        {"role": "exit", "content": "bye"}, status="RuntimeError",
    ))  # fmt: skip
    assert [(row["tool_call_id"], row["status"]) for row in rows(event, "tool_calls")] == [("c", "error")]
    assert (run(event)["termination"], rows(event, "errors")[-1]["error_type"]) == ("error", "RuntimeError")


def test_answers_of_the_newer_api_are_turns_with_calls_and_outputs() -> None:
    said = [{"type": "output_text", "text": "I look"}]
    answer = {
        "object": "response", "model": "m-2", "usage": {"input_tokens": 50, "output_tokens": 9,
                                                        "input_tokens_details": {"cached_tokens": 20}},
        "output": [{"type": "message", "content": said},
                   {"type": "function_call", "call_id": "c1", "name": "bash", "arguments": '{"command":"ls"}'}],
        "extra": {"cost": 0.25, "timestamp": 1767225600.5, "actions": []},
    }  # fmt: skip
    output = {"type": "function_call_output", "call_id": "c1", "output": "a.py", "extra": {"returncode": 0}}
    event = decode_mini(mini({"role": "user", "content": "fix"}, answer, output))
    [call] = rows(event, "llm_calls")
    assert (call["response_model"], call["provider_cost_usd"]) == ("m-2", 0.25)
    assert (call["input_uncached_tokens"], call["input_cache_read_tokens"]) == (30, 20)
    [used] = rows(event, "tool_calls")
    assert (used["tool_call_id"], used["tool_name"], used["status"]) == ("c1", "bash", "ok")
    assert [row["role"] for row in rows(event, "messages")][:3] == ["user", "assistant", "tool"]


def test_what_was_raised_is_the_error_s_message() -> None:
    info = {"exit_status": "RateLimitError", "exception_str": "429: slow down", "traceback": "Traceback"}
    event = decode_mini(mini({"role": "user", "content": "x"}) | {"info": info})
    [error] = rows(event, "errors")
    assert (error["message"], error["error_type"]) == ("429: slow down", "RateLimitError")
    assert "info.traceback" in [row["field_name"] for row in rows(event, "unmapped_fields")]


def test_an_item_of_a_strange_type_is_refused_with_a_reason() -> None:
    with pytest.raises(Rejected, match="missing_required"):
        decode_mini(mini({"role": "user", "content": "x"}, {"type": ["function_call_output"], "output": "a"}))


def test_an_answer_that_could_not_be_used_is_a_call_all_the_same() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    complaint = {"role": "user", "content": "wrong format", "extra": {"cost": 0.1, "response": {"usage": usage}}}
    lost = {"role": "user", "content": "wrong again", "extra": {"response": "<Response without end>"}}
    event = decode_mini(mini(complaint, lost))
    [call] = rows(event, "llm_calls")
    assert (call["input_uncached_tokens"], call["output_visible_tokens"], call["provider_cost_usd"]) == (5, 2, 0.1)


def test_a_bare_array_of_messages_is_a_mini_run() -> None:
    event = decode_mini(
        [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}], "run/local.traj.json"
    )
    assert (event.event_id, run(event)["termination"], len(rows(event, "messages"))) == (
        "mini-swe-agent/run/local", "unknown", 2,
    )  # fmt: skip


@pytest.mark.parametrize("content", [b'[{"role": "user", "content": "x"}]', b'{"messages": [], "info": {}}', b"[]"])
def test_other_messages_are_no_mini_run(content: bytes) -> None:
    assert "mini-swe-agent" in (MiniSweAgent(LIMITS).refusal(head("chat.json", content)) or "")


def test_what_was_raised_is_told_by_the_last_message_where_nothing_else_tells_it() -> None:
    last = {"role": "exit", "content": "429: slow down", "extra": {"exception_str": "429: slow down"}}
    event = decode_mini(mini({"role": "user", "content": "x"}, last, status="RateLimitError"))
    [error] = rows(event, "errors")
    assert (error["message"], error["error_type"]) == ("429: slow down", "RateLimitError")
