"""Claude Code: every line stands alone, in any order; cached tokens are added, never subtracted; errors are told."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Event, Rejected
from dagster_project.formats.claude_code.session import ClaudeCode, ClaudeCodeExport
from dagster_project.landing.reading.framing import pieces
from tests.formats.units import LIMITS, decode_file, head, rows, run, unit

AT = "2026-01-02T03:04:05.006Z"
MICROSECONDS = 1767323045006000  # of that time since 1970
USAGE = {
    "input_tokens": 10, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 3000, "output_tokens": 40,
    "service_tier": "standard",
}  # fmt: skip


def line(kind: str, content: Any, *, message: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "type": kind, "uuid": "u1", "parentUuid": "u0", "sessionId": "s", "timestamp": AT, "version": "2.0.1",
        "isSidechain": False, "message": {"role": kind, "content": content} | (message or {}),
    } | more  # fmt: skip


def answer(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return line("assistant", list(blocks), message={"id": "msg_1", "model": "claude-x", "usage": USAGE}, **more)


def decode(value: dict[str, Any]) -> Event:
    claude = ClaudeCode(LIMITS)
    return claude.decode(unit(value), claude.facts(head("s.jsonl", b"")))


TEXT = {"type": "text", "text": "Done"}
USE = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}


def test_a_line_is_known_by_session_and_uuid() -> None:
    event = decode(line("user", "Hi"))
    assert (event.event_id, event.organization_id, event.unit_kind) == ("claude-code/s/u1", "default", "message")
    assert decode(line("user", "Hi", sessionId="fork")).event_id == "claude-code/fork/u1"


def test_every_line_tells_of_its_session_what_it_knows() -> None:
    found = run(decode(answer(TEXT, gitBranch="main")))
    assert (found["run_id"], found["session_id"], found["agent_id"], found["agent_version"]) == (
        "claude-code/s", "s", "claude-code", "2.0.1",
    )  # fmt: skip
    assert (found["termination"], found["outcome"], found["ended_at"]) == (
        "in_progress", "unscored", dt.datetime(2026, 1, 2, 3, 4, 5, 6000),
    )  # fmt: skip
    assert (found["model"], found["labels"], found.get("started_at")) == ("claude-x", {"git_branch": "main"}, None)


def test_cached_tokens_stand_beside_the_input_s() -> None:
    [call] = rows(decode(answer(TEXT)), "llm_calls")
    assert [call[column] for column in (
        "input_uncached_tokens", "input_cache_read_tokens", "input_cache_write_tokens", "output_visible_tokens",
    )] == [10, 3000, 200, 40]  # fmt: skip
    assert (call["usage_convention"], call.get("output_reasoning_tokens")) == ("exclusive", None)


def test_absent_token_counts_are_unknown_not_zero() -> None:
    value = line("assistant", [TEXT], message={"id": "m", "usage": {"input_tokens": 5}})
    [call] = rows(decode(value), "llm_calls")
    assert (call["input_uncached_tokens"], call.get("input_cache_read_tokens"), call.get("output_visible_tokens")) == (
        5, None, None,
    )  # fmt: skip


def test_lines_of_one_response_have_one_call_id_and_a_step_each() -> None:
    first, second = decode(answer(TEXT, uuid="a")), decode(answer(USE, uuid="b"))
    assert rows(first, "llm_calls")[0]["llm_call_id"] == rows(second, "llm_calls")[0]["llm_call_id"] == "msg_1"
    assert rows(first, "steps")[0]["step_id"] != rows(second, "steps")[0]["step_id"]


def test_messages_are_ordered_by_their_time() -> None:
    [message] = rows(decode(line("user", "Hi")), "messages")
    assert (message["seq"], message["role"]) == (MICROSECONDS * 1000, "user")


def test_a_tool_call_and_its_result_meet_in_the_call_s_step() -> None:
    [call] = rows(decode(answer(TEXT, USE)), "tool_calls")
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [TEXT], "is_error": True}
    told = decode(line("user", [result, {"type": "text", "text": "and now"}], uuid="u2", parentUuid="u1"))
    [step] = rows(told, "steps")
    [error] = rows(told, "errors")
    assert (call["tool_call_id"], call["tool_name"], call["arguments_valid"]) == ("toolu_1", "Bash", True)
    assert call["step_id"] == step["step_id"] == error["step_id"]
    assert (step["kind"], step["status"], step["parent_step_id"]) == ("tool", "error", "claude-code/s/u1")
    assert (error["source"], error["phase"], error["message"]) == ("tool", "tool_call", "Done")
    assert [(row["role"], row.get("tool_call_ids"), row["seq"]) for row in rows(told, "messages")] == [
        ("tool", ["toolu_1"], MICROSECONDS * 1000), ("user", None, MICROSECONDS * 1000 + 1),
    ]  # fmt: skip


def test_thinking_is_no_message_and_keeps_only_its_hash() -> None:
    event = decode(answer({"type": "thinking", "thinking": "Hm", "signature": "x"}))
    assert rows(event, "messages") == []
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == [
        "message.content[].thinking", "message.content[].signature", "message.usage.service_tier",
    ]  # fmt: skip


def test_an_error_of_the_api_is_an_error_and_no_call() -> None:
    value = line(
        "assistant", [TEXT], message={"id": "x", "model": "<synthetic>", "usage": USAGE}, isApiErrorMessage=True
    )
    event = decode(value)
    assert (rows(event, "llm_calls"), rows(event, "errors")[0]["source"], run(event).get("model")) == (
        [],
        "llm_api",
        None,
    )


def test_a_sidechain_is_a_run_below_the_session_s() -> None:
    found = run(decode(answer(TEXT, isSidechain=True, agentId="a7")))
    assert (found["run_id"], found["parent_run_id"], found["agent_id"], found["session_id"]) == (
        "claude-code/s/a7", "claude-code/s", "claude-code-sidechain", "s",
    )  # fmt: skip


def test_a_summary_is_a_session_event_without_a_run() -> None:
    event = decode({"type": "summary", "summary": "All done", "leafUuid": "leaf"})
    [notice] = rows(event, "events")
    assert (notice["event_type"], notice.get("run_id")) == ("session", None)
    assert event.event_id.startswith("claude-code//summary/leaf/")
    assert "All done" not in notice["payload"]
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["summary"]


def test_a_notice_of_a_failed_call_is_an_error() -> None:
    value = {"type": "system", "subtype": "api_error", "level": "error", "uuid": "n", "sessionId": "s",
             "timestamp": AT, "error": {"status": 529}, "content": "overloaded"}  # fmt: skip
    [error] = rows(decode(value), "errors")
    assert (error["message"], error["phase"], error["http_status"]) == ("overloaded", "llm_call", 529)


@pytest.mark.parametrize(
    ("told", "message", "error_type", "status"),
    [({"error": {"status": 529}}, '{"status":529}', None, 529),
     ({"error": {"message": "529 over", "status": 529, "connection": None}}, "529 over", None, 529),
     ({"error": {"message": "Connection error.", "connection": {"code": "ECONNRESET"}}}, "Connection error.",
      "ECONNRESET", None),
     ({"error": {"status": 529, "headers": {"x": "y"}, "error": {"type": "error", "error": {
         "type": "overloaded_error", "message": "Overloaded"}}}}, "Overloaded", "overloaded_error", 529),
     ({"content": "API error"}, "API error", None, None)],
    ids=str,
)  # fmt: skip
def test_every_version_s_notice_of_a_failed_call_is_understood(
    told: dict[str, Any], message: str, error_type: str | None, status: int | None
) -> None:
    notice = {"type": "system", "subtype": "api_error", "level": "error", "uuid": "n", "sessionId": "s",
              "timestamp": AT, "retryAttempt": 1, "maxRetries": 10}  # fmt: skip
    [error] = rows(decode(notice | told), "errors")
    assert (error["message"], error.get("error_type"), error.get("http_status"), error["retryable"]) == (
        message, error_type, status, True,
    )  # fmt: skip


def test_an_answer_that_stands_for_a_failure_says_which() -> None:
    value = line("assistant", [TEXT], message={"id": "x", "model": "<synthetic>"}, isApiErrorMessage=True,
                 error="rate_limit", apiErrorStatus=429)  # fmt: skip
    [error] = rows(decode(value), "errors")
    assert (error["message"], error["error_type"], error["http_status"]) == ("Done", "rate_limit", 429)


def test_a_session_begins_with_the_line_that_none_came_before() -> None:
    at = dt.datetime(2026, 1, 2, 3, 4, 5, 6000)
    boundary = {"type": "system", "subtype": "compact_boundary", "uuid": "b", "parentUuid": None, "sessionId": "s",
                "timestamp": AT, "logicalParentUuid": "u9"}  # fmt: skip
    assert run(decode(line("user", "Hi", parentUuid=None)))["started_at"] == at
    assert run(decode(line("user", "Go", parentUuid=None, isSidechain=True, agentId="a7")))["started_at"] == at
    for later in (line("user", "Hi"), boundary, line("user", "Go", parentUuid=None, isSidechain=True)):
        assert "started_at" not in run(decode(later))


def test_a_result_belongs_below_the_line_that_made_its_call() -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}
    [step] = rows(decode(line("user", [result], parentUuid="notice", sourceToolAssistantUUID="u7")), "steps")
    assert step["parent_step_id"] == "claude-code/s/u7"


def test_what_a_notice_calls_its_message_is_drift() -> None:
    notice = {"type": "progress", "uuid": "p", "sessionId": "s", "timestamp": AT}
    for message in ("half done", {"content": "half done"}):
        event = decode(notice | {"message": message})
        assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["message"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [({"silly": "this"}, "missing_required"),
     (line("user", "x", timestamp=None), "missing_required"),
     (line("user", "x", sessionId=None), "missing_required"),
     (line("user", "x", uuid=None), "missing_required"),
     (line("user", "x") | {"message": "error"}, "bad_type"),
     (line("user", [3]), "bad_type"),
     (line("user", "x", timestamp="2026-01-02 03:04:05"), "bad_timestamp"),
     (line("assistant", [TEXT], message={"usage": {"input_tokens": "5"}}), "bad_type")],
    ids=str,
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_refused_with_a_reason(value: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(value)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("content", "said"),
    [(b'{"messages": []}\n', "'sessionId'"), (b'{"type": "user", "text": "x"}\n', "'sessionId'"), (b"", "'type'")],
    ids=str,
)  # fmt: skip
def test_another_file_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in (ClaudeCode(LIMITS).refusal(head("x.jsonl", content)) or "")


def test_an_export_s_lines_are_known_by_file_and_position() -> None:
    message = {"type": "user", "timestamp": AT, "message": {"role": "user", "content": "Hi"}}
    events = decode_file(
        ClaudeCodeExport(LIMITS), "kept/demo.json", json.dumps({"loglines": [message, message]}).encode()
    )
    assert [event.event_id for event in events] == ["claude-code/demo/logline/1", "claude-code/demo/logline/2"]
    assert {run(event)["run_id"] for event in events} == {"claude-code/demo"}


def test_an_export_that_names_its_session_is_that_session() -> None:
    content = json.dumps({"loglines": [line("user", "Hi")]}).encode()
    [event] = decode_file(ClaudeCodeExport(LIMITS), "demo.json", content)
    assert event.event_id == "claude-code/s/u1"


PACK = Path("data-packs/format-samples/data")


def decode_or_reason(path: Path) -> list[Event | str]:
    claude, found = ClaudeCode(LIMITS), []
    start = head(path.name, path.read_bytes()[:65536])
    assert claude.refusal(start) is None
    for piece in pieces("lines", [path.read_bytes()], limits=LIMITS):
        try:
            found.append(claude.decode(piece, claude.facts(start)))
        except Rejected as rejected:
            found.append(rejected.reason)
    return found


@pytest.mark.parametrize(
    ("name", "refused"),
    [("claude-code-simonw/sample_session.jsonl", []), ("claude-code-daaain/session_b.jsonl", []),
     ("claude-code-daaain/representative_messages.jsonl", []), ("claude-code-daaain/todowrite_examples.jsonl", []),
     ("claude-code-daaain/edge_cases.jsonl",
      ["bad_type", "not_object", "missing_required", "not_object", "not_object"])],
)  # fmt: skip
def test_the_published_sessions_give_their_counts(shared: Path, name: str, refused: list[str]) -> None:
    expected = json.loads((shared / "data-packs/format-samples/expected.json").read_text(encoding="utf-8"))[name]
    found = decode_or_reason(shared / PACK / name)
    events = [event for event in found if isinstance(event, Event)]
    assert [reason for reason in found if isinstance(reason, str)] == refused
    calls = [row for event in events for row in rows(event, "llm_calls")]
    results = [row for event in events for row in rows(event, "messages") if row["role"] == "tool"]
    assert sum(call.get("output_visible_tokens", 0) for call in calls) == expected["output_tokens"]
    assert sum(len(rows(event, "tool_calls")) for event in events) == expected["tool_use"]
    assert len(results) == expected["tool_result"]
    assert len({row["session_id"] for event in events for row in rows(event, "runs")}) == expected["sessions"]
    assert sum(len(rows(event, "events")) for event in events) == expected["types"].get("summary", 0)


def test_the_published_export_gives_a_session(shared: Path) -> None:
    path = shared / PACK / "claude-code-simonw" / "sample_session.json"
    events = decode_file(ClaudeCodeExport(LIMITS), path.name, path.read_bytes())
    lines = json.loads(path.read_text(encoding="utf-8"))["loglines"]
    assert len(events) == len(lines)
    assert {run(event)["run_id"] for event in events} == {"claude-code/sample_session"}
