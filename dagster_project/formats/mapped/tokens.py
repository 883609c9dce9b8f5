"""Token totals by one meaning: input_tokens counts cached tokens, whatever the source's convention."""

from typing import Any

from dagster_project.formats.base import Rejected

_PARTS = ("cache_read_tokens", "cache_write_tokens")


def call_tokens(call: dict[str, Any], *, convention: str | None) -> dict[str, Any]:
    """An LLM call with its five disjoint parts in place of totals. Raises Rejected as `total_tokens` does."""
    total_tokens(call, convention=convention)
    read, write, reasoning = (call.pop(part, None) for part in (*_PARTS, "reasoning_tokens"))
    inputs, outputs, cost = (call.pop(name, None) for name in ("input_tokens", "output_tokens", "cost_usd"))
    tokens = {
        "input_uncached_tokens": None if inputs is None else inputs - (read or 0) - (write or 0),
        "input_cache_read_tokens": read, "input_cache_write_tokens": write,
        "output_visible_tokens": None if outputs is None else outputs - (reasoning or 0),
        "output_reasoning_tokens": reasoning,
    }  # fmt: skip
    is_counted = any(count is not None for count in tokens.values())
    usage = {"usage_convention": (convention or "inclusive") if is_counted else None, "provider_cost_usd": cost}
    return call | tokens | usage


def total_tokens(run: dict[str, Any], *, convention: str | None) -> dict[str, Any]:
    """The run with inclusive totals. Raises Rejected when inclusive parts exceed their total."""
    cached = sum(run.get(part, 0) for part in _PARTS)
    if convention == "exclusive" and "input_tokens" in run:
        run["input_tokens"] += cached
    elif convention == "inclusive" and cached > run.get("input_tokens", cached):
        raise Rejected("bad_value", f"{cached} cached tokens, but only {run['input_tokens']} input tokens")
    if "reasoning_tokens" in run and run["reasoning_tokens"] > run.get("output_tokens", run["reasoning_tokens"]):
        raise Rejected("bad_value", "more reasoning tokens than output tokens")
    return run
