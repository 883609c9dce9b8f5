"""Answers of OpenAI's API in lines: a run of one call each, its tokens disjoint, what failed an error."""

import datetime as dt
import json
from typing import Any

import pytest

from dagster_project.formats.base import Event, Rejected
from dagster_project.formats.openai.batch import OpenAIBatch
from dagster_project.formats.openai.chat import OpenAIChat
from tests.formats.units import LIMITS, decode_file, head, rows, run

BATCH = OpenAIBatch(LIMITS)
USAGE = {
    "prompt_tokens": 100, "completion_tokens": 30, "total_tokens": 130,
    "prompt_tokens_details": {"cached_tokens": 60}, "completion_tokens_details": {"reasoning_tokens": 10},
}  # fmt: skip
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}


def completion(**changes: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": "done", "tool_calls": [CALL], "refusal": None}
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "m-1",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}], "usage": USAGE,
    } | changes  # fmt: skip


def answered(body: Any, *, status: int = 200, **changes: Any) -> dict[str, Any]:
    response = {"status_code": status, "request_id": "req-1", "body": body}
    return {"id": "batch_req_1", "custom_id": "r1", "response": response, "error": None} | changes


def decode(line: dict[str, Any]) -> Event:
    [event] = decode_file(BATCH, "out.jsonl", json.dumps(line).encode() + b"\n")
    return event


@pytest.mark.parametrize("line", [answered(completion()), completion()], ids=["batch line", "completion"])
def test_an_answer_is_a_run_of_one_call_with_disjoint_tokens(line: dict[str, Any]) -> None:
    event = decode(line)
    [call] = rows(event, "llm_calls")
    assert (call["input_uncached_tokens"], call["input_cache_read_tokens"]) == (40, 60)
    assert (call["output_visible_tokens"], call["output_reasoning_tokens"]) == (20, 10)
    assert call["usage_convention"] == "inclusive"
    assert (run(event)["termination"], run(event)["outcome"], run(event)["model"]) == ("completed", "unscored", "m-1")
    assert event.occurred_at == dt.datetime(2026, 1, 1)
    [used] = rows(event, "tool_calls")
    assert (used["tool_call_id"], used["tool_name"], used["status"]) == ("c1", "look", "orphan")
    assert not rows(event, "unmapped_fields")


def test_a_batch_line_is_known_by_its_id_else_by_file_and_custom_id() -> None:
    assert decode(answered(completion())).event_id == "openai-batch/batch_req_1"
    assert decode(answered(completion(id=None), id=None)).event_id == "openai-batch/out/r1"
    assert decode(completion()).event_id == "openai-batch/chatcmpl-1"
    assert run(decode(answered(completion())))["labels"]["custom_id"] == "r1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (answered({"error": {"message": "no such model", "type": "invalid_request_error", "code": "m"}}, status=404),
         ("no such model", "invalid_request_error", 404)),
        (answered(None, response=None, error={"code": "batch_expired", "message": "too late"}),
         ("too late", "batch_expired", None)),
        (answered({}, status=500), ("HTTP status 500", None, 500)),
    ],
    ids=["answered by an error", "never sent", "a status alone"],
)  # fmt: skip
def test_a_request_that_failed_is_a_run_that_ended_by_error(line: dict[str, Any], said: tuple[Any, ...]) -> None:
    event = decode(line)
    [error] = rows(event, "errors")
    assert (error["message"], error.get("error_type"), error.get("http_status")) == said
    assert (run(event)["termination"], run(event)["outcome"]) == ("error", "failure")
    assert not rows(event, "llm_calls")


def test_answers_of_the_newer_api_are_read_too() -> None:
    output = [
        {"type": "reasoning", "id": "rs", "summary": []},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "done"}]},
        {"type": "function_call", "id": "fc", "call_id": "c1", "name": "look", "arguments": "{}"},
    ]
    usage = {
        "input_tokens": 100, "output_tokens": 30,
        "input_tokens_details": {"cached_tokens": 60}, "output_tokens_details": {"reasoning_tokens": 10},
    }  # fmt: skip
    body = {"id": "resp_1", "object": "response", "created_at": 1767225600, "status": "completed", "model": "m-1",
            "output": output, "usage": usage, "error": None}  # fmt: skip
    event = decode(answered(body))
    [call] = rows(event, "llm_calls")
    assert (call["input_uncached_tokens"], call["input_cache_read_tokens"]) == (40, 60)
    assert (call["output_visible_tokens"], call["output_reasoning_tokens"]) == (20, 10)
    assert [(row["tool_call_id"], row["tool_name"]) for row in rows(event, "tool_calls")] == [("c1", "look")]
    assert [text.text for text in event.texts if text.payload_kind == "message"] == ["done"]
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["response.body.output"]


