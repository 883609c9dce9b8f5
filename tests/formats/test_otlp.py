"""OpenTelemetry spans: the root is the run, the others its steps; tokens are inclusive; nothing is guessed."""

import base64
import datetime as dt
import hashlib
import json
from typing import Any

import pytest

from dagster_project.formats.base import Event, Rejected
from dagster_project.formats.otlp.json_export import OtlpJson
from dagster_project.formats.otlp.protobuf_export import OtlpProtobuf
from tests.formats.otlp_spans import (
    CHILD,
    END,
    ROOT,
    START,
    TRACE,
    attributes,
    exception,
    message,
    protobuf,
    root,
    span,
    text,
    value,
)  # fmt: skip
from tests.formats.units import LIMITS, decode_file, head, rows, run

OTLP = OtlpJson(LIMITS)
STARTED = dt.datetime(2026, 3, 1, 6, 1, 56, 1)
PYTHON_STACK = """Traceback (most recent call last):
  File "/app/main.py", line 10, in main
    book()
  File "/app/tools.py", line 42, in book
    raise ValueError("boom")
ValueError: boom
"""
JAVA_STACK = """java.lang.IllegalStateException: boom
\tat com.acme.Tools.book(Tools.java:42)
\tat com.acme.Main.main(Main.java:1)
"""


def decode(one: dict, **keywords: Any) -> Event:
    [event] = decode_file(OTLP, "spans.json", text(message(one, **keywords)))
    return event


def one(event: Event, table: str) -> dict[str, Any]:
    [fields] = rows(event, table)
    return fields


def llm(**said: Any) -> dict:
    return span(said={"gen_ai.operation.name": "chat"} | said)


def unmapped(event: Event) -> list[str]:
    return [row["field_name"] for row in rows(event, "unmapped_fields")]


def test_a_root_is_the_run_of_its_trace() -> None:
    event = decode(root(said={"gen_ai.agent.id": "planner", "gen_ai.conversation.id": "c1"}))
    found = run(event)
    assert (event.event_id, found["run_id"]) == (f"otlp/{TRACE}/{ROOT}", TRACE)
    assert (found["agent_id"], found["session_id"], found["workflow_name"]) == ("planner", "c1", "work")
    assert (found["started_at"], found["latency_ms"], event.event_date) == (STARTED, 1500, dt.date(2026, 3, 1))
    assert rows(event, "steps") == []


def test_any_other_span_is_a_step_of_the_trace_s_run() -> None:
    event = decode(span())
    found = one(event, "steps")
    assert rows(event, "runs") == []
    assert (found["run_id"], found["step_id"], found["parent_step_id"]) == (TRACE, CHILD, ROOT)
    assert (found["seq"], found["kind"], found["status"]) == (1772344916000001, "other", "unset")


def test_times_are_exact_to_the_microsecond() -> None:
    found = one(decode(span()), "steps")
    assert (found["started_at"], found["ended_at"]) == (STARTED, dt.datetime(2026, 3, 1, 6, 1, 57, 500001))


def test_times_may_be_numbers_or_texts() -> None:
    assert decode(span(startTimeUnixNano=START, endTimeUnixNano=END)).content == decode(span()).content


@pytest.mark.parametrize(
    ("said", "resource", "agent"),
    [
        ({"gen_ai.agent.id": "id", "gen_ai.agent.name": "name"}, {"service.name": "s"}, "id"),
        ({"gen_ai.agent.name": "name"}, {"service.name": "s"}, "name"),
        ({"agent.name": "oi"}, {"service.name": "s"}, "oi"),
        ({}, {"service.name": "s"}, "s"),
        ({}, {}, "unknown_service"),
        ({"reliability.agent.id": "ours", "gen_ai.agent.id": "id"}, {}, "ours"),
    ],
    ids=str,
)
def test_the_agent_is_the_most_particular_name(said: dict, resource: dict, agent: str) -> None:
    assert run(decode(root(said=said), resource=resource))["agent_id"] == agent


