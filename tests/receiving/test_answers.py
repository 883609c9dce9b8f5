"""The endpoint answers as OTLP/HTTP says, and what it answers with 200 lies in the inbox and lands."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.formats.otlp_spans import message, protobuf, root, span, text
from tests.receiving.receiver import Answer, Receiver, post, running, spool_files

JSON, PROTOBUF = "application/json", "application/x-protobuf"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("receiving") / "home", workers=1)


@pytest.fixture(scope="module")
def receiver(home: Settings) -> Iterator[Receiver]:
    with running(home) as started:
        yield started


def test_spans_in_json_are_taken_with_an_empty_answer(receiver: Receiver) -> None:
    answer = post(receiver.url, text(message(root(), span())), Content_Type="application/json; charset=utf-8")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, JSON, b"{}")


def test_spans_in_protobuf_are_taken_with_an_empty_answer(receiver: Receiver) -> None:
    answer = post(receiver.url, protobuf(), Content_Type=PROTOBUF)
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, PROTOBUF, b"")


@pytest.mark.parametrize(("body", "content_type"), [(text(message(span())), JSON), (protobuf(), PROTOBUF)], ids=str)
def test_gzip_is_read(receiver: Receiver, body: bytes, content_type: str) -> None:
    packed = gzip.compress(body)
    assert post(receiver.url, packed, Content_Type=content_type, Content_Encoding="gzip").status == 200


def test_an_export_of_nothing_is_taken_and_writes_nothing(receiver: Receiver, home: Settings) -> None:
    before = [path.stat().st_size for path in spool_files(home)]
    for body, content_type in ((b"{}", JSON), (b'{"resourceSpans":[]}', JSON), (b"", PROTOBUF)):
        assert post(receiver.url, body, Content_Type=content_type).status == 200
    assert [path.stat().st_size for path in spool_files(home)] == before


def test_spans_that_cannot_be_used_are_told_in_a_partial_success(receiver: Receiver) -> None:
    body = text(message(span(), span(traceId="nothing"), span(startTimeUnixNano="0")))
    said = json.loads(post(receiver.url, body, Content_Type=JSON).body)["partialSuccess"]
    assert said["rejectedSpans"] == "2"
    assert "32" in said["errorMessage"]
    nameless = b"\x0a\x08\x12\x06\x12\x04\x0a\x02\x01\x02"  # a span whose trace id has two bytes
    answer = post(receiver.url, nameless, Content_Type=PROTOBUF)
    assert ExportTraceServiceResponse.FromString(answer.body).partial_success.rejected_spans == 1


@pytest.mark.parametrize(
    "body",
    [b"garbage", b"[]", b'{"resourceLogs": []}', b'{"resourceSpans": 7}', b'{"resourceSpans": [NaN]}',
     b"\xff\xfe{", b"[" * 100_000, b'{"resourceSpans": [{"scopeSpans": [{"spans": [{]}]}]}'],
    ids=lambda body: body[:30],
)  # fmt: skip
def test_what_is_no_export_request_is_refused_with_a_status(receiver: Receiver, body: bytes) -> None:
    answer = post(receiver.url, body, Content_Type=JSON)
    assert (answer.status, answer.headers["content-type"], json.loads(answer.body)["code"]) == (400, JSON, 3)


def test_bad_protobuf_is_refused_with_a_status_in_protobuf(receiver: Receiver) -> None:
    answer = post(receiver.url, b"garbage", Content_Type=PROTOBUF)
    assert (answer.status, answer.headers["content-type"]) == (400, PROTOBUF)
    assert Status.FromString(answer.body).message == "The body is no ExportTraceServiceRequest in protobuf."


DAMAGED = {
    "no gzip at all": b"garbage",
    "cut off": gzip.compress(b"{}", mtime=0)[:-4],
    "with junk behind it": gzip.compress(b"{}", mtime=0) + b"x",
}


@pytest.mark.parametrize("packed", DAMAGED.values(), ids=DAMAGED)
def test_damaged_gzip_is_refused(receiver: Receiver, packed: bytes) -> None:
    assert post(receiver.url, packed, Content_Type=JSON, Content_Encoding="gzip").status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content_Type": "text/plain"}, 415), ({}, 415), ({"Content_Type": JSON, "Content_Encoding": "br"}, 415)],
    ids=str,
)
def test_encodings_that_are_not_read_are_refused(receiver: Receiver, headers: dict[str, str], status: int) -> None:
    assert post(receiver.url, b"{}", **headers).status == status


def test_a_body_that_is_too_large_is_refused_packed_or_not(receiver: Receiver) -> None:
    large = bytes((16 << 20) + 1)
    answers = [
        post(receiver.url, large, Content_Type=PROTOBUF),
        post(receiver.url, gzip.compress(large), Content_Type=PROTOBUF, Content_Encoding="gzip"),
    ]
    assert [answer.status for answer in answers] == [413, 413]


@pytest.mark.parametrize("content_type", [JSON, PROTOBUF])
def test_metrics_are_refused_and_the_answer_names_what_is_taken(receiver: Receiver, content_type: str) -> None:
    answer: Answer = post(receiver.url, b"{}", path="/v1/metrics", Content_Type=content_type)
    said = json.loads(answer.body)["message"] if content_type == JSON else Status.FromString(answer.body).message
    assert (answer.status, answer.headers["content-type"]) == (404, content_type)
    assert said.startswith("Metrics are not taken") and "/v1/traces" in said and "/v1/logs" in said


def test_everything_taken_lands_and_the_unusable_is_quarantined(settings: Settings) -> None:
    with running(settings) as receiver:
        lines = json.dumps(message(root(), span()), indent=2).encode()
        assert post(receiver.url, lines, Content_Type=JSON).status == 200
        assert post(receiver.url, text(message(span(traceId="nothing"))), Content_Type=JSON).status == 200
        assert post(receiver.url, protobuf(), Content_Type=PROTOBUF).status == 200
        assert receiver.stop() == 0
    assert [path.suffix for path in spool_files(settings)] == [".jsonl", ".binpb"]
    units = land(settings, [settings.inbox]).units
    assert {name: count for name, count in units.items() if count} == {"unit": 9, "landed": 8, "quarantined": 1}


def test_a_restart_begins_a_new_file(settings: Settings) -> None:
    for _ in range(2):
        with running(settings) as receiver:
            post(receiver.url, protobuf(), Content_Type=PROTOBUF)
            receiver.stop()
    assert [path.name for path in spool_files(settings)] == ["spans-00000001.binpb", "spans-00000002.binpb"]


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from dagster_project.commands.receive import command
    from dagster_project.errors import UsageError

    (tmp_path / "file").write_text("", encoding="utf-8")
    result = CliRunner(env={"RELIABILITY_HOME": str(tmp_path / "file")}).invoke(command, ["--port", "0"])
    assert isinstance(result.exception, UsageError) and "cannot be made" in str(result.exception)


def test_a_client_that_asks_for_problem_details_gets_them(receiver: Receiver) -> None:
    answer = post(receiver.url, b"no json", Content_Type=JSON, Accept="application/problem+json")
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(answer.body)["ipai"]["code"] == "SCHEMA.REQUEST_INVALID"
