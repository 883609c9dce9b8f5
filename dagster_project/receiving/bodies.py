"""From a request's body to what is written down: decompressed, proven readable, framed for its file."""

import functools
import zlib
from dataclasses import dataclass

import msgspec

from dagster_project.receiving.answers import Encoding, Refused
from dagster_project.receiving.limits import Limits
from dagster_project.receiving.signals import Signal

_LINE_BREAKS = bytes.maketrans(b"\r\n", b"  ")


@dataclass(frozen=True)
class Record:
    """A request as its file takes it: a line of JSON, or protobuf behind its length; empty when nothing is to keep."""

    encoding: Encoding
    signal: Signal
    content: bytes
    count: int
    rejected: int
    complaint: str


def expanded(body: bytes, content_encoding: str, *, limits: Limits) -> bytes:
    """The body without its compression. Raises Refused: 400, 413, 415."""
    if content_encoding in ("", "identity"):
        return body
    if content_encoding not in ("gzip", "x-gzip"):
        raise Refused(415, f"Content-Encoding {content_encoding[:40]!r} is not read; send gzip or none.")
    member = zlib.decompressobj(wbits=31)
    try:
        content = member.decompress(body, limits.max_request_bytes + 1)
    except zlib.error as error:
        raise Refused(400, f"The body is no gzip data: {error}.") from None
    if len(content) > limits.max_request_bytes:
        raise Refused(413, f"The body is larger than {limits.max_request_bytes} bytes when decompressed.")
    if not member.eof or member.unused_data:
        raise Refused(400, "The gzip data ends too early, or bytes follow it.")
    return content


def record_of(body: bytes, encoding: Encoding, signal: Signal, *, limits: Limits) -> Record:
    """The record to write down. Raises Refused (400) when the body is not the signal's export request."""
    return _from_json(body, signal, limits) if encoding == "json" else _from_protobuf(body, signal, limits)


_whole = msgspec.json.Decoder()


def _from_json(body: bytes, signal: Signal, limits: Limits) -> Record:
    try:
        # The typed decoder skips what it does not know without looking at it.
        whole = _whole.decode(body)
        body.decode()
        request = signal.json_request.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Refused(400, f"The body is no {signal.message} in JSON: {error}.") from None
    if type(whole) is not dict or (whole and signal.json_key not in whole):
        raise Refused(400, f"The body is no {signal.message} in JSON: it has no {signal.json_key}.")
    complaints = [
        _json_complaint(raw, signal, limits)
        for resource in request.resources or ()
        for scope in resource.scopes or ()
        for raw in scope.records or ()
    ]
    # A line break outside of strings is white space, and inside of them JSON has none: one line, the same value.
    line = body.translate(_LINE_BREAKS).strip() + b"\n" if whole.get(signal.json_key) else b""
    return _record("json", signal, line, complaints)


def _json_complaint(raw: msgspec.Raw, signal: Signal, limits: Limits) -> str | None:
    if len(bytes(raw)) > limits.max_span_bytes:
        return _too_large(signal, limits)
    try:
        return signal.json_complaint(raw)
    except msgspec.MsgspecError as error:
        return f"a {signal.record} cannot be read: {error}"


@functools.cache
def _decode_error() -> type[Exception]:
    from google.protobuf.message import DecodeError

    return DecodeError


def _from_protobuf(body: bytes, signal: Signal, limits: Limits) -> Record:
    try:
        request = signal.protobuf_request(body)
    except _decode_error():
        raise Refused(400, f"The body is no {signal.message} in protobuf.") from None
    complaints = [
        _too_large(signal, limits) if record.ByteSize() > limits.max_span_bytes else signal.protobuf_complaint(record)
        for record in signal.protobuf_records(request)
    ]
    content = len(body).to_bytes(4, "big") + body if body else b""
    return _record("protobuf", signal, content, complaints)


def _too_large(signal: Signal, limits: Limits) -> str:
    return f"a {signal.record} is larger than {limits.max_span_bytes} bytes"


def _record(encoding: Encoding, signal: Signal, content: bytes, complaints: list[str | None]) -> Record:
    """What has a complaint is written down too: landing keeps it in quarantine, with the reason."""
    found = [complaint for complaint in complaints if complaint]
    return Record(encoding, signal, content, len(complaints), len(found), found[0] if found else "")
