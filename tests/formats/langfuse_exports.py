"""Small Langfuse exports, made up, and what the reader makes of them."""

import json
from typing import Any

from dagster_project.formats.base import Event
from dagster_project.formats.langfuse.export import Langfuse
from dagster_project.landing.decoding.gate import Gate
from tests.formats.units import LIMITS, head, unit


def observation(observation_id: str = "o1", **changes: Any) -> dict[str, Any]:
    """A span of one second."""
    return {
        "id": observation_id, "traceId": "t1", "type": "SPAN", "name": "work", "parentObservationId": None,
        "startTime": "2025-06-11T14:01:32.598Z", "endTime": "2025-06-11T14:01:33.598Z", "level": "DEFAULT",
        "metadata": "{}", "totalCost": 0, "usageDetails": {}, "costDetails": {},
    } | changes  # fmt: skip


def generation(**changes: Any) -> dict[str, Any]:
    """A priced LLM call of 100 + 20 tokens."""
    priced = {"usageDetails": {"input": 100, "output": 20, "total": 120}, "costDetails": {"total": 0.5}}
    return observation(**{"type": "GENERATION", "model": "m-1", "totalCost": 0.5} | priced | changes)


def export(*observations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    trace = {"id": "t1", "name": "my agent", "timestamp": "2025-06-11T14:01:32.598Z", "latency": 2.19} | changes
    return {"trace": trace, "observations": list(observations)}


def said(**attributes: str) -> str:
    """Metadata as the server writes it: the text of an object."""
    return json.dumps({"attributes": {name.replace("__", "."): value for name, value in attributes.items()}})


def decode(value: Any) -> Event:
    langfuse = Langfuse(LIMITS)
    event = langfuse.decode(unit(value), langfuse.facts(head("t.json", b"{}")))
    Gate(LIMITS).check(event)
    return event
