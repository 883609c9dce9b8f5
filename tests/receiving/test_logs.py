"""Log records are taken like spans: acknowledged once durable, refused with a reason, landed exactly once."""

import gzip
import json
import logging
import threading
import time
from collections.abc import Iterator

import pytest
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.formats.otlp_spans import START, TRACE, message, span, text
from tests.formats.test_otlp_logs import in_protobuf, log, logs
from tests.landing.landed import rows
from tests.receiving.receiver import Answer, Receiver, post, running, spool_files

JSON, PROTOBUF = "application/json", "application/x-protobuf"
REQUEST = logs(log("exception", said={"exception.message": "boom"}))


def post_logs(receiver: Receiver, body: bytes, **headers: str) -> Answer:
    return post(receiver.url, body, path="/v1/logs", **headers)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with running(Settings(home=tmp_path_factory.mktemp("receiving") / "home", workers=1)) as started:
        yield started


@pytest.mark.parametrize(
    ("body", "content_type"), [(text(REQUEST), JSON), (in_protobuf(REQUEST)[0], PROTOBUF)], ids=str
)
def test_records_are_taken_plain_and_packed_with_an_empty_answer(
    receiver: Receiver, body: bytes, content_type: str
) -> None:
    plain = post_logs(receiver, body, Content_Type=content_type)
    packed = post_logs(receiver, gzip.compress(body), Content_Type=content_type, Content_Encoding="gzip")
    empty = b"{}" if content_type == JSON else b""
    assert (plain.status, plain.body) == (packed.status, packed.body) == (200, empty)


def test_records_that_cannot_be_used_are_told_in_a_partial_success(receiver: Receiver) -> None:
    untimed = log("x", timeUnixNano="0")
    bad = logs(untimed, log("x", traceId="nothing"), log("x", traceId="", spanId="0" * 16))
    said = json.loads(post_logs(receiver, text(bad), Content_Type=JSON).body)["partialSuccess"]
    assert said["rejectedLogRecords"] == "2"
    [raw] = in_protobuf(logs(untimed))
    answer = ExportLogsServiceResponse.FromString(post_logs(receiver, raw, Content_Type=PROTOBUF).body)
    assert answer.partial_success.rejected_log_records == 1


@pytest.mark.parametrize("body", [b"garbage", b"[]", text(message(span())), b'{"resourceLogs": 7}', b"\xff{"], ids=str)
def test_what_is_no_request_of_logs_is_refused_with_a_status(receiver: Receiver, body: bytes) -> None:
    answer = post_logs(receiver, body, Content_Type=JSON)
    assert (answer.status, json.loads(answer.body)["code"]) == (400, 3)
    assert "ExportLogsServiceRequest" in json.loads(answer.body)["message"]
    problem = post_logs(receiver, body, Content_Type=JSON, Accept="application/problem+json")
    assert (problem.headers["content-type"], json.loads(problem.body)["status"]) == ("application/problem+json", 400)


def test_records_and_spans_have_files_of_their_own_and_land_together(settings: Settings) -> None:
    with running(settings) as receiver:
        assert post_logs(receiver, text(REQUEST), Content_Type=JSON).status == 200
        assert post_logs(receiver, in_protobuf(logs(log("x")))[0], Content_Type=PROTOBUF).status == 200
        assert post(receiver.url, text(message(span())), Content_Type=JSON).status == 200
        assert receiver.stop() == 0
    names = [path.name for path in spool_files(settings)]
    assert names == ["logs-00000001.jsonl", "logs-00000002.binpb", "spans-00000001.jsonl"]
    assert land(settings, [settings.inbox]).units == {"landed": 3, "unit": 3}
    [error] = rows(settings, "errors")
    assert (error["run_id"], error["message"]) == (TRACE, "boom")


class _Counted(LogRecordExporter):
    """The SDK's exporter; keeps the texts of what was acknowledged."""

    def __init__(self, url: str) -> None:
        self._exporter = OTLPLogExporter(endpoint=url, timeout=2)
        self.acknowledged: set[str] = set()

    def export(self, batch: list) -> LogRecordExportResult:
        result = self._exporter.export(batch)
        if result is LogRecordExportResult.SUCCESS:
            self.acknowledged |= {str(one.log_record.body) for one in batch}
        return result

    def force_flush(self, timeout_millis: int = 10_000) -> bool:
        return True

    def shutdown(self) -> None:
        self._exporter.shutdown()


def test_killed_while_the_sdk_exports_every_acknowledged_record_lands(settings: Settings) -> None:
    with running(settings) as receiver:
        counted = _Counted(receiver.url.replace("/v1/traces", "/v1/logs"))
        provider = LoggerProvider(resource=Resource({"service.name": "helper"}))
        provider.add_log_record_processor(SimpleLogRecordProcessor(counted))
        logger = provider.get_logger("lib")
        is_over = threading.Event()

        def send() -> None:
            number = 0
            while not is_over.is_set():
                number += 1
                logger.emit(timestamp=START + number, body=f"text {number}")

        sender = threading.Thread(target=send, daemon=True)
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        sender.start()
        deadline = time.monotonic() + 30
        while len(counted.acknowledged) < 20 and time.monotonic() < deadline:
            time.sleep(0.001)
        receiver.kill()
        is_over.set()
        counted.shutdown()
        sender.join(timeout=30)
    assert len(counted.acknowledged) >= 20
    land(settings, [settings.inbox], keep_payloads=True)
    assert counted.acknowledged <= {row["text"] for row in rows(settings, "payloads")}
