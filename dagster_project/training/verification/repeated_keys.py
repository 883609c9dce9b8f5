"""Keys that an object of a JSON text says twice."""

import json
from typing import Any

import msgspec


def says_a_key_twice(text: bytes, value: Any) -> bool:
    """Whether an object of the JSON `text`, which is `value`, has a key twice: readers differ in which they take.

    What a model gave as arguments is its own.
    """
    if len(text) == len(msgspec.json.encode(value)):  # as short as can be: no key was lost, and nearly all texts are
        return False
    try:
        return _repeats(json.loads(text, object_pairs_hook=_Pairs, parse_int=str))
    except RecursionError:  # only arguments go that deep
        return False


class _Pairs(list):
    """The keys and values of a JSON object."""


def _repeats(value: Any) -> bool:
    if isinstance(value, _Pairs):
        keys = [key for key, _ in value]
        return len(set(keys)) < len(keys) or any(_repeats(item) for key, item in value if key != "arguments")
    return isinstance(value, list) and any(map(_repeats, value))
