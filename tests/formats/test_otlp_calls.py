"""What a span was the doing of: model calls, tool calls, errors, messages and scores."""

import datetime as dt
import hashlib
import json

import pytest

from tests.formats.otlp_decoded import STARTED, decode, llm, one, unmapped
from tests.formats.otlp_spans import (
    CHILD,
    START,
    TRACE,
    attributes,
    exception,
    root,
    span,
)  # fmt: skip
from tests.formats.units import rows

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


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"gen_ai.operation.name": "chat"}, "llm"),
        ({"gen_ai.operation.name": "text_completion"}, "llm"),
        ({"gen_ai.operation.name": "embeddings"}, "embedding"),
        ({"gen_ai.operation.name": "execute_tool"}, "tool"),
        ({"gen_ai.operation.name": "invoke_agent"}, "agent"),
        ({"gen_ai.operation.name": "plan"}, "plan"),
        ({"gen_ai.operation.name": "search_memory"}, "memory"),
        ({"gen_ai.operation.name": "upsert_memory"}, "memory"),
        ({"gen_ai.operation.name": "delete_memory_store"}, "memory"),
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


def test_a_call_s_cost_and_end_have_the_names_that_instrumentations_give_them() -> None:
    event = decode(llm(**{"operation.cost": 0.25, "gen_ai.completion.0.finish_reason": "length"}))
    call = one(event, "llm_calls")
    assert (call["provider_cost_usd"], call["finish_reason"]) == (0.25, "length")
    assert not {"attributes.operation.cost", "attributes.gen_ai.completion.0.finish_reason"} & set(unmapped(event))
