"""Guards: what a model thought leaves no export, whatever format it was logged in; what it said stays as it was."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Event
from dagster_project.training.texts.conversations import Part, RefusedError, fold_messages
from dagster_project.training.texts.reasoning import marked, visible, without_blocks
from dagster_project.training.verification.messages import reasoning_faults
from tests.formats import inspect_samples as inspect
from tests.formats import otlp_decoded as otlp
from tests.formats import test_atif as atif
from tests.formats import test_claude_code as claude_code
from tests.formats import test_map_nested as mapped
from tests.formats import test_mini_swe_agent as mini_swe_agent
from tests.formats import test_openai_batch as batch
from tests.formats import test_openai_chat as chat
from tests.formats import test_swe_agent as swe_agent
from tests.formats import test_tau2_bench as tau2_bench
from tests.formats import test_tau_bench as tau_bench

THOUGHT = "the hidden plan"
THOUGHTS: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": THOUGHT, "signature": "c2ln"},
    {"type": "redacted_thinking", "data": THOUGHT},
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
    {"type": "reasoning.text", "text": THOUGHT},
    {"type": "reasoning_content", "reasoning_content": {"text": THOUGHT}},
    {"type": "text", "thought": True, "text": THOUGHT},
]
SAID = {"type": "text", "text": "Hello"}
HI = {"role": "user", "content": "Hi"}


def spread(parts: list[dict[str, Any]]) -> dict[str, str]:
    """Parts as OpenInference spreads them over attributes of a span."""
    said = "llm.output_messages.0.message.contents"
    return {"llm.output_messages.0.message.role": "assistant"} | {
        f"{said}.{number}.message_content.{key}": value
        for number, part in enumerate(parts)
        for key, value in (
            ("type", "reasoning" if part.get("thought") else part["type"]),
            ("text", part.get("text", THOUGHT)),
        )
    }


DECODED: dict[str, Callable[[list[dict[str, Any]]], Event]] = {
    "ATIF": lambda parts: atif.decode(atif.step("user", "Hi"), atif.step("agent", parts, reasoning_content=THOUGHT)),
    "OpenAI chat": lambda parts: chat.decode(
        HI, {"role": "assistant", "content": parts, "reasoning_content": THOUGHT, "reasoning": THOUGHT}
    ),
    "OpenAI batch": lambda parts: batch.decode(
        batch.answered(batch.completion(choices=[{"index": 0, "message": {"role": "assistant", "content": parts}}]))
    ),
    "mini-swe-agent": lambda parts: mini_swe_agent.decode_mini(
        mini_swe_agent.mini(HI, {"role": "assistant", "content": parts, "thinking_blocks": [{"thinking": THOUGHT}]})
    ),
    "SWE-agent": lambda parts: swe_agent.decode(
        swe_agent.traj(history=[HI, {"role": "assistant", "content": parts, "agent": "main", "thought": THOUGHT}])
    ),
    "Claude Code": lambda parts: claude_code.decode(claude_code.answer(*parts)),
    "Inspect": lambda parts: inspect.decode(
        inspect.sample(messages=[inspect.said("user"), inspect.said("assistant", parts, source="generate")])
    ),
    "OTLP": lambda parts: otlp.decode(
        otlp.llm(**{"gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": parts}])})
    ),
    "OTLP, one attribute a part": lambda parts: otlp.decode(otlp.llm(**spread(parts))),
    "tau-bench": lambda parts: tau_bench.decode(tau_bench.result({"role": "assistant", "content": parts})),
}


@pytest.mark.parametrize("name", DECODED)
@pytest.mark.parametrize("thought", THOUGHTS, ids=lambda part: part["type"])
def test_parts_of_reasoning_leave_what_was_said_in_every_format(name: str, thought: dict[str, Any]) -> None:
    texts = [text.text for text in DECODED[name]([thought, SAID]).texts if text.payload_kind == "message"]
    read = [visible(text, role="assistant", is_calling=False) for text in texts]
    assert "Hello" in read
    assert not any(THOUGHT in (text or "") for text in read)


@pytest.mark.parametrize("name", DECODED)
@pytest.mark.parametrize("thought", THOUGHTS, ids=lambda part: part["type"])
def test_a_turn_of_calls_alone_says_nothing_once_its_thoughts_are_gone(name: str, thought: dict[str, Any]) -> None:
    use = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"a": 1}}
    texts = [text.text for text in DECODED[name]([thought, use]).texts if text.payload_kind == "message"]
    read = {visible(text, role="assistant", is_calling=True) for text in texts if "look" in text or THOUGHT in text}
    assert read <= {None}


@pytest.mark.parametrize("thought", THOUGHTS, ids=lambda part: part["type"])
def test_parts_of_reasoning_leave_what_was_said_in_a_mapped_format(thought: dict[str, Any], tmp_path: Path) -> None:
    event = mapped.decode(
        tmp_path, "messages: {from: chat}", {"chat": [{"role": "assistant", "content": [thought, SAID]}]}
    )
    [text] = [text.text for text in event.texts if text.payload_kind == "message"]
    assert visible(text, role="assistant", is_calling=False) == "Hello"


def test_blocks_of_reasoning_leave_what_was_said_where_messages_are_texts() -> None:
    event = tau2_bench.decode(HI, tau2_bench.said(f"<think>{THOUGHT}</think>Hello", raw_data={"reasoning": THOUGHT}))
    texts = [text.text for text in event.texts if text.payload_kind == "message"]
    assert [visible(text, role="assistant", is_calling=False) for text in texts] == ["Hi", "Hello"]


WHOLE = {"role": "assistant", "content": "Hello", "reasoning_content": THOUGHT, "tool_calls": None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"<think>{THOUGHT}</think>Hello", "Hello"),
        (f"<think>\n{THOUGHT}\n\n</think>\n\nHello", "Hello"),
        (f"{THOUGHT}\n</think>\n\nHello", "Hello"),
        (f"<thinking>{THOUGHT}</thinking>\nHello\n<THINK>{THOUGHT}</THINK>\nthere", "Hello\n\nthere"),
        (f"Hello <think>{THOUGHT}", "Hello <think>" + THOUGHT),
        (f"Hello\n<think>{THOUGHT} cut off", "Hello"),
        (f"<thought>{THOUGHT}</th>\n<execute>ls</execute>", "<execute>ls</execute>"),
        (f"<think>one <think>two</think> {THOUGHT}</think>Hello", "Hello"),
        (f"<think>I may write <think> here, {THOUGHT}</think>Hello", "Hello"),
        (f"[THINK]{THOUGHT}[/THINK]Hello", "Hello"),
        (f"◁think▷{THOUGHT}◁/think▷Hello", "Hello"),
        (f"<|START_THINKING|>{THOUGHT}<|END_THINKING|>Hello", "Hello"),
        (
            f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>Hello",
            "Hello",
        ),
        (f"&lt;think&gt;{THOUGHT}&lt;/think&gt;Hello", "Hello"),
        (json.dumps(WHOLE), "Hello"),
        (json.dumps([WHOLE]), "Hello"),
        (json.dumps({**WHOLE, "content": [THOUGHTS[0], SAID], "reasoning_content": None}), "Hello"),
        (json.dumps([THOUGHTS[0], {"type": "image", "source": "u"}]), '[{"type":"image","source":"u"}]'),
        (json.dumps([{"type": "text", "text": f"<think>{THOUGHT}</think>Hello"}, THOUGHTS[0]]), "Hello"),
    ],
)
def test_blocks_and_fields_of_reasoning_leave_what_was_said(text: str, said: str) -> None:
    assert visible(text, role="assistant", is_calling=False) == said
    assert not list(reasoning_faults([{"role": "assistant", "content": said}]))


@pytest.mark.parametrize(
    "text",
    [
        "Write `<think>` before and `</think>` after.",
        "```python\nre.sub('<think>.*?</think>', '', text)\n```\nremoves it.",
        "I think, therefore <b>I am</b>.",
        '{"reasoning": "asked for by the prompt", "answer": 4}',
        '[{"type": "text", "text": "plain"}, {"type": "image", "source": "reasonable"}]',
        "[1, 2] are thinkable",
        "THOUGHT: the visible style of an agent\n\n```bash\nls\n```",
    ],
)
def test_what_only_speaks_of_reasoning_stays_as_it_is(text: str) -> None:
    assert visible(text, role="assistant", is_calling=False) == text
    assert not list(reasoning_faults([{"role": "assistant", "content": text}]))


def test_what_users_and_instructions_say_of_thinking_stays() -> None:
    text = "Think between <think> and </think>."
    assert [visible(text, role=role, is_calling=False) for role in ("user", "system", "tool")] == [text] * 3


def test_reasoning_stays_between_marks_where_it_is_asked_for() -> None:
    text = json.dumps([THOUGHTS[0], SAID])
    assert marked(text, role="assistant", is_calling=False) == f"<think>\n{THOUGHT}\n</think>\n\nHello"
    assert marked("<think>a</think>b", role="assistant", is_calling=False) == "<think>a</think>b"


def said(seq: int, role: str, text: str) -> Part:
    return Part("messages", seq, 0, role, None, None, True, text)


def test_a_turn_of_thoughts_alone_goes_if_the_assistant_speaks_on() -> None:
    parts = [said(1, "user", "?"), said(2, "assistant", "<think>a</think>"), said(3, "assistant", "Done")]
    assert [message["content"] for message in fold_messages(parts)["messages"]] == ["?", "Done"]


def test_a_conversation_that_would_lose_a_turn_with_its_thoughts_is_refused() -> None:
    parts = [said(1, "user", "?"), said(2, "assistant", "<think>a</think>")]
    with pytest.raises(RefusedError, match="only_reasoning"):
        fold_messages(parts)
    assert fold_messages(parts, keeps_reasoning=True)["messages"][1]["content"] == "<think>a</think>"


def test_taking_reasoning_out_again_changes_nothing() -> None:
    texts = ["a <think>b</think> `c <think>d</think>` e", "x</think>y</think>z", "<think><think>a</think>b", "[THINK]a"]
    for text in texts:
        assert without_blocks(without_blocks(text)) == without_blocks(text)
        assert not list(reasoning_faults([{"role": "assistant", "content": without_blocks(text)}]))