@pytest.mark.parametrize(
    ("status", "termination", "outcome", "source"),
    [
        ({}, "completed", "unscored", None),
        ({"code": 1}, "completed", "success", "self"),
        ({"code": "STATUS_CODE_OK"}, "completed", "success", "self"),
        ({"code": 2}, "error", "failure", "self"),
    ],
    ids=str,
)
def test_how_a_run_ended_is_its_status(status: dict, termination: str, outcome: str, source: str | None) -> None:
    found = run(decode(root(status=status)))
    assert (found["termination"], found["outcome"], found.get("outcome_source")) == (termination, outcome, source)


def test_a_root_without_an_end_is_in_progress() -> None:
    found = run(decode(root(endTimeUnixNano="0", status={"code": 1})))
    assert (found["termination"], found["outcome"], found["ended_at"], found["latency_ms"]) == (
        "in_progress", "unscored", None, None,
    )  # fmt: skip


def test_a_clock_that_ran_backwards_gives_no_latency() -> None:
    assert one(decode(span(endTimeUnixNano=str(START - 1))), "steps")["latency_ms"] is None


def test_our_own_attributes_say_what_nobody_else_names() -> None:
    said = {
        "reliability.organization.id": "acme", "reliability.suite.id": "s", "reliability.task.id": "t",
        "reliability.attempt": 2, "reliability.variant.id": "v", "reliability.outcome": "partial",
        "reliability.outcome.value": 0.5, "reliability.outcome.source": "verifier", "reliability.cost.usd": 0.25,
        "reliability.label.team": "red",
    }  # fmt: skip
    event = decode(root(said=said))
    found = run(event)
    assert event.organization_id == "acme"
    assert (found["kind"], found["suite_id"], found["task_id"], found["attempt"], found["variant_id"]) == (
        "benchmark", "s", "t", 2, "v",
    )  # fmt: skip
    assert (found["outcome"], found["outcome_value"], found["outcome_source"]) == ("partial", 0.5, "verifier")
    assert (found["cost_usd"], found["cost_source"], found["labels"]["team"]) == (0.25, "provider", "red")
    assert unmapped(event) == []


def test_our_own_attributes_may_stand_on_the_resource() -> None:
    resource = {"reliability.organization.id": "acme", "reliability.suite.id": "s", "service.name": "a"}
    event = decode(root(), resource=resource)
    assert (event.organization_id, run(event)["suite_id"]) == ("acme", "s")
    assert decode(span(), resource=resource).organization_id == "acme"


TOKEN_NAMES = {
    "new": ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.reasoning.output_tokens"),
    "old": ("gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens", "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.reasoning_tokens"),
    "openinference": ("llm.token_count.prompt", "llm.token_count.completion",
                      "llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_write",
                      "llm.token_count.completion_details.reasoning"),
}  # fmt: skip
PARTS = ("input_uncached_tokens", "output_visible_tokens", "input_cache_read_tokens", "input_cache_write_tokens",
         "output_reasoning_tokens")  # fmt: skip


@pytest.mark.parametrize("convention", TOKEN_NAMES)
def test_cached_and_reasoning_tokens_are_within_the_totals(convention: str) -> None:
    call = one(decode(llm(**dict(zip(TOKEN_NAMES[convention], (100, 50, 40, 10, 20), strict=True)))), "llm_calls")
    assert [call[part] for part in PARTS] == [50, 30, 40, 10, 20]
    assert call["usage_convention"] == "inclusive"


@pytest.mark.parametrize("convention", TOKEN_NAMES)
def test_parts_larger_than_their_total_are_refused_not_clamped(convention: str) -> None:
    whole, _, read, write, _ = TOKEN_NAMES[convention]
    with pytest.raises(Rejected) as caught:
        decode(llm(**{whole: 40, read: 30, write: 11}))
    assert caught.value.reason == "bad_value"


def test_tokens_that_nobody_counted_are_unknown() -> None:
    call = one(decode(llm()), "llm_calls")
    assert [call.get(part) for part in (*PARTS, "usage_convention")] == [None] * 6


@pytest.mark.parametrize("count", [-1, "many", 1.5, True], ids=str)
def test_a_count_that_is_none_is_refused(count: object) -> None:
    with pytest.raises(Rejected) as caught:
        decode(llm(**{"gen_ai.usage.input_tokens": count}))
    assert caught.value.reason == "bad_number"


