"""When two units say the same: equality of the parsed values, whatever the key order or the number's spelling."""

import hashlib
import re
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(order="sorted").encode
_ENDS_IN_POINT_ZERO = re.compile(rb"\.0(?:[,\]}]|$)")


def content_sha256_of(content: Any) -> str:
    """The same hash for equal JSON values: keys sorted, and 1.0 written like 1. Bytes are a canonical text already.

    Raises TypeError or ValueError when it is no JSON value.
    """
    if type(content) is bytes:
        return hashlib.sha256(content).hexdigest()
    encoded = _encode(content)
    if b".0" in encoded and _ENDS_IN_POINT_ZERO.search(encoded):
        encoded = _encode(_with_whole_numbers(content))
    return hashlib.sha256(encoded).hexdigest()


def _with_whole_numbers(value: Any) -> Any:
    if type(value) is dict:
        return {key: _with_whole_numbers(child) for key, child in value.items()}
    if type(value) is list:
        return [_with_whole_numbers(child) for child in value]
    return int(value) if type(value) is float and value.is_integer() else value
