"""What must become of a native run line, decided apart from the code under test: the json module, strictly hooked.

Only the columns named here may stand in a line; a key of another name is schema drift and decides nothing.
"""

import datetime as dt
import json
import math
import re
from typing import Any

COUNTS = ("latency_ms", "retry_count")
SHARES = ("confidence", "outcome_value")
IDS = ("run_id", "agent_id", "task_id", "session_id")
TEXTS = ("model", "provider", "git_commit", "message")
INSTANTS = ("started_at", "ended_at")
OUTCOMES = frozenset({"success", "failure", "partial", "unscored"})
STATUSES = OUTCOMES | {"error", "timeout", "cancelled"}
LARGEST_UNIT, DEEPEST, MOST_KEYS, LONGEST_ID = 1 << 20, 64, 512, 512

_RFC_3339 = re.compile(
    r"(?P<y>\d{4})-(?P<mo>\d\d)-(?P<d>\d\d)T(?P<h>\d\d):(?P<mi>\d\d):(?P<s>\d\d)(?:\.(?P<f>\d{1,9}))?"
    r"(?P<z>Z|[+-]\d\d:\d\d)", re.ASCII
)  # fmt: skip


class RefusedError(Exception):
    """The line must not land."""


def check(is_fine: object) -> None:
    if not is_fine:
        raise RefusedError


def parsed(line: bytes) -> dict[str, Any]:
    """The object that the line is. Raises RefusedError."""
    check(len(line) <= LARGEST_UNIT)
    try:
        value = json.loads(
            line.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_never, parse_float=_float, parse_int=_int
        )
    except (ValueError, RecursionError):
        raise RefusedError from None
    check(type(value) is dict and len(value) <= MOST_KEYS)
    _look_within(value, 0)
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    check(len(dict(pairs)) == len(pairs))
    return dict(pairs)


def _never(_name: str) -> None:
    raise RefusedError


def _float(text: str) -> float:
    check(math.isfinite(float(text)))
    return float(text)


def _int(text: str) -> int:
    check(len(text) < 25 and -(2**63) <= int(text) < 2**64)
    return int(text)


def _look_within(value: Any, depth: int) -> None:
    if isinstance(value, str):
        check(not any("\ud800" <= character <= "\udfff" for character in value))
    elif isinstance(value, dict | list):
        check(depth <= DEEPEST)
        for key in value if isinstance(value, dict) else ():
            _look_within(key, depth)
        for member in value.values() if isinstance(value, dict) else value:
            _look_within(member, depth + 1)


def expected(line: bytes) -> dict[str, Any]:
    """The columns that the line's run must land with, absent ones left out. Raises RefusedError."""
    said = {name: value for name, value in parsed(line).items() if value is not None}
    check(type(said.get("event_type")) is str and said["event_type"] == "run")
    run: dict[str, Any] = {}
    for name in ("organization_id", "event_id", *IDS):
        if name in said or name not in ("task_id", "session_id"):
            run[name] = _id(said.get(name))
    for name in COUNTS:
        if name in said:
            check(type(said[name]) is int and 0 <= said[name] < 2**63)
            run[name] = said[name]
    for name, beyond in (*((name, None) for name in SHARES), ("cost_usd", 1e9)):
        if name in said:
            check(type(said[name]) in (int, float) and said[name] >= 0)
            check(said[name] <= 1 if beyond is None else said[name] < beyond)
            run[name] = float(said[name])
    for name in TEXTS:
        if name in said:
            check(type(said[name]) is str)
            run[name] = said[name]
    check("outcome" not in said or (type(said["outcome"]) is str and said["outcome"] in OUTCOMES))
    check("status" not in said or (type(said["status"]) is str and said["status"] in STATUSES))
    run["occurred_at"] = _instant(said.get("occurred_at"))
    for name in INSTANTS:
        if name in said:
            run[name] = _instant(said[name])
    if "labels" in said:
        check(type(said["labels"]) is dict)
        check(not any(isinstance(value, dict | list) for value in said["labels"].values()))
    return run


def _id(value: Any) -> str:
    check(type(value) is str and value != "" and len(value.encode()) <= LONGEST_ID)
    check(not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in value))
    return value


def _instant(value: Any) -> dt.datetime:
    check(type(value) is str)
    found = _RFC_3339.fullmatch(value)
    check(found)
    assert found is not None
    try:
        at = dt.datetime(*(int(found[part]) for part in ("y", "mo", "d", "h", "mi", "s")))
    except ValueError:
        raise RefusedError from None
    if found["f"]:
        at += dt.timedelta(microseconds=int(found["f"].ljust(9, "0")) // 1000)
    if found["z"] != "Z":
        hours, minutes = int(found["z"][1:3]), int(found["z"][4:])
        check(hours < 24 and minutes < 60)
        shift = dt.timedelta(hours=hours, minutes=minutes)
        at = at - shift if found["z"][0] == "+" else at + shift
    check(2000 <= at.year <= 2099)
    return at


def same(one: Any, other: Any) -> bool:
    """Whether two parsed values are equal: numbers by value, whatever the key order, but true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    numbers = (int, float)
    if type(one) in numbers and type(other) in numbers:
        return one == other
    return type(one) is type(other) and one == other
