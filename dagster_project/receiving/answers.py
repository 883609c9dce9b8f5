"""What OTLP/HTTP answers: an export response or a status, in the encoding of the request."""

from typing import Literal

import msgspec

from dagster_project.problems import problem_of_status

Encoding = Literal["json", "protobuf"]

CONTENT_TYPES: dict[Encoding, str] = {"json": "application/json", "protobuf": "application/x-protobuf"}
# google.rpc.Code of each HTTP status that we answer.
_RPC_CODES = {400: 3, 404: 12, 405: 12, 408: 4, 413: 3, 415: 3, 503: 14, 500: 13}


class Refused(Exception):  # noqa: N818 (an answer, not a failure of ours)
    """A request that is not taken: the HTTP status, what is wrong, and when to come back if that may help."""

    def __init__(self, status: int, message: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after_seconds = retry_after_seconds


def accepted(encoding: Encoding, *, rejected: int = 0, json_name: str = "rejectedSpans", message: str = "") -> bytes:
    """The body of a 200: empty, or how many records cannot be used and why. `json_name` is what JSON calls these."""
    if encoding == "json":
        if not rejected:
            return b"{}"
        return msgspec.json.encode({"partialSuccess": {json_name: str(rejected), "errorMessage": message}})
    if not rejected:
        return b""
    partial_success = b"\x08" + _varint(rejected) + _text(2, message)
    return b"\x0a" + _varint(len(partial_success)) + partial_success


def refused(encoding: Encoding, refusal: Refused) -> bytes:
    """The body of any other answer: a google.rpc.Status."""
    code = _RPC_CODES.get(refusal.status, 2)
    if encoding == "json":
        return msgspec.json.encode({"code": code, "message": refusal.message})
    return b"\x08" + _varint(code) + _text(2, refusal.message)


def problem_body(refusal: Refused) -> bytes:
    """The same as a Problem Details document, for clients that ask for one."""
    return msgspec.json.encode(problem_of_status(refusal.status, refusal.message, where="reliability receive"))


def _text(field: int, text: str) -> bytes:
    raw = text.encode()
    return bytes((field << 3 | 2,)) + _varint(len(raw)) + raw


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))
