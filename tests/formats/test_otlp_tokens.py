"""Tokens of spans, by each convention's names: totals include their parts, and nothing is guessed."""

import pytest

from dagster_project.formats.base import Rejected
from tests.formats.otlp_decoded import decode, llm, one, unmapped
from tests.formats.otlp_spans import (
    ROOT,
    root,
    span,
)  # fmt: skip
from tests.formats.units import rows, run

TOKEN_NAMES = {
    "new": ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.reasoning.output_tokens"),
    "old": ("gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens", "gen_ai.usage.cache_read_input_tokens",
            "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.reasoning_tokens"),
    "openinference": ("llm.token_count.prompt", "llm.token_count.completion",
                      "llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_write",
                      "llm.token_count.completion_details.reasoning"),
    "pydantic-ai": ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.details.cache_read_tokens",
                    "gen_ai.usage.details.cache_write_tokens", "gen_ai.usage.details.reasoning_tokens"),
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


@pytest.mark.parametrize(
    "said",
    [{"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "e", "gen_ai.usage.input_tokens": 8},
     {"openinference.span.kind": "EMBEDDING", "embedding.model_name": "e", "llm.token_count.prompt": 8}],
    ids=["genai", "openinference"],
)  # fmt: skip
def test_an_embedding_is_a_call_of_a_model_and_its_tokens_count(said: dict) -> None:
    event = decode(span(said=said))
    call = one(event, "llm_calls")
    assert (call["request_model"], call["input_uncached_tokens"], call.get("output_visible_tokens")) == ("e", 8, None)
    assert (one(event, "steps")["kind"], rows(event, "messages")) == ("embedding", [])


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
