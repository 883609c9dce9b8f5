"""What every unit of a mapped format must hold: how its files are known, and what a unit is refused for."""

from collections.abc import Sequence
from typing import Any

from dagster_project.formats.base import Head
from dagster_project.formats.mapped.schema import Map
from dagster_project.formats.mapped.sources import place, value_at
from dagster_project.formats.strict_json import json_type

_ALSO = {"number": "integer"}
_UNREADABLE = {
    "lines": "none of its first lines is JSON",
    "array": "it is no JSON array",
    "object": "it is no JSON object",
    "csv": "it has no line that names columns",
    "document": "it is no JSON document",
    "tree": "it is no JSON object that holds a tree",
    "yaml": "it is no YAML list of mappings",
}


class Requirements:
    """The map's `required` keys."""

    def __init__(self, document: Map) -> None:
        self._framing = document.framing
        self._required = [(source, place(source) or (), expected) for source, expected in document.required.items()]

    def fault(self, value: Any) -> str | None:
        """What the unit lacks, in words; None when it has everything."""
        return self._fault(value, self._required)

    def fault_of_first(self, value: Any) -> str | None:
        """The same for what a head shows: of a tree that is what stands around it."""
        shown = [found for found in self._required if self._framing != "tree" or found[1][0] == "document"]
        return self._fault(value, shown)

    def _fault(self, value: Any, required: Sequence[tuple[str, tuple[str, ...], str]]) -> str | None:
        if type(value) is not dict:
            return f"a unit is a JSON {json_type(value)}, not an object"
        for source, keys, expected in required:
            found = value_at(value, keys)
            if found is None:
                return f"{source!r} is missing"
            if expected != "any":
                kind = json_type(found)
                if kind != expected and kind != _ALSO.get(expected):
                    return f"{source!r} is a JSON {kind}, expected {expected}"
        return None

    def fault_in_text(self, head: Head) -> str | None:
        """The same for a head that holds no whole unit: its first keys, in quotes, must at least occur in it."""
        has_whole_line = self._framing == "lines" and b"\n" in head.start.strip()
        if head.is_whole or has_whole_line or self._framing in {"object", "csv", "tree", "yaml"}:
            return _UNREADABLE[self._framing]
        if not head.start.lstrip().startswith(b"[" if self._framing == "array" else b"{"):
            return _UNREADABLE[self._framing]
        firsts = [keys[0] for _, keys, _ in self._required]
        if any(f'"{first}"'.encode() in head.start for first in firsts):
            return None
        return f"{firsts[0]!r} is missing"
