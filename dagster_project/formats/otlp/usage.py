"""Token counts of a span. OpenTelemetry GenAI and OpenInference count cached tokens within the input and
reasoning within the output (inclusive): our five parts are what is left of the totals."""

from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.otlp import conventions as names
from dagster_project.formats.otlp.conventions import Reader

CONVENTION = "inclusive"
_LARGEST = 2**63 - 1


def run_tokens(reader: Reader) -> dict[str, Any]:
    """Inclusive totals and their parts, as a run has them. Raises Rejected when a part exceeds its total."""
    counts = {
        "input_tokens": _count(reader, names.INPUT_TOKENS),
        "output_tokens": _count(reader, names.OUTPUT_TOKENS),
        "cache_read_tokens": _count(reader, names.CACHE_READ_TOKENS),
        "cache_write_tokens": _count(reader, names.CACHE_WRITE_TOKENS),
        "reasoning_tokens": _count(reader, names.REASONING_TOKENS),
    }
    _remainder("input tokens", counts["input_tokens"], counts["cache_read_tokens"], counts["cache_write_tokens"])
    _remainder("output tokens", counts["output_tokens"], counts["reasoning_tokens"])
    _take_total(reader, counts["input_tokens"], counts["output_tokens"])
    return counts


def call_tokens(reader: Reader) -> dict[str, Any]:
    """The five disjoint parts, as an LLM call has them. A part that nobody counted is unknown, unless its total is
    known: then it is the whole, and the others are none of it."""
    counts = run_tokens(reader)
    read, write, reasoning = (counts[f"{part}_tokens"] for part in ("cache_read", "cache_write", "reasoning"))
    if all(count is None for count in counts.values()):
        return {}
    found: dict[str, Any] = {
        "usage_convention": CONVENTION,
        "input_cache_read_tokens": read,
        "input_cache_write_tokens": write,
        "output_reasoning_tokens": reasoning,
    }
    if counts["input_tokens"] is not None:
        found["input_uncached_tokens"] = _remainder("input tokens", counts["input_tokens"], read, write)
        found |= {"input_cache_read_tokens": read or 0, "input_cache_write_tokens": write or 0}
    if counts["output_tokens"] is not None:
        found["output_visible_tokens"] = _remainder("output tokens", counts["output_tokens"], reasoning)
        found["output_reasoning_tokens"] = reasoning or 0
    return found


def _count(reader: Reader, of: tuple[str, ...]) -> int | None:
    value = reader.take(of)
    if type(value) is float and value.is_integer() and 0 <= value < 2**53:
        value = int(value)  # some writers know no whole numbers
    if value is not None and (type(value) is not int or not 0 <= value <= _LARGEST):
        raise Rejected("bad_number", f"{of[0]} is {str(value)[:40]!r}, not a whole number from 0")
    return value


def _remainder(name: str, whole: int | None, *parts: int | None) -> int | None:
    if whole is None:
        return None
    inside = sum(part or 0 for part in parts)
    if inside > whole:
        raise Rejected("bad_value", f"{name} are {whole}, less than their parts, {inside}")
    return whole - inside


def _take_total(reader: Reader, whole_input: int | None, whole_output: int | None) -> None:
    """A total that is the sum of input and output says nothing more; any other stays, as drift."""
    before = set(reader.taken)
    total = reader.take(names.TOTAL_TOKENS)
    if total is not None and total != (whole_input or 0) + (whole_output or 0):
        reader.taken = before