@pytest.mark.parametrize(
    ("total", "side", "written"),
    [("prompt_tokens", "prompt", "cache_write_tokens"), ("input_tokens", "input", "cache_write_tokens"),
     ("prompt_tokens", "prompt", "cache_creation_tokens")],
)  # fmt: skip
def test_what_was_written_to_the_cache_is_part_of_the_input(total: str, side: str, written: str) -> None:
    details = {"cached_tokens": 60, written: 25}
    event = decode(completion(usage={total: 100, f"{side}_tokens_details": details}))
    [call] = rows(event, "llm_calls")
    assert [call[f"input_{part}_tokens"] for part in ("uncached", "cache_read", "cache_write")] == [15, 60, 25]
    assert not [row for row in rows(event, "unmapped_fields") if "usage" in row["field_name"]]


def test_several_choices_are_answers_of_one_call() -> None:
    choices = [{"index": at, "message": {"role": "assistant", "content": str(at)}} for at in range(3)]
    event = decode(completion(choices=choices))
    assert (len(rows(event, "messages")), len(rows(event, "llm_calls"))) == (3, 1)


def test_what_no_field_takes_is_drift() -> None:
    message = {"role": "assistant", "content": "x", "annotations": [1]}
    body = completion(choices=[{"message": message, "logprobs": {"content": []}}], system_fingerprint="fp")
    names = [row["field_name"] for row in rows(decode(answered(body)), "unmapped_fields")]
    assert names == ["response.body.system_fingerprint", "choices[].logprobs", "choices[].message.annotations"]


@pytest.mark.parametrize("details", [{"cached_tokens": 2}, {"cached_tokens": 1, "cache_write_tokens": 1}], ids=str)
def test_parts_larger_than_their_total_are_refused(details: dict[str, int]) -> None:
    with pytest.raises(Rejected, match="bad_value"):
        decode(completion(usage={"prompt_tokens": 1, "prompt_tokens_details": details}))


def test_an_answer_that_says_nothing_is_refused() -> None:
    with pytest.raises(Rejected, match="missing_required"):
        decode(answered({"object": "chat.completion"}))


def test_a_batch_s_requests_are_no_answers() -> None:
    request = {"custom_id": "r1", "method": "POST", "url": "/v1/chat/completions", "body": {"messages": []}}
    assert "'custom_id' and 'response'" in (BATCH.refusal(head("in.jsonl", json.dumps(request).encode())) or "")
    assert OpenAIChat(LIMITS).refusal(head("out.jsonl", json.dumps(completion()).encode())) is not None


def test_a_first_line_longer_than_the_head_is_recognised() -> None:
    start = b'{"id": "b", "custom_id": "r1", "response": {"status_code": 200, "body": {"x": "' + b"x" * 5000
    assert BATCH.refusal(head("out.jsonl", start, is_whole=False)) is None


def test_an_answer_that_was_cut_off_before_it_said_a_word_is_a_call_with_its_tokens() -> None:
    usage = {"input_tokens": 30, "output_tokens": 64, "output_tokens_details": {"reasoning_tokens": 64}}
    body = {"id": "resp_1", "object": "response", "created_at": 1767225600, "model": "m-1", "status": "incomplete",
            "output": [], "usage": usage, "incomplete_details": {"reason": "max_output_tokens"}}  # fmt: skip
    event = decode(answered(body))
    [call] = rows(event, "llm_calls")
    assert (call["finish_reason"], call["input_uncached_tokens"], call["output_reasoning_tokens"]) == (
        "incomplete", 30, 64,
    )  # fmt: skip
    assert (call["output_visible_tokens"], run(event)["outcome"]) == (0, "unscored")
