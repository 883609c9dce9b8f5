"""Units that are no runs: one event with a typed payload, and the scores that the unit tells of tasks."""

from typing import Any

import msgspec

from dagster_project.formats.mapped.fields import SCALAR, field_taker
from dagster_project.formats.mapped.rules import as_rule
from dagster_project.formats.mapped.schema import DomainEvent
from dagster_project.formats.mapped.sources import Captures, Unit


class EventTaker:
    """The map's `event`, compiled."""

    def __init__(self, event: DomainEvent) -> None:
        self.event_type = event.event_type
        self._payload = [
            (name, field_taker(as_rule(rule), field=f"event.payload.{name}", column=SCALAR, is_text=False))
            for name, rule in event.payload.items()
        ]

    def take(self, unit: Unit, captures: Captures, *, agent_id: str) -> dict[str, Any]:
        """The record; values that are unknown are left out of the payload."""
        found = {name: value for name, take in self._payload if (value := take(unit, captures)) is not None}
        payload = msgspec.json.encode(found, order="sorted").decode()
        return {"event_type": self.event_type, "agent_id": agent_id, "payload": payload}
