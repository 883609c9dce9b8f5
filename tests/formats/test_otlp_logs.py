"""Log records of OTLP: answers, exceptions and evaluations become records, all else drift; nothing is dropped."""

import hashlib
from pathlib import Path
from typing import Any

from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.formats.otlp_spans import CHILD, START, TRACE, attributes, message, root, text
from tests.landing.landed import rows


def log(name: str, body: Any = None, *, said: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    members = [{"key": key, "value": value} for key, value in (body or {}).items()]
    return {
        "timeUnixNano": str(START), "severityNumber": 9, "eventName": name, "traceId": TRACE, "spanId": CHILD,
        "attributes": attributes(said or {}), "body": {"kvlistValue": {"values": members}},
    } | changes  # fmt: skip


def logs(*records: dict[str, Any]) -> dict[str, Any]:
    around = {"attributes": attributes({"service.name": "helper"})}
    return {"resourceLogs": [{"resource": around, "scopeLogs": [{"scope": {"name": "lib"}, "logRecords": [*records]}]}]}


def landed(settings: Settings, tmp_path: Path, *documents: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    path = tmp_path / "telemetry.jsonl"
    path.write_bytes(b"\n".join(text(document) for document in documents) + b"\n")
    summary = land(settings, [path])
    assert summary.skipped == [] and summary.units["landed"] == summary.units["unit"]
    tables = ("units", "runs", "messages", "errors", "scores", "unmapped_fields")
    return {table: rows(settings, table) for table in tables}


def test_an_answer_is_a_message(settings: Settings, tmp_path: Path) -> None:
    said = {"message": {"kvlistValue": {"values": [{"key": "content", "value": {"stringValue": "It rains."}}]}}}
    found = landed(settings, tmp_path, logs(log("gen_ai.choice", said | {"finish_reason": {"stringValue": "stop"}})))
    [told] = found["messages"]
    assert (told["run_id"], told["role"]) == (TRACE, "assistant")
    assert told["content_sha256"] == hashlib.sha256(b"It rains.").hexdigest()
    assert "logs.gen_ai.choice.finish_reason" in {row["field_name"] for row in found["unmapped_fields"]}


def test_an_exception_and_an_evaluation_are_an_error_and_a_score_of_the_step(
    settings: Settings, tmp_path: Path
) -> None:
    boom = log("", said={"exception.type": "ValueError", "exception.message": "boom"})
    judged = log("gen_ai.evaluation.result", said={"gen_ai.evaluation.name": "fit", "gen_ai.evaluation.score.value": 1})
    found = landed(settings, tmp_path, logs(boom, judged))
    [error], [score] = found["errors"], found["scores"]
    assert (error["run_id"], error["step_id"], error["message"]) == (TRACE, CHILD, "boom")
    assert error["error_type"] == "ValueError"
    assert (score["name"], score["value"], score["target_type"], score["target_id"]) == ("fit", 1.0, "step", CHILD)


def test_what_repeats_a_prompt_and_what_others_log_is_drift(settings: Settings, tmp_path: Path) -> None:
    asked = log("gen_ai.user.message", {"content": {"stringValue": "Does it rain?"}})
    plain = {"observedTimeUnixNano": str(START), "severityText": "INFO", "body": {"stringValue": "started"}}
    found = landed(settings, tmp_path, logs(asked, plain))
    assert found["messages"] == []
    names = {row["field_name"] for row in found["unmapped_fields"]}
    assert {"logs.gen_ai.user.message.content", "logs.body", "logs.severityText", "resource", "scope"} <= names


def test_spans_and_logs_of_one_file_land_together_and_a_record_told_twice_lands_once(
    settings: Settings, tmp_path: Path
) -> None:
    boom = log("exception", said={"exception.message": "boom"})
    path = tmp_path / "telemetry.jsonl"
    path.write_bytes(b"\n".join(text(document) for document in (message(root()), logs(boom), logs(boom))))
    summary = land(settings, [path])
    assert summary.units == {"duplicate": 1, "landed": 2, "unit": 3}
    assert len(rows(settings, "runs")) == len(rows(settings, "errors")) == 1


def test_a_torn_record_spares_its_neighbours(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "telemetry.jsonl"
    whole = [logs(log("exception", said={"exception.message": number})) for number in ("one", "two", "three")]
    lines = [text(document) for document in whole]
    path.write_bytes(b"\n".join([lines[0], lines[1][:-40], lines[2]]))
    land(settings, [path])
    assert {row["message"] for row in rows(settings, "errors")} >= {"one", "three"}
