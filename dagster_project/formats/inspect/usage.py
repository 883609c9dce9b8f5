"""Inspect's model usage as five disjoint token parts.

Cached tokens stand outside `input_tokens` (exclusive), reasoning tokens inside `output_tokens`. Some providers of
older versions counted the other way: where only another reading adds up to `total_tokens`, the total is believed.
"""

from typing import Any

import msgspec

from dagster_project.formats.base import Rejected


class Usage(msgspec.Struct):
    """Usage of one call, or of all calls of one model."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_cache_read: int | None = None
    input_tokens_cache_write: int | None = None
    reasoning_tokens: int | None = None
    total_cost: float | None = None


def usage_columns(usage: Usage | None) -> dict[str, Any]:
    """Token columns of an LLM call; unknown parts are left out.

    Raises Rejected: bad_number for a negative count, bad_value when a part is larger than its whole.
    """
    if usage is None:
        return {}
    counts = (usage.input_tokens, usage.output_tokens, usage.input_tokens_cache_read, usage.input_tokens_cache_write,
              usage.reasoning_tokens)  # fmt: skip
    if any(count is not None and count < 0 for count in counts):
        raise Rejected("bad_number", "a count of tokens is negative")
    is_cache_inside, is_reasoning_inside = _reading(usage)
    cached = (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)
    columns = {
        "input_uncached_tokens": _rest(usage.input_tokens, cached if is_cache_inside else 0, "input"),
        "input_cache_read_tokens": usage.input_tokens_cache_read,
        "input_cache_write_tokens": usage.input_tokens_cache_write,
        "output_visible_tokens": _rest(
            usage.output_tokens, (usage.reasoning_tokens or 0) if is_reasoning_inside else 0, "output"
        ),
        "output_reasoning_tokens": usage.reasoning_tokens,
    }
    known: dict[str, Any] = {name: count for name, count in columns.items() if count is not None}
    return known | {"usage_convention": "inclusive" if is_cache_inside else "exclusive"} if known else {}


def run_totals(usages: list[dict[str, Any]]) -> dict[str, int]:
    """Inclusive totals of a run over the columns of its models; a total that no model knows is left out."""
    parts = {
        "input_tokens": ("input_uncached_tokens", "input_cache_read_tokens", "input_cache_write_tokens"),
        "output_tokens": ("output_visible_tokens", "output_reasoning_tokens"),
        "cache_read_tokens": ("input_cache_read_tokens",),
        "cache_write_tokens": ("input_cache_write_tokens",),
        "reasoning_tokens": ("output_reasoning_tokens",),
    }
    totals = {}
    for total, columns in parts.items():
        known = [usage[column] for usage in usages for column in columns if column in usage]
        if known:
            totals[total] = sum(known)
    return totals


def _reading(usage: Usage) -> tuple[bool, bool]:
    """Whether cached tokens are inside the input, and reasoning tokens inside the output."""
    cached = (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)
    reasoning = usage.reasoning_tokens or 0
    whole = (usage.input_tokens or 0) + (usage.output_tokens or 0)
    declared = (False, True)
    readings = [declared] + ([(True, True)] if cached else []) + ([(False, False)] if reasoning else [])
    readings += [(True, False)] if cached and reasoning else []
    fitting = [
        reading
        for reading in readings
        if whole + (0 if reading[0] else cached) + (0 if reading[1] else reasoning) == usage.total_tokens
    ]
    return declared if declared in fitting or len(fitting) != 1 else fitting[0]


def _rest(whole: int | None, parts: int, side: str) -> int | None:
    if whole is None:
        return None
    if parts > whole:
        raise Rejected("bad_value", f"{parts} tokens are part of {whole} {side} tokens")
    return whole - parts
