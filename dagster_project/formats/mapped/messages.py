"""The messages that a mapped run brings along."""

from typing import Any

from dagster_project import records
from dagster_project.formats.base import Rejected
from dagster_project.formats.content_parts import content_text
from dagster_project.formats.mapped.schema import Messages
from dagster_project.formats.mapped.sources import Captures, Unit, place, taker, value_at
from dagster_project.formats.mapped.unmapped import KnownPlaces
from dagster_project.formats.strict_json import json_type
from dagster_project.formats.text_lane import TextLane

Record = tuple[str, dict[str, Any]]

_ROLES = {role: role for role in records.ENUMS[("messages", "role")]}


class MessagesTaker:
    """The map's `messages`, compiled: one record per message, in order, and one of drift per other key they have."""

    def __init__(self, rule: Messages) -> None:
        self._source, self._speaker = rule.source, rule.speaker
        self._find = taker(rule.source)
        self._roles = _ROLES if rule.roles is None else rule.roles
        self._role, self._content = place(rule.role) or (), place(rule.content) or ()
        self._call_ids = None if rule.tool_call_ids is None else place(rule.tool_call_ids)
        read = [steps for steps in (self._role, self._content, self._call_ids) if steps]
        self._known = KnownPlaces((rule.source, "[]", *steps) for steps in read)

    def take(self, unit: Unit, captures: Captures, *, run_id: str, lane: TextLane) -> list[Record]:
        """Raises Rejected for a list, role or text of another kind."""
        value = self._find(unit, captures)
        if value is None:
            return []
        if type(value) is not list:
            raise Rejected("bad_type", f"{self._source}: expected an array, found {json_type(value)}")
        found = [self._record(each, seq, run_id=run_id, lane=lane) for seq, each in enumerate(value, start=1)]
        return found if self._speaker else [*found, *self._known.unmapped({self._source: value}, lane=lane)]

    def _record(self, message: Any, seq: int, *, run_id: str, lane: TextLane) -> Record:
        where = f"{self._source}: message {seq}"
        if self._speaker is not None:
            role, content, call_ids = self._speaker, message, None
        elif type(message) is dict:
            said = value_at(message, self._role)
            if type(said) is not str or said not in self._roles:
                raise Rejected("bad_enum", f"{where} has the role {str(said)[:64]!r}")
            role, content = self._roles[said], value_at(message, self._content)
            call_ids = None if self._call_ids is None else _texts(value_at(message, self._call_ids), where)
        else:
            raise Rejected("bad_type", f"{where} is a JSON {json_type(message)}")
        sha256, byte_count = lane.measure("message", content_text(content, field=f"{where}: the text"))
        fields = {"run_id": run_id, "seq": seq, "role": role, "content_sha256": sha256, "content_bytes": byte_count}
        return "messages", fields | ({"tool_call_ids": call_ids} if call_ids else {})


def _texts(value: Any, where: str) -> list[str] | None:
    """Ids of tool calls: one, a list of them, or none."""
    found = value if type(value) is list else [] if value is None else [value]
    if any(type(each) is not str for each in found):
        raise Rejected("bad_type", f"{where}: expected texts as ids of tool calls")
    return found
