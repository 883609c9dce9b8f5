"""YAML as the values JSON has: text, numbers, true, false, null, lists, mappings. Dates stay text as written.

Read strictly: a key is plain text and occurs once, aliases and tags are refused, depth is limited.
"""

import re
from typing import Any, cast

import yaml

from dagster_project.formats.base import Rejected
from dagster_project.settings import Settings

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]*(?:[eE][-+]?[0-9]+)?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None,
          "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}  # fmt: skip
_INTEGERS = range(-(2**63), 2**64)


def parse_yaml(raw: bytes, *, limits: Settings) -> Any:
    """The one value in `raw`. Raises Rejected: bad_value, bad_number, bad_encoding, duplicate_key, too_deep.

    Numbers are decimal, and need a point to have an exponent, as in YAML 1.1: `415e898`, `1_000` and `yes` are text.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected("bad_encoding", f"not UTF-8: {error.reason} at byte {error.start}") from None
    return _Builder(limits).value_of(text)


class _Builder:
    """Values from parser events, without recursion: neither depth nor aliases cost more than they are long."""

    def __init__(self, limits: Settings) -> None:
        self._limits = limits
        self._stack: list[dict[str, Any] | list[Any]] = []
        self._keys: list[str | None] = []  # of each open mapping the key that waits for its value
        self._roots: list[Any] = []

    def value_of(self, text: str) -> Any:
        try:
            for event in yaml.parse(text, Loader=_Loader):
                self._take(event)
        except yaml.YAMLError as error:
            raise Rejected("bad_value", "not YAML: " + " ".join(str(error).split())[:200]) from None
        if len(self._roots) != 1:
            raise Rejected("bad_value", f"{len(self._roots)} YAML documents instead of one")
        return self._roots[0]

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise Rejected("bad_value", "a YAML alias")
        if getattr(event, "tag", None) is not None:
            raise Rejected("bad_value", f"a YAML tag: {event.tag[:64]}")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open({} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._stack.pop()
            self._keys.pop()

    def _open(self, container: dict[str, Any] | list[Any]) -> None:
        self._put(container)
        self._stack.append(container)
        self._keys.append(None)
        if len(self._stack) > self._limits.max_depth + 1:
            raise Rejected("too_deep", f"nested deeper than {self._limits.max_depth} below the record")

    def _scalar(self, event: Any) -> None:
        top = self._stack[-1] if self._stack else None
        if type(top) is dict and self._keys[-1] is None:
            if event.value in top:
                raise Rejected("duplicate_key", f"key {event.value[:100]!r} is written twice")
            self._keys[-1] = event.value
        else:
            self._put(_plain(event.value) if event.implicit[0] else event.value)

    def _put(self, value: Any) -> None:
        top = self._stack[-1] if self._stack else None
        if top is None:
            self._roots.append(value)
        elif type(top) is list:
            top.append(value)
        else:
            key = self._keys[-1]
            if key is None:
                raise Rejected("bad_value", "a YAML key that is no text")
            cast(dict[str, Any], top)[key] = value
            self._keys[-1] = None


def _plain(text: str) -> Any:
    """The value of an unquoted scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > 20 or int(text) not in _INTEGERS:
            raise Rejected("bad_number", "an integer beyond 64 bits")
        return int(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise Rejected("bad_number", "a number that no double can hold")
        return number
    return text
