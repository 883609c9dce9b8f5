"""What is a span, in each encoding, and what is refused with which words."""

import base64
import datetime as dt
import json

import pytest

from dagster_project.formats.base import Rejected
from dagster_project.formats.otlp.protobuf_export import OtlpProtobuf
from tests.formats.otlp_decoded import OTLP, STARTED, decode, one
from tests.formats.otlp_spans import (
    CHILD,
    END,
    ROOT,
    START,
    TRACE,
    message,
    protobuf,
    span,
    text,
    value,
)  # fmt: skip
from tests.formats.units import LIMITS, decode_file, head


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"traceId": ""}, "missing_required"),
        ({"traceId": "0" * 32}, "bad_id"),
        ({"spanId": "xyz"}, "bad_id"),
        ({"startTimeUnixNano": None}, "missing_required"),
        ({"startTimeUnixNano": "soon"}, "bad_type"),
        ({"startTimeUnixNano": "1"}, "bad_timestamp"),
        ({"startTimeUnixNano": str(START) + "000"}, "bad_timestamp"),
        ({"status": {"code": 9}}, "bad_enum"),
        ({"attributes": [{"key": "a", "value": {"stringValue": "x"}}] * 2}, "duplicate_key"),
        ({"attributes": [{"key": "a", "value": {"intValue": str(2**63)}}]}, "bad_number"),
        ({"attributes": "none"}, "bad_type"),
        ({"events": {}}, "bad_type"),
        ({"name": 7}, "bad_type"),
    ],
    ids=str,
)
def test_a_span_that_cannot_be_read_is_refused_with_a_reason(changes: dict, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(span(**changes)).occurred_at  # noqa: B018
    assert caught.value.reason == reason


def test_a_span_whose_resource_is_torn_is_refused() -> None:
    torn = text(message(span())).replace(b'"resource": {', b'"resource": ')
    [unit] = [piece for piece in _cut(torn) if getattr(piece, "enclosure", None)]
    with pytest.raises(Rejected, match="nobody knows whose it is"):
        OTLP.decode(unit, OTLP.facts(head("x.json", torn)))


def _cut(content: bytes) -> list:
    from dagster_project.landing.reading.framing import pieces

    return list(pieces("telemetry_json", [content], limits=LIMITS))


def test_the_same_span_is_one_content_in_json_base64_json_and_protobuf() -> None:
    [from_protobuf, *_] = decode_file(OtlpProtobuf(LIMITS), "a.binpb", protobuf(1))
    written = {"name": "s1", "kind": 0, "startTimeUnixNano": str(START), "endTimeUnixNano": str(END)}
    hexadecimal = {"traceId": f"{1:032x}", "spanId": f"{1:016x}"} | written
    coded = {
        "trace_id": base64.b64encode((1).to_bytes(16, "big")).decode(),
        "span_id": base64.b64encode((1).to_bytes(8, "big")).decode(),
        "name": "s1", "start_time_unix_nano": str(START), "end_time_unix_nano": str(END),
    }  # fmt: skip
    for each in (hexadecimal, coded):
        event = decode(each, scope="one")
        assert (event.event_id, event.content) == (from_protobuf.event_id, from_protobuf.content)


PRINTED = {
    "name": "chat m", "context": {"trace_id": "0x" + TRACE, "span_id": "0x" + CHILD, "trace_state": "[]"},
    "kind": "SpanKind.CLIENT", "parent_id": "0x" + ROOT, "start_time": "2026-03-01T06:01:56.000001Z",
    "end_time": "2026-03-01T06:01:57.500001Z", "status": {"status_code": "ERROR", "description": "boom"},
    "attributes": {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 9},
    "events": [{"name": "exception", "timestamp": "2026-03-01T06:01:57Z", "attributes": {"exception.message": "boom"}}],
    "links": [], "resource": {"attributes": {"service.name": "helper"}, "schema_url": ""},
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 4], ids=str)
def test_what_a_console_exporter_prints_is_read(indent: int | None) -> None:
    content = (json.dumps(PRINTED, indent=indent) + "\n") * 2
    event, again = decode_file(OTLP, "out.txt", content.encode())
    assert event.content == again.content
    step, call = one(event, "steps"), one(event, "llm_calls")
    assert (step["step_id"], step["started_at"], step["status"], step["latency_ms"]) == (CHILD, STARTED, "error", 1500)
    assert call["input_uncached_tokens"] == 9
    assert one(event, "errors")["occurred_at"] == dt.datetime(2026, 3, 1, 6, 1, 57)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"time,span\n1,2", "begins with neither"),
        (b'{"event_type": "run"}', "no resourceSpans"),
        (b'{"traceId": "a", "name": "b", "startTime": "c"}', "no resourceSpans"),
        (b'[{"task_id": 1}]', "no resourceSpans"),
        (b'{"resourceMetrics": []}', "no resourceSpans"),
    ],
    ids=str,
)
def test_another_file_is_refused_in_words(content: bytes, said: str) -> None:
    assert said in (OTLP.refusal(head("x.json", content)) or "")
    assert OtlpProtobuf(LIMITS).refusal(head("x.json", content)) is not None


@pytest.mark.parametrize(
    "content", [b"\x0a\x02hi", b"\n{}\n", b"", b"\0\0\0\x05hello", b"PK\x03\x04", b"PAR1" * 9], ids=str
)
def test_bytes_that_lead_to_no_span_are_no_protobuf_of_ours(content: bytes) -> None:
    assert OtlpProtobuf(LIMITS).refusal(head("x", content)) is not None


def test_a_first_span_longer_than_the_head_is_still_recognised() -> None:
    line = text(span(said={"input.value": "x" * 70_000}))
    moved = text({"traceId": TRACE, "spanId": CHILD, "startTimeUnixNano": str(START)})[:-1] + b"," + line[1:]
    assert OTLP.refusal(head("x.jsonl", moved[:65536], is_whole=False)) is None


def test_values_of_every_kind_are_read() -> None:
    assert value([True, 1, 0.5, "a"])["arrayValue"]["values"][1] == {"intValue": "1"}
    event = decode(span(said={"a": [True, 1, 0.5, "a"]}))
    assert event.content["attributes"] == {"a": [True, 1, 0.5, "a"]}
