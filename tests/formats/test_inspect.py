"""Inspect: a sample in one epoch is a run; what it achieved, how it ended and what it used are told apart."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dagster_project.formats.base import Enclosure, Event, Rejected, Unit
from dagster_project.formats.inspect.log import InspectEval, InspectJson
from dagster_project.formats.inspect.usage import Usage, usage_columns
from dagster_project.landing.archives import Archive
from dagster_project.landing.framing import Piece, pieces
from dagster_project.landing.framing.archive import split
from dagster_project.landing.gate import Gate
from dagster_project.landing.heads import read_head
from tests.formats.units import LIMITS, head, rows, run

SPEC: dict[str, Any] = {
    "run_id": "R", "task_id": "T", "created": "2025-05-12T20:27:36-04:00", "task": "browser", "task_version": 2,
    "model": "openai/gpt-4o", "config": {}, "revision": {"type": "git", "commit": "abc"},
    "packages": {"inspect_ai": "0.3.70"},
}  # fmt: skip


def said(role: str, content: Any = "hi", **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def sample(**changes: Any) -> dict[str, Any]:
    """A sample that was asked, answered and judged right."""
    return {
        "id": 1, "epoch": 1, "input": "hi", "target": "", "metadata": {}, "store": {}, "events": [],
        "messages": [said("user"), said("assistant", "hello", source="generate")],
        "scores": {"match": {"value": "C"}},
    } | changes  # fmt: skip


def made(content: dict[str, Any], *, header: dict[str, Any] | bytes | None = None) -> Unit:
    described = (
        header if isinstance(header, bytes) else json.dumps(header or {"status": "success", "eval": SPEC}).encode()
    )
    return Unit(raw=json.dumps(content).encode(), number=1, byte_offset=0, enclosure=Enclosure(resource=described))


def decode(content: dict[str, Any], *, header: dict[str, Any] | bytes | None = None) -> Event:
    log = InspectJson(LIMITS)
    event = log.decode(made(content, header=header), log.facts(head("x.json", b"{}")))
    Gate(LIMITS).check(event)
    return event


def model_event(message_id: str | None = None, **changes: Any) -> dict[str, Any]:
    message = said("assistant", "hello") | ({"id": message_id} if message_id else {})
    return {
        "event": "model", "timestamp": "2025-05-12T20:27:38.462180-04:00", "model": "openai/gpt-4o",
        "completed": "2025-05-12T20:27:39.697159-04:00", "config": {"temperature": 0.5, "max_tokens": 9},
        "output": {"model": "gpt-4o-2024", "choices": [{"message": message, "stop_reason": "stop"}],
                   "usage": {"input_tokens": 10, "output_tokens": 4, "total_tokens": 14}},
    } | changes  # fmt: skip


def test_a_run_is_a_sample_in_one_epoch_and_its_task_the_suite() -> None:
    event = decode(sample(id="a/b", epoch=3, uuid="U", total_time=18.517, working_time=18.36))
    found = run(event)
    assert event.event_id == found["run_id"] == "R/T/a%2Fb/3"
    assert (found["suite_id"], found["suite_version"], found["task_id"], found["attempt"]) == ("browser", "2", "a/b", 3)
    assert (found["agent_id"], found["model"], found["git_commit"]) == ("openai/gpt-4o", "openai/gpt-4o", "abc")
    assert (found["latency_ms"], found["working_ms"]) == (18517, 18360)
    assert found["labels"] == {
        "eval_run_id": "R", "eval_task_id": "T", "eval_status": "success", "inspect_version": "0.3.70",
        "sample_uuid": "U",
    }  # fmt: skip


def test_the_solver_is_the_variant_and_settings_have_a_hash() -> None:
    one = run(decode(sample(), header={"eval": SPEC | {"solver": "react", "task_args": {"a": 1}}}))
    other = run(decode(sample(), header={"eval": SPEC | {"solver": "react", "task_args": {"a": 2}}}))
    assert one["variant_id"] == "react"
    assert len({one["config_hash"], other["config_hash"]}) == 2


SCORES: list[tuple[Any, str, float | None]] = [
    ("C", "success", 1.0), ("I", "failure", 0.0), ("P", "partial", 0.5), ("N", "failure", 0.0),
    (1, "success", 1.0), (0, "failure", 0.0), (0.25, "partial", 0.25), (True, "success", 1.0), (False, "failure", 0.0),
    ("yes", "success", 1.0), ("No", "failure", 0.0), ("0.75", "partial", 0.75), ("TRUE", "success", 1.0),
    (85, "unscored", None), (-3.5, "unscored", None), ("maybe", "unscored", None), ("1e999", "unscored", None),
    ([1, 0], "unscored", None), ({"a": 1}, "unscored", None), (None, "unscored", None),
]  # fmt: skip


@pytest.mark.parametrize(("value", "outcome", "number"), SCORES, ids=str)
def test_the_first_score_on_the_scale_is_the_outcome(value: Any, outcome: str, number: float | None) -> None:
    found = run(decode(sample(scores={"match": {"value": value}})))
    assert (found["outcome"], found.get("outcome_value")) == (outcome, number)
    assert found.get("outcome_source") == (None if number is None else "verifier")


def test_a_judge_s_score_says_so_and_later_scores_stand_beside() -> None:
    event = decode(sample(scores={"closeness": {"value": 42.7}, "model_graded_fact": {"value": "P"}, "match": "C"}))
    assert (run(event)["outcome"], run(event)["outcome_source"]) == ("partial", "judge")
    assert [(row["name"], row["value"], row["label"], row["scorer_kind"]) for row in rows(event, "scores")] == [
        ("closeness", 42.7, None, "code"), ("model_graded_fact", 0.5, "P", "llm"), ("match", 1.0, "C", "code"),
    ]  # fmt: skip


def test_each_key_of_a_score_is_a_score() -> None:
    event = decode(sample(scores={"rubric": {"value": {"style": 0.5, "facts": "C"}}}))
    assert [(row["name"], row["value"], row["scorer"]) for row in rows(event, "scores")] == [
        ("rubric.style", 0.5, "rubric"), ("rubric.facts", 1.0, "rubric"),
    ]  # fmt: skip


def test_an_edited_score_supersedes_the_original() -> None:
    edit = {"value": "C", "provenance": {"timestamp": "2025-06-01T00:00:00Z", "author": "ann"}}
    event = decode(sample(scores={"match": {"value": "C", "history": [{"value": "I"}, edit]}}))
    first, second = rows(event, "scores")
    assert (first["label"], second["label"], second["supersedes_score_id"]) == ("I", "C", first["score_id"])
    assert (second["scorer"], second["scorer_kind"], str(second["scored_at"])) == (
        "ann",
        "human",
        "2025-06-01 00:00:00",
    )
    assert run(event)["outcome"] == "success"


def test_a_score_that_is_not_a_number_is_unscored() -> None:
    raw = json.dumps(sample()).replace('"C"', "NaN").replace('"hello"', '"NaN, -Infinity"').encode()
    log = InspectJson(LIMITS)
    event = log.decode(msgspec.structs.replace(made({}), raw=raw), log.facts(head("x.json", b"{}")))
    assert run(event)["outcome"] == "unscored"
    assert ("message", "NaN, -Infinity") in [(text.payload_kind, text.text) for text in event.texts]


@pytest.mark.parametrize(
    ("kind", "termination"),
    [
        ("context", "limit_context"), ("time", "limit_time"), ("working", "limit_time"), ("token", "limit_token"),
        ("message", "limit_message"), ("turn", "limit_turn"), ("cost", "limit_cost"), ("operator", "cancelled"),
        ("custom", "unknown"),
    ],
)  # fmt: skip
def test_a_limit_is_how_the_run_ended_and_the_score_what_it_achieved(kind: str, termination: str) -> None:
    found = run(decode(sample(limit={"type": kind, "limit": 30})))
    assert (found["termination"], found["outcome"], found["labels"]["limit_type"]) == (termination, "success", kind)


def test_an_error_without_a_score_is_a_failure_with_its_frame() -> None:
    traceback = 'Traceback (most recent call last):\n  File "a.py", line 3, in solve\n    x()\n'
    event = decode(sample(scores=None, error={"message": "ValueError('no')", "traceback": traceback}))
    found, [error] = run(event), rows(event, "errors")
    assert (found["termination"], found["outcome"], found["outcome_source"], found["error_type"]) == (
        "error", "failure", "rule", "ValueError",
    )  # fmt: skip
    assert (error["message"], error["error_type"], error["top_frame"]) == (
        "ValueError('no')", "ValueError", "a.py:3 in solve",
    )  # fmt: skip


def test_a_judged_error_is_what_the_judge_says() -> None:
    found = run(decode(sample(error={"message": "boom"})))
    assert (found["termination"], found["outcome"]) == ("error", "success")


@pytest.mark.parametrize("message", ["CancelledError()", "Cancelled('x')", "asyncio.CancelledError('y')"])
def test_a_cancelled_sample_is_no_failure(message: str) -> None:
    found = run(decode(sample(scores=None, error={"message": message})))
    assert (found["termination"], found["outcome"]) == ("cancelled", "unscored")


def test_a_cancelled_log_keeps_its_finished_samples() -> None:
    header = {"status": "cancelled", "eval": SPEC}
    assert run(decode(sample(), header=header))["termination"] == "completed"
    assert run(decode(sample(scores=None), header=header))["termination"] == "cancelled"


def test_errors_it_was_tried_again_after_are_told() -> None:
    event = decode(sample(error_retries=[{"message": "RateLimitError('slow')"}]))
    [error] = rows(event, "errors")
    assert (run(event)["retry_count"], run(event)["outcome"], error["retryable"], error["error_type"]) == (
        1, "success", True, "RateLimitError",
    )  # fmt: skip


USAGE: list[tuple[Usage, tuple[int | None, ...], str]] = [
    # (uncached, cache read, cache write, visible, reasoning)
    (Usage(10, 4, 14), (10, None, None, 4, None), "exclusive"),
    # Cached tokens stand outside the input.
    (Usage(10, 4, 64, 20, 30), (10, 20, 30, 4, None), "exclusive"),
    (Usage(10, 4, None, 20, 30), (10, 20, 30, 4, None), "exclusive"),
    (Usage(10, 4, 99, 8), (10, 8, None, 4, None), "exclusive"),
    # A log of a version that counted them inside: only so the total adds up.
    (Usage(15235, 281, 15516, 9088, None, 0), (6147, 9088, None, 281, 0), "inclusive"),
    # Reasoning is part of the output, but for a provider that added it.
    (Usage(10, 40, 50, 0, None, 30), (10, 0, None, 10, 30), "exclusive"),
    (Usage(10, 40, 80, 0, None, 30), (10, 0, None, 40, 30), "exclusive"),
]


@pytest.mark.parametrize(("usage", "parts", "convention"), USAGE, ids=str)
def test_usage_becomes_five_parts_that_add_up(usage: Usage, parts: tuple, convention: str) -> None:
    columns = usage_columns(usage)
    names = ("input_uncached", "input_cache_read", "input_cache_write", "output_visible", "output_reasoning")
    assert tuple(columns.get(f"{name}_tokens") for name in names) == parts
    assert columns["usage_convention"] == convention


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        ({"input_tokens": 5, "output_tokens": 3, "reasoning_tokens": 4}, "bad_value"),
        ({"input_tokens": 5, "output_tokens": 1, "total_tokens": 6, "input_tokens_cache_read": 6}, "bad_value"),
        ({"input_tokens": -5}, "bad_number"),
        ({"input_tokens": "5"}, "bad_type"),
    ],
    ids=str,
)
def test_parts_larger_than_their_whole_are_refused_not_clamped(usage: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(sample(model_usage={"m": usage}))
    assert caught.value.reason == reason


def test_a_run_s_tokens_and_cost_are_those_of_all_its_models() -> None:
    one = {"input_tokens": 10, "output_tokens": 4, "total_tokens": 34, "input_tokens_cache_read": 20, "total_cost": 0.1}
    two = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "total_cost": 0.2}
    found = run(decode(sample(model_usage={"m": one, "judge": two})))
    assert (found["input_tokens"], found["output_tokens"], found["cache_read_tokens"], found["cost_usd"]) == (
        31, 6, 20, 0.3,
    )  # fmt: skip
    assert "reasoning_tokens" not in found
    found = run(decode(sample(model_usage={"m": one, "judge": two | {"total_cost": None}})))
    assert (found.get("cost_usd"), found["cost_source"]) == (None, "none")


def test_a_model_s_event_times_and_counts_the_message_it_made() -> None:
    messages = [said("user"), said("assistant", "hello", id="m1")]
    event = decode(sample(messages=messages, events=[model_event("m1")]))
    [step], [call] = rows(event, "steps"), rows(event, "llm_calls")
    assert (str(step["started_at"]), step["latency_ms"]) == ("2025-05-13 00:27:38.462180", 1234)
    assert (call["input_uncached_tokens"], call["output_visible_tokens"], call["finish_reason"]) == (10, 4, "stop")
    assert (call["request_model"], call["response_model"], call["temperature"], call["max_tokens"]) == (
        "openai/gpt-4o", "gpt-4o-2024", 0.5, 9,
    )  # fmt: skip


def test_without_ids_events_and_messages_go_by_place() -> None:
    [call] = rows(decode(sample(events=[model_event()])), "llm_calls")
    assert call["input_uncached_tokens"] == 10


def test_a_call_that_made_no_message_is_a_step_after_the_conversation() -> None:
    messages = [said("user"), said("assistant", "hello", id="m1")]
    failed = model_event("x", role="grader", error="RateLimitError", output={"choices": []})
    event = decode(sample(messages=messages, events=[model_event("m1"), failed]))
    assert [(row["seq"], row.get("name"), row["status"]) for row in rows(event, "steps")] == [
        (1, None, "ok"), (2, "grader", "error"),
    ]  # fmt: skip
    assert [error["message"] for error in rows(event, "errors")] == ["RateLimitError"]


def test_examples_in_the_input_were_made_by_no_model() -> None:
    event = decode(sample(messages=[said("user"), said("assistant", source="input"), said("assistant", "x")]))
    assert (len(rows(event, "messages")), len(rows(event, "llm_calls"))) == (3, 1)


def test_tool_calls_have_their_event_s_times_and_their_message_s_error() -> None:
    call = {"id": "c1", "function": "bash", "arguments": {"cmd": "ls"}}
    messages = [
        said("assistant", "", tool_calls=[call, call | {"id": "c2"}]), said("tool", "a b", tool_call_id="c1"),
        said("tool", "", tool_call_id="c2", error={"type": "timeout", "message": "too slow"}),
    ]  # fmt: skip
    tool = {"event": "tool", "id": "c1", "timestamp": "2025-05-12T20:27:39Z", "completed": "2025-05-12T20:27:41.5Z"}
    event = decode(sample(messages=messages, events=[tool]))
    first, second = rows(event, "tool_calls")
    assert (first["status"], first["latency_ms"], first["arguments_valid"]) == ("ok", 2500, True)
    assert first["arguments_sha256"] == hashlib.sha256(b'{"cmd":"ls"}').hexdigest()
    assert (second["status"], second["error_type"]) == ("timeout", "timeout")
    assert [(row["message"], row["error_type"]) for row in rows(event, "errors")] == [("too slow", "timeout")]


def test_an_answer_whose_call_was_cut_is_a_call() -> None:
    answer = said("tool", "...", tool_call_id="b1", function="bash", error={"type": "parsing", "message": "bad"})
    [call] = rows(decode(sample(messages=[answer])), "tool_calls")
    assert (call["tool_name"], call["status"], call.get("arguments_sha256")) == ("bash", "error", None)


def test_an_older_version_s_tool_error_is_an_error() -> None:
    event = decode(sample(messages=[said("tool", "", tool_call_id="b1", function="f", tool_error="broke")]))
    assert [(row["message"], row.get("error_type")) for row in rows(event, "errors")] == [("broke", None)]


def test_content_in_parts_is_its_text_without_reasoning() -> None:
    parts = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    event = decode(sample(messages=[said("assistant", parts)]))
    assert rows(event, "messages")[0]["content_sha256"] == hashlib.sha256(b"a\nb").hexdigest()


@pytest.mark.parametrize(
    "kept",
    [
        {"attachments": {"k": "long"}, "events": []},
        {"transcript": {"content": {"k": "long"}, "events": []}, "events": []},
    ],
    ids=["now", "before"],
)
def test_texts_that_are_stored_once_are_put_back(kept: dict[str, Any]) -> None:
    protocol = "attachment" if "attachments" in kept else "tc"
    event = decode(sample(messages=[said("user", f"{protocol}://k"), said("user", "attachment://none")], **kept))
    hashes = [row["content_sha256"] for row in rows(event, "messages")]
    assert hashes == [hashlib.sha256(text).hexdigest() for text in (b"long", b"attachment://none")]


def test_references_cannot_make_a_sample_grow_without_end() -> None:
    messages = [said("user", "attachment://k")] * 200
    with pytest.raises(Rejected) as caught:
        decode(sample(messages=messages, attachments={"k": "x" * 500_000}))
    assert caught.value.reason == "too_large"


def test_the_transcript_is_no_content() -> None:
    one = decode(sample(events=[model_event()], attachments={"k": "v"}, model_usage={}))
    other = decode({key: value for key, value in sample().items() if key != "events"} | {"transcript": {"events": []}})
    assert one.content == other.content


def test_times_are_the_sample_s_own_else_its_events_else_the_evaluation_s() -> None:
    stamped = sample(events=[{"event": "state", "timestamp": "2025-05-13T01:00:00Z"}])
    timed = sample(started_at="2025-05-14T01:00:00Z", completed_at="2025-05-14T02:00:00Z", events=stamped["events"])
    own, from_events, from_eval = run(decode(timed)), run(decode(stamped)), run(decode(sample()))
    assert (str(own["started_at"]), str(own["ended_at"])) == ("2025-05-14 01:00:00", "2025-05-14 02:00:00")
    assert (str(from_events["started_at"]), from_events["time_quality"]) == ("2025-05-13 01:00:00", "exact")
    assert (str(from_eval["started_at"]), from_eval["time_quality"]) == ("2025-05-13 00:27:36", "date")


def test_unknown_keys_below_messages_and_usage_are_drift() -> None:
    usage = {"m": {"input_tokens": 1, "output_tokens": 1, "thoughts": 2}}
    event = decode(sample(model_usage=usage, output={"choices": [{"stop_reason": "stop", "logprobs": {"a": 1}}]}))
    names = [row["field_name"] for row in rows(event, "unmapped_fields")]
    assert {"model_usage.thoughts", "output.choices.logprobs"} <= set(names)


def test_what_no_field_takes_is_drift() -> None:
    scores = {"match": {"value": "C", "explanation": "because"}}
    content = sample(target="42", metadata={"a": 1}, scores=scores, events=[{"event": "state", "timestamp": "x"}])
    event = decode(content | {"started_at": "2025-05-14T01:00:00Z", "completed_at": "2025-05-14T01:00:00Z"})
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == [
        "target", "metadata", "scores.explanation", "events.state",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "header", "reason"),
    [
        (sample(), b"", "missing_required"),
        (sample(), b"{", "bad_json"),
        (sample(), {"eval": {"task": "t"}}, "missing_required"),
        (sample(epoch=0), None, "bad_value"),
        (sample(id=None), None, "bad_type"),
        (sample(messages=[said("robot")]), None, "bad_enum"),
        (sample(messages=[said("user", 5)]), None, "bad_type"),
        (sample(total_time=-1), None, "bad_number"),
        (sample(started_at="today"), None, "bad_timestamp"),
        (sample(events=5), None, "bad_type"),
        (sample(id="x" * 600), None, "bad_id"),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_a_sample_that_cannot_be_read_is_refused_with_a_reason(content: Any, header: Any, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        log = InspectJson(LIMITS)
        unit = made(content, header=header) if header != b"" else msgspec.structs.replace(made(content), enclosure=None)
        log.decode(unit, log.facts(head("x.json", b"{}")))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "content", [b"[]", b"{}", b'{"eval": 1}', b'{"status": "x", "eval": {"task": "t"}}', b"PK\x03\x04", b"x"], ids=repr
)
def test_another_file_is_refused(content: bytes) -> None:
    assert InspectJson(LIMITS).refusal(head("x.json", content)) is not None
    assert InspectEval(LIMITS).refusal(head("x.eval", content)) is not None


def test_a_log_longer_than_the_head_is_recognised_by_how_it_begins() -> None:
    spec = {"run_id": "R", "created": "", "task": "t", "dataset": {"sample_ids": [1]}, "model": "m"}
    for begun in ({"version": 2, "status": "success", "eval": spec}, {"eval": spec, "samples": []}):
        start = json.dumps(begun).encode()[:-1]
        assert InspectJson(LIMITS).refusal(head("x.json", start, is_whole=False)) is None
    assert InspectJson(LIMITS).refusal(head("x.json", b'{"eval": {"task": 1', is_whole=False)) is not None
    assert InspectJson(LIMITS).refusal(head("x.json", b'{"other": 1, ', is_whole=False)) is not None


def events_of_file(path: Path) -> list[Event]:
    """Events of a log as landing would decode it, each passed by the gate."""
    size = path.stat().st_size
    log = InspectEval(LIMITS) if path.suffix == ".eval" else InspectJson(LIMITS)
    file_head = read_head(path, display=path.name, file_bytes=size, settings=LIMITS)
    assert log.refusal(file_head) is None
    found: list[Piece]
    with path.open("rb") as handle:
        if isinstance(log, InspectEval):
            archive = Archive(handle, file_bytes=size, settings=LIMITS)
            found = list(split(archive, layout=log.layout, limits=LIMITS))
        else:
            found = list(pieces(log.framing, [handle.read()], limits=LIMITS))
    events = [log.decode(piece, log.facts(file_head)) for piece in found if isinstance(piece, Unit)]
    assert len(events) == len(found)
    for event in events:
        Gate(LIMITS).check(event)
    return events


# Its one log's metrics were not made by its one sample.
EDITED = "log/test_eval_log/log_tool_call_error.json"


def test_every_log_gives_its_published_numbers(shared: Path) -> None:
    pack = shared / "data-packs" / "inspect-ai"
    contents: dict[str, Any] = {}
    with (pack / "expected.csv").open(encoding="utf-8", newline="") as handle:
        for wanted in csv.DictReader(handle):
            events = events_of_file(pack / "data" / wanted["file"])
            runs = [run(event) for event in events]
            messages = [row for event in events for row in rows(event, "messages")]
            assert (len(runs), len(messages)) == (int(wanted["samples"]), int(wanted["messages"]))
            for event in events:
                # The same log in both formats, and under other names.
                assert contents.setdefault(event.event_id, event.content) == event.content
            if not runs or wanted["file"] == EDITED:
                continue
            assert {(found["suite_id"], found["model"]) for found in runs} == {(wanted["task"], wanted["model"])}
            calls = [row for event in events for row in rows(event, "llm_calls")]
            used = [value for row in calls for name, value in row.items() if name.endswith("_tokens") and value]
            limits = [row["max_tokens"] for row in calls if row.get("max_tokens")]
            assert sum(used) - sum(limits) == int(wanted["total_tokens"])
            metrics = json.loads(wanted["metrics"])
            values = [found.get("outcome_value") for found in runs]
            accuracies = [metric["accuracy"] for metric in metrics.values()] or [None]
            assert [sum(values) / len(values) if metrics else values[0]] == pytest.approx(accuracies)
    # 45 samples, three of them told twice.
    assert len(contents) == 42


def test_failed_tool_calls_of_every_kind_are_told(shared: Path) -> None:
    [event] = events_of_file(shared / "data-packs" / "inspect-ai" / "data" / EDITED)
    assert [row["status"] for row in rows(event, "tool_calls")] == ["error", "timeout"] + ["error"] * 9
    assert [row["error_type"] for row in rows(event, "errors")][-2:] == ["unknown", "output_limit"]
