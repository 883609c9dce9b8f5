"""Small Inspect samples, made up, and what the reader makes of them."""

import json
from typing import Any

from dagster_project.formats.base import Enclosure, Event, Unit
from dagster_project.formats.inspect.log import InspectJson
from dagster_project.landing.decoding.gate import Gate
from tests.formats.units import LIMITS, head

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
