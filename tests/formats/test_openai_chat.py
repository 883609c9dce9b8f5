"""Chat lines: conversations without outcome, known by their ids, with every message and call accounted for."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Event, Rejected
from dagster_project.formats.openai.chat import OpenAIChat
from dagster_project.formats.tau_bench.few_shot import TauBenchFewShot
from tests.formats.units import LIMITS, decode_file, head, rows, run, unit

HI = {"role": "user", "content": "Hi"}
HELLO = {"role": "assistant", "content": "Hello"}


def decode(*messages: dict[str, Any], **more: Any) -> Event:
    chat = OpenAIChat(LIMITS)
    line = {"messages": [*messages]} | more
    return chat.decode(unit(line), chat.facts(head("logs/support.jsonl.gz", b"")))


def test_a_conversation_has_no_outcome() -> None:
    found = run(decode(HI, HELLO))
    assert (found["outcome"], found["termination"], found.get("outcome_source"), found.get("cost_usd")) == (
        "unscored", "unknown", None, None,
    )  # fmt: skip
    assert (found["agent_id"], found["time_quality"]) == ("support", "sequence_only")


@pytest.mark.parametrize(
    ("more", "event_id"),
    [({"id": "chat-1"}, "openai-chat/chat-1"), ({"conversation_id": "c/2"}, "openai-chat/c%2F2"),
     ({"id": 3}, "openai-chat/support/3")],
    ids=str,
)  # fmt: skip
def test_a_declared_id_is_the_identity(more: dict[str, Any], event_id: str) -> None:
    assert decode(HI, **more).event_id == event_id


def test_without_an_id_file_and_content_are_the_identity() -> None:
    first, again, other = decode(HI, HELLO), decode(HI, HELLO), decode(HI)
    assert first.event_id == again.event_id != other.event_id
    assert first.event_id.startswith("openai-chat/support/")


def test_calls_answers_and_old_functions_are_paired() -> None:
    event = decode(
        HI,
        {
            "role": "assistant",
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
        },
        {
            "role": "tool",
            "tool_call_id": "c",
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        },
        {"role": "assistant", "function_call": {"name": "g", "arguments": "{"}},
        {"role": "function", "name": "g", "content": "c"},
        {"role": "assistant", "tool_calls": [{"id": "d", "function": {"name": "h", "arguments": None}}]},
    )
    assert [(row["tool_call_id"], row["tool_name"], row.get("arguments_valid"), row.get("status"))
            for row in rows(event, "tool_calls")] == [
        ("c", "f", True, None), ("g", "g", False, None), ("d", "h", None, "orphan"),
    ]  # fmt: skip
    assert [row["role"] for row in rows(event, "messages")] == [
        "user", "assistant", "tool", "assistant", "tool", "assistant",
    ]  # fmt: skip
    assert ("message", "a\nb") in [(text.payload_kind, text.text) for text in event.texts]
    assert (run(event)["step_count"], run(event)["tool_call_count"]) == (6, 3)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ({"id": "c1", "type": "function", "function": {"name": "look", "arguments": {"a": 1}}},
         ("c1", "look", '{"a":1}', True)),
        ({"type": "function", "function": {"name": "look", "arguments": "{"}}, ("look", "look", "{", False)),
        ({"id": "c1", "type": "custom", "custom": {"name": "sql", "input": "select 1"}},
         ("c1", "sql", "select 1", False)),
        ({"id": "c1", "type": "hologram"}, ("c1", "unknown", None, None)),
    ],
    ids=["arguments as an object", "no id", "a custom tool", "a kind nobody knows"],
)  # fmt: skip
def test_calls_of_every_shape_are_kept(call: dict[str, Any], expected: tuple[Any, ...]) -> None:
    event = decode(HI, {"role": "assistant", "content": None, "tool_calls": [call]})
    [used] = rows(event, "tool_calls")
    texts = [text.text for text in event.texts if text.payload_kind == "tool_arguments"]
    arguments = texts[0] if texts else None
    assert (used["tool_call_id"], used["tool_name"], arguments, used.get("arguments_valid")) == expected


def test_parts_that_are_not_all_texts_are_kept_as_they_are() -> None:
    parts = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}]
    event = decode({"role": "user", "content": parts}, HELLO)
    texts = [text.text for text in event.texts if text.payload_kind == "message"]
    assert json.loads(texts[0]) == parts


def test_usage_is_the_last_answer_s_and_cached_tokens_are_part_of_the_prompt() -> None:
    usage = {
        "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
        "prompt_tokens_details": {"cached_tokens": 60}, "completion_tokens_details": {"reasoning_tokens": 5},
    }  # fmt: skip
    first, last = rows(decode(HI, HELLO, HI, HELLO, usage=usage, model="m"), "llm_calls")
    assert first.get("input_uncached_tokens") is None
    assert [last[column] for column in (
        "input_uncached_tokens", "input_cache_read_tokens", "output_visible_tokens", "output_reasoning_tokens",
        "usage_convention", "request_model",
    )] == [40, 60, 15, 5, "inclusive", "m"]  # fmt: skip


def test_a_cached_part_larger_than_its_total_is_refused() -> None:
    usage = {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 2}}
    with pytest.raises(Rejected) as caught:
        decode(HI, HELLO, usage=usage)
    assert caught.value.reason == "bad_value"


def test_created_is_the_time_of_the_answer() -> None:
    event = decode(HI, HELLO, created=1767225600)
    assert (event.occurred_at, event.event_date) == (dt.datetime(2026, 1, 1), dt.date(2026, 1, 1))
    assert run(event)["time_quality"] == "exact"


def test_unknown_keys_of_calls_are_drift() -> None:
    call = {"id": "c1", "index": 0, "function": {"name": "look", "arguments": "{}", "strict": True}}
    event = decode(HI, {"role": "assistant", "tool_calls": [call]})
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == [
        "messages[].tool_calls[].index", "messages[].tool_calls[].function.strict",
    ]  # fmt: skip


def test_tools_and_unknown_keys_are_drift() -> None:
    event = decode(HI, HELLO | {"weight": 0}, tools=[{"type": "function"}], usage={"prompt_tokens": 1, "x": 2})
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["tools", "usage.x", "messages[].weight"]


@pytest.mark.parametrize(
    ("messages", "reason"),
    [([], "missing_required"), ([{"role": "robot"}], "bad_type"), ([{"content": "x"}], "missing_required"),
     ([{"role": "user", "content": ["x"]}], "bad_type"), ([{"role": "user", "content": 5}], "bad_type")],
    ids=str,
)  # fmt: skip
def test_a_line_that_is_no_conversation_is_refused_with_a_reason(messages: list[Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(*messages)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("content", "said"),
    [(b'{"a": 1}\n', "'messages'"), (b'{"messages": []}\n', "no list"), (b'{"messages": [{"role": "x"}]}\n', "role"),
     (b'{"messages": [{"role": "user"}], "trajectory": []}\n', "'trajectory'")],
    ids=str,
)  # fmt: skip
def test_another_file_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in (OpenAIChat(LIMITS).refusal(head("x.jsonl", content)) or "")


def test_a_first_line_longer_than_the_head_is_recognised() -> None:
    start = b'{"messages": [{"role": "user", "content": "' + b"x" * 5000
    assert OpenAIChat(LIMITS).refusal(head("x.jsonl", start, is_whole=False)) is None


def test_a_broken_line_does_not_hide_the_format() -> None:
    content = b'{"mess\n{"messages": [{"role": "user", "content": "x"}]}\n'
    assert OpenAIChat(LIMITS).refusal(head("x.jsonl", content)) is None


def test_a_displayed_conversation_is_split_at_its_roles() -> None:
    few_shot = TauBenchFewShot(LIMITS)
    line = {"messages_display": "user: Hi\nthere\nassistant: None\ntool: {}\nassistant: Done"}
    event = few_shot.decode(unit(line), few_shot.facts(head("Retail-few_shot.jsonl", b"")))
    assert [row["role"] for row in rows(event, "messages")] == ["user", "assistant", "tool", "assistant"]
    assert [text.text for text in event.texts] == ["Hi\nthere", "{}", "Done"]
    assert (run(event)["outcome"], run(event)["agent_id"], rows(event, "tool_calls")) == (
        "unscored", "Retail-few_shot", [],
    )  # fmt: skip


def test_a_displayed_text_without_roles_is_refused() -> None:
    few_shot = TauBenchFewShot(LIMITS)
    with pytest.raises(Rejected) as caught:
        few_shot.decode(unit({"messages_display": "Hi"}), few_shot.facts(head("x.jsonl", b"")))
    assert caught.value.reason == "bad_value"


@pytest.mark.parametrize(("domain", "count"), [("Retail", 69), ("Airline", 19)])
def test_the_published_few_shot_lines_all_land_unscored(shared: Path, domain: str, count: int) -> None:
    folder = shared / "data-packs" / "tau-bench" / "data" / "few_shot_data"
    path = folder / f"Mock{domain}DomainEnv-few_shot.jsonl"
    events = decode_file(TauBenchFewShot(LIMITS), path.name, path.read_bytes())
    assert len({event.event_id for event in events}) == len(events) == count
    assert {run(event)["outcome"] for event in events} == {"unscored"}
    assert min(len(rows(event, "messages")) for event in events) > 1