def test_totals_on_the_root_are_the_run_s() -> None:
    said = {"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 5,
            "gen_ai.usage.cache_read.input_tokens": 60, "gen_ai.request.model": "m"}  # fmt: skip
    event = decode(root(said=said))
    found = run(event)
    assert (found["input_tokens"], found["output_tokens"], found["cache_read_tokens"], found["model"]) == (
        100,
        5,
        60,
        "m",
    )
    assert rows(event, "llm_calls") == []


def test_a_root_that_is_itself_a_call_is_run_and_call() -> None:
    event = decode(root(said={"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 7}))
    assert run(event).get("input_tokens") is None
    assert (one(event, "llm_calls")["input_uncached_tokens"], one(event, "steps")["step_id"]) == (7, ROOT)


def test_totals_of_an_agent_below_the_root_stay_drift() -> None:
    event = decode(span(said={"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 100}))
    assert rows(event, "llm_calls") == []
    assert "attributes.gen_ai.usage.input_tokens" in unmapped(event)


def test_a_total_that_is_no_sum_stays_drift() -> None:
    counted = {"llm.token_count.prompt": 3, "llm.token_count.completion": 4}
    sums = decode(span(said={"openinference.span.kind": "LLM", "llm.token_count.total": 7} | counted))
    other = decode(span(said={"openinference.span.kind": "LLM", "llm.token_count.total": 9} | counted))
    assert "attributes.llm.token_count.total" not in unmapped(sums)
    assert "attributes.llm.token_count.total" in unmapped(other)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"gen_ai.operation.name": "chat"}, "llm"),
        ({"gen_ai.operation.name": "text_completion"}, "llm"),
        ({"gen_ai.operation.name": "embeddings"}, "embedding"),
        ({"gen_ai.operation.name": "execute_tool"}, "tool"),
        ({"gen_ai.operation.name": "invoke_agent"}, "agent"),
        ({"openinference.span.kind": "LLM"}, "llm"),
        ({"openinference.span.kind": "CHAIN"}, "workflow"),
        ({"openinference.span.kind": "RETRIEVER"}, "retrieval"),
        ({"openinference.span.kind": "GUARDRAIL"}, "guardrail"),
        ({"traceloop.span.kind": "tool"}, "tool"),
        ({"gen_ai.system": "openai", "gen_ai.usage.prompt_tokens": 3}, "llm"),
        ({"http.request.method": "GET"}, "other"),
    ],
    ids=str,
)
def test_a_step_s_kind_is_its_operation(said: dict, kind: str) -> None:
    assert one(decode(span(said=said)), "steps")["kind"] == kind


def test_an_llm_call_keeps_what_a_convention_says_of_it() -> None:
    call = one(decode(llm(**{
        "gen_ai.provider.name": "openai", "gen_ai.system": "old", "gen_ai.request.model": "m",
        "gen_ai.response.model": "m-1",
        "gen_ai.response.finish_reasons": ["stop", "stop"], "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 64, "gen_ai.response.time_to_first_chunk": 0.35,
    })), "llm_calls")  # fmt: skip
    assert (call["provider"], call["request_model"], call["response_model"]) == ("openai", "m", "m-1")
    assert (call["finish_reason"], call["temperature"], call["max_tokens"]) == ("stop", 0.5, 64)
    assert (call["ttft_ms"], call["latency_ms"]) == (350, 1500)


def test_an_openinference_call_keeps_its_parameters_and_cost() -> None:
    call = one(decode(span(said={
        "openinference.span.kind": "LLM", "llm.model_name": "m", "llm.provider": "azure", "llm.cost.total": 0.5,
        "llm.invocation_parameters": '{"temperature": 0.1, "max_tokens": 9}',
    })), "llm_calls")  # fmt: skip
    assert (call["request_model"], call["provider"], call["provider_cost_usd"]) == ("m", "azure", 0.5)
    assert (call["temperature"], call["max_tokens"]) == (0.1, 9)


@pytest.mark.parametrize(
    "said",
    [
        {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look", "gen_ai.tool.call.id": "c1",
         "gen_ai.tool.call.arguments": '{"a":1}', "gen_ai.tool.call.result": "7"},
        {"openinference.span.kind": "TOOL", "tool.name": "look", "tool_call.id": "c1",
         "input.value": '{"a":1}', "output.value": "7"},
    ],
    ids=["gen_ai", "openinference"],
)  # fmt: skip
def test_a_tool_s_span_is_a_tool_call(said: dict) -> None:
    call = one(decode(span(said=said)), "tool_calls")
    assert (call["tool_name"], call["tool_call_id"], call["status"], call["arguments_valid"]) == (
        "look",
        "c1",
        "ok",
        True,
    )
    assert call["arguments_sha256"] == hashlib.sha256(b'{"a":1}').hexdigest()
    assert call["result_sha256"] == hashlib.sha256(b"7").hexdigest()


def test_an_exception_is_an_error_with_its_innermost_frame() -> None:
    event = decode(span(said={"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "book"},
                        status={"code": 2, "message": "boom"}, events=[exception(stack=PYTHON_STACK)]))  # fmt: skip
    error = one(event, "errors")
    assert (error["message"], error["error_type"], error["top_frame"]) == (
        "boom", "ValueError", "/app/tools.py:42 in book",
    )  # fmt: skip
    assert (error["source"], error["phase"], error["step_id"]) == ("tool", "tool_call", CHILD)
    assert error["occurred_at"] == STARTED + dt.timedelta(milliseconds=2)
    assert one(event, "tool_calls")["status"] == "error"


def test_other_languages_name_the_innermost_frame_first() -> None:
    error = one(decode(span(events=[exception(stack=JAVA_STACK)])), "errors")
    assert error["top_frame"] == "com.acme.Tools.book(Tools.java:42)"


def test_an_error_without_an_exception_is_its_status() -> None:
    error = one(decode(llm(**{"error.type": "429"}) | {"status": {"code": 2, "message": "slow down"}}), "errors")
    assert (error["message"], error["error_type"], error["http_status"], error["source"]) == (
        "slow down", "429", 429, "llm_api",
    )  # fmt: skip


def test_several_exceptions_are_several_errors() -> None:
    event = decode(root(events=[exception(message="a"), exception(message="b")]))
    assert [(row["message"], row["seq"], row["step_id"]) for row in rows(event, "errors")] == [
        ("a", 0, None),
        ("b", 1, None),
    ]


def said_by(*messages: tuple[str, str]) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": said}]} for role, said in messages])


def test_a_call_tells_only_what_is_new_in_its_conversation() -> None:
    first = decode(llm(**{
        "gen_ai.system_instructions": '[{"type":"text","content":"be kind"}]',
        "gen_ai.input.messages": said_by(("user", "hi")), "gen_ai.output.messages": said_by(("assistant", "hello")),
    }))  # fmt: skip
    later = decode(llm(**{
        "gen_ai.input.messages": said_by(("user", "hi"), ("assistant", "hello"), ("user", "more")),
        "gen_ai.output.messages": said_by(("assistant", "less")),
    }))  # fmt: skip
    assert [text.text for text in first.texts if text.payload_kind == "message"] == ["be kind", "hi", "hello"]
    assert [text.text for text in later.texts if text.payload_kind == "message"] == ["more", "less"]
    seqs = [row["seq"] for row in rows(first, "messages")]
    assert seqs == sorted(set(seqs)) and seqs[0] == 1772344916000001000


def test_messages_name_the_tool_calls_they_make_and_answer() -> None:
    asked = [{"type": "tool_call", "id": "c1", "name": "look", "arguments": {}}]
    answered = [{"type": "tool_call_response", "id": "c1", "response": "7"}]
    event = decode(llm(**{
        "gen_ai.input.messages": json.dumps([{"role": "tool", "parts": answered}]),
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": asked}]),
    }))  # fmt: skip
    assert [(row["role"], row["tool_call_ids"], row["content_bytes"]) for row in rows(event, "messages")] == [
        ("tool", ["c1"], 1), ("assistant", ["c1"], None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("prefixes", "dot"),
    [(("llm.input_messages", "llm.output_messages"), "message."), (("gen_ai.prompt", "gen_ai.completion"), "")],
    ids=["openinference", "openllmetry"],
)
def test_messages_spread_over_attributes_are_read_in_their_order(prefixes: tuple[str, str], dot: str) -> None:
    inputs = {f"{prefixes[0]}.{place}.{dot}role": "user" for place in (0, 2, 10)}
    inputs |= {f"{prefixes[0]}.{place}.{dot}content": str(place) for place in (10, 2, 0)}
    answer = {f"{prefixes[1]}.0.{dot}role": "assistant", f"{prefixes[1]}.0.{dot}content": "done"}
    event = decode(llm(**inputs, **answer))
    assert [text.text for text in event.texts if text.payload_kind == "message"] == ["0", "2", "10", "done"]
    assert not [name for name in unmapped(event) if prefixes[0] in name]


def test_an_evaluation_is_a_score_of_the_run_on_the_root_else_of_the_step() -> None:
    said = {
        "gen_ai.evaluation.name": "relevance",
        "gen_ai.evaluation.score.value": 0.75,
        "gen_ai.evaluation.score.label": "good",
    }
    happened = {"name": "gen_ai.evaluation.result", "timeUnixNano": str(START), "attributes": attributes(said)}
    of_run, of_step = (one(decode(each(events=[happened])), "scores") for each in (root, span))
    assert (of_run["name"], of_run["value"], of_run["label"], of_run["scored_at"]) == (
        "relevance",
        0.75,
        "good",
        STARTED,
    )
    assert (of_run["target_type"], of_run["target_id"]) == ("run", TRACE)
    assert (of_step["target_type"], of_step["target_id"], of_step["run_id"]) == ("step", CHILD, TRACE)


def test_what_nothing_takes_is_drift_and_resource_and_scope_are_one_value_each() -> None:
    event = decode(
        span(said={"mine": [1, 2]}, links=[{"traceId": "a" * 32, "spanId": "b" * 16}], traceState="a=b", surprise=1,
             events=[{"name": "note", "attributes": []}]),
        resource={"service.name": "helper", "host.name": "h"},
    )  # fmt: skip
    assert sorted(unmapped(event)) == [
        "attributes.mine", "events.note", "links", "resource", "scope", "surprise", "traceState",
    ]  # fmt: skip


def test_unknown_keys_of_status_and_events_are_drift() -> None:
    happened = {"name": "exception", "timeUnixNano": str(START), "attributes": [], "severity": 9}
    names = unmapped(decode(span(status={"code": 2, "details": ["x"]}, events=[happened])))
    assert {"status.details", "events[].severity"} <= set(names)


def test_a_root_keeps_its_service_and_library_as_labels() -> None:
    labels = run(decode(root(), resource={"service.name": "a", "deployment.environment.name": "prod"}))["labels"]
    assert labels == {"service.name": "a", "deployment.environment.name": "prod", "otel.scope.name": "lib"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"traceId": ""}, "missing_required"),
        ({"traceId": "0" * 32}, "bad_id"),
        ({"spanId": "xyz"}, "bad_id"),
        ({"startTimeUnixNano": None}, "missing_required"),
        ({"startTimeUnixNano": "soon"}, "bad_type"),
        ({"startTimeUnixNano": "1"}, "bad_timestamp"),
        ({"startTimeUnixNano": str(START) + "000"}, "bad_timestamp"),
        ({"status": {"code": 9}}, "bad_enum"),
        ({"attributes": [{"key": "a", "value": {"stringValue": "x"}}] * 2}, "duplicate_key"),
        ({"attributes": [{"key": "a", "value": {"intValue": str(2**63)}}]}, "bad_number"),
        ({"attributes": "none"}, "bad_type"),
        ({"events": {}}, "bad_type"),
        ({"name": 7}, "bad_type"),
    ],
    ids=str,
)
def test_a_span_that_cannot_be_read_is_refused_with_a_reason(changes: dict, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(span(**changes)).occurred_at  # noqa: B018
    assert caught.value.reason == reason


def test_a_span_whose_resource_is_torn_is_refused() -> None:
    torn = text(message(span())).replace(b'"resource": {', b'"resource": ')
    [unit] = [piece for piece in _cut(torn) if getattr(piece, "enclosure", None)]
    with pytest.raises(Rejected, match="nobody knows whose it is"):
        OTLP.decode(unit, OTLP.facts(head("x.json", torn)))


def _cut(content: bytes) -> list:
    from dagster_project.landing.framing import pieces

    return list(pieces("telemetry_json", [content], limits=LIMITS))


def test_the_same_span_is_one_content_in_json_base64_json_and_protobuf() -> None:
    [from_protobuf, *_] = decode_file(OtlpProtobuf(LIMITS), "a.binpb", protobuf(1))
    written = {"name": "s1", "kind": 0, "startTimeUnixNano": str(START), "endTimeUnixNano": str(END)}
    hexadecimal = {"traceId": f"{1:032x}", "spanId": f"{1:016x}"} | written
    coded = {
        "trace_id": base64.b64encode((1).to_bytes(16, "big")).decode(),
        "span_id": base64.b64encode((1).to_bytes(8, "big")).decode(),
        "name": "s1", "start_time_unix_nano": str(START), "end_time_unix_nano": str(END),
    }  # fmt: skip
    for each in (hexadecimal, coded):
        event = decode(each, scope="one")
        assert (event.event_id, event.content) == (from_protobuf.event_id, from_protobuf.content)


PRINTED = {
    "name": "chat m", "context": {"trace_id": "0x" + TRACE, "span_id": "0x" + CHILD, "trace_state": "[]"},
    "kind": "SpanKind.CLIENT", "parent_id": "0x" + ROOT, "start_time": "2026-03-01T06:01:56.000001Z",
    "end_time": "2026-03-01T06:01:57.500001Z", "status": {"status_code": "ERROR", "description": "boom"},
    "attributes": {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 9},
    "events": [{"name": "exception", "timestamp": "2026-03-01T06:01:57Z", "attributes": {"exception.message": "boom"}}],
    "links": [], "resource": {"attributes": {"service.name": "helper"}, "schema_url": ""},
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 4], ids=str)
def test_what_a_console_exporter_prints_is_read(indent: int | None) -> None:
    content = (json.dumps(PRINTED, indent=indent) + "\n") * 2
    event, again = decode_file(OTLP, "out.txt", content.encode())
    assert event.content == again.content
    step, call = one(event, "steps"), one(event, "llm_calls")
    assert (step["step_id"], step["started_at"], step["status"], step["latency_ms"]) == (CHILD, STARTED, "error", 1500)
    assert call["input_uncached_tokens"] == 9
    assert one(event, "errors")["occurred_at"] == dt.datetime(2026, 3, 1, 6, 1, 57)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"time,span\n1,2", "begins with neither"),
        (b'{"event_type": "run"}', "no resourceSpans"),
        (b'{"traceId": "a", "name": "b", "startTime": "c"}', "no resourceSpans"),
        (b'[{"task_id": 1}]', "no resourceSpans"),
        (b'{"resourceMetrics": []}', "no resourceSpans"),
    ],
    ids=str,
)
def test_another_file_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in (OTLP.refusal(head("x.json", content)) or "")
    assert OtlpProtobuf(LIMITS).refusal(head("x.json", content)) is not None


@pytest.mark.parametrize(
    "content", [b"\x0a\x02hi", b"\n{}\n", b"", b"\0\0\0\x05hello", b"PK\x03\x04", b"PAR1" * 9], ids=str
)
def test_bytes_that_lead_to_no_span_are_no_protobuf_of_ours(content: bytes) -> None:
    assert OtlpProtobuf(LIMITS).refusal(head("x", content)) is not None


def test_a_first_span_longer_than_the_head_is_still_recognised() -> None:
    line = text(span(said={"input.value": "x" * 70_000}))
    moved = text({"traceId": TRACE, "spanId": CHILD, "startTimeUnixNano": str(START)})[:-1] + b"," + line[1:]
    assert OTLP.refusal(head("x.jsonl", moved[:65536], is_whole=False)) is None


def test_values_of_every_kind_are_read() -> None:
    assert value([True, 1, 0.5, "a"])["arrayValue"]["values"][1] == {"intValue": "1"}
    event = decode(span(said={"a": [True, 1, 0.5, "a"]}))
    assert event.content["attributes"] == {"a": [True, 1, 0.5, "a"]}
