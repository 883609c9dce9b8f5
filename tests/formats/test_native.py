"""Native lines: each event type goes to its table, conveniences become columns, and nothing is coerced."""

import datetime as dt
import hashlib
import json
from pathlib import PurePosixPath

import pytest

from dagster_project.formats.base import Event, FileFacts, Head, Rejected, Unit
from dagster_project.formats.native.lines import NativeFormat
from dagster_project.landing.decoding.gate import Gate
from dagster_project.settings import Settings

FACTS = FileFacts(path=PurePosixPath("log.jsonl"))
RUN = {"event_type": "run", "run_id": "r1", "agent_id": "a"}


def decode(settings: Settings, **fields: object) -> Event:
    line = {"event_id": "e1", "organization_id": "acme", "occurred_at": "2026-03-01T06:01:56Z"} | fields
    event = NativeFormat(settings).decode(Unit(json.dumps(line).encode(), 1, 0), FACTS)
    Gate(settings).check(event)
    return event


def records(event: Event, table: str) -> list[dict]:
    return [fields for name, fields in event.records if name == table]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("status", "termination", "outcome"),
    [
        ("success", "completed", "success"),
        ("failure", "completed", "failure"),
        ("partial", "completed", "partial"),
        ("unscored", "completed", "unscored"),
        ("error", "error", "failure"),
        ("timeout", "limit_time", "failure"),
        ("cancelled", "cancelled", "unscored"),
    ],
)
def test_a_status_says_how_a_run_ended_and_what_it_achieved(
    settings: Settings, status: str, termination: str, outcome: str
) -> None:
    (run,) = records(decode(settings, **RUN, status=status), "runs")
    assert (run["termination"], run["outcome"], run["outcome_source"]) == (termination, outcome, "self")


def test_a_status_of_null_says_nothing(settings: Settings) -> None:
    (run,) = records(decode(settings, **RUN, status=None), "runs")
    assert run.keys().isdisjoint({"termination", "outcome", "outcome_source"})


def test_a_patch_and_the_report_of_its_verification_go_the_payload_lanes_way(settings: Settings) -> None:
    event = decode(settings, **RUN, input="Mend it.", output="diff --git")
    (run,) = records(event, "runs")
    assert (run["input_sha256"], run["output_sha256"]) == (sha256("Mend it."), sha256("diff --git"))
    assert [(text.payload_kind, text.text) for text in event.texts] == [
        ("run_input", "Mend it."),
        ("run_output", "diff --git"),
    ]
    event = decode(settings, event_type="score", run_id="r1", name="verification", value=1, output="4 passed")
    assert records(event, "scores")[0]["output_sha256"] == sha256("4 passed")
    assert [text.payload_kind for text in event.texts] == ["score_output"]
    assert records(event, "unmapped_fields") == []
    # What is no text has no place, as before there was one for texts.
    event = decode(settings, **RUN, output={"patch": "diff"})
    assert [row["field_name"] for row in records(event, "unmapped_fields")] == ["output"]


def test_an_error_of_a_run_is_a_row_of_its_own(settings: Settings) -> None:
    error = {"source": "tool", "code": "E42", "message": "m" * 9000, "error_type": "Boom", "http_status": 503, "odd": 1}
    event = decode(settings, **RUN, status="error", error=error)
    assert records(event, "runs")[0]["error_type"] == "Boom"
    (row,) = records(event, "errors")
    assert row["message"] == "m" * 8192
    assert {name: row[name] for name in ("error_id", "run_id", "code_declared", "http_status", "source")} == {
        "error_id": "e1", "run_id": "r1", "code_declared": "E42", "http_status": 503, "source": "tool",
    }  # fmt: skip
    assert [row["field_name"] for row in records(event, "unmapped_fields")] == ["error.odd"]


def test_a_run_belongs_to_the_day_it_started(settings: Settings) -> None:
    event = decode(settings, **RUN, started_at="2026-02-28T23:59:59Z")
    assert event.event_date == dt.date(2026, 2, 28)
    assert event.occurred_at == dt.datetime(2026, 3, 1, 6, 1, 56)


def test_texts_leave_only_their_hash_in_the_fact(settings: Settings) -> None:
    event = decode(settings, event_type="message", run_id="r1", seq=0, role="user", content="h\u00e9")
    (message,) = records(event, "messages")
    assert message == {
        "run_id": "r1",
        "seq": 0,
        "role": "user",
        "content_sha256": sha256("h\u00e9"),
        "content_bytes": 3,
    }
    assert [(text.payload_kind, text.text) for text in event.texts] == [("message", "h\u00e9")]


def test_a_message_without_content_has_no_hash(settings: Settings) -> None:
    event = decode(settings, event_type="message", run_id="r1", role="assistant", content=None, tool_call_ids=["c1"])
    assert records(event, "messages") == [{"run_id": "r1", "role": "assistant", "tool_call_ids": ["c1"]}]
    assert event.texts == []


@pytest.mark.parametrize(
    ("arguments", "text", "is_valid"),
    [({"b": 1, "a": "x"}, '{"a":"x","b":1}', True), ('{"a": 1}', '{"a": 1}', True), ("{oops", "{oops", False)],
)
def test_tool_arguments_are_hashed_as_text(settings: Settings, arguments: object, text: str, is_valid: bool) -> None:
    event = decode(settings, event_type="tool_call", run_id="r1", tool_name="t", arguments=arguments, result="done")
    (call,) = records(event, "tool_calls")
    assert (call["arguments_sha256"], call["arguments_valid"]) == (sha256(text), is_valid)
    assert call["result_sha256"] == sha256("done")
    assert call["tool_call_id"] == "e1"


def test_inclusive_totals_become_disjoint_parts(settings: Settings) -> None:
    event = decode(
        settings, event_type="llm_call", run_id="r1", input_tokens=100, cache_read_tokens=60, cache_write_tokens=10,
        output_tokens=50, reasoning_tokens=20,
    )  # fmt: skip
    (call,) = records(event, "llm_calls")
    names = ("input_uncached", "input_cache_read", "input_cache_write", "output_visible", "output_reasoning")
    assert [call[f"{name}_tokens"] for name in names] == [30, 60, 10, 30, 20]
    assert call["usage_convention"] == "inclusive"


def test_parts_of_a_total_that_nobody_told_are_kept(settings: Settings) -> None:
    event = decode(settings, event_type="llm_call", run_id="r1", cache_read_tokens=60, reasoning_tokens=20)
    (call,) = records(event, "llm_calls")
    assert {name: count for name, count in call.items() if name.endswith("_tokens")} == {
        "input_cache_read_tokens": 60, "output_reasoning_tokens": 20,
    }  # fmt: skip


def test_a_score_of_a_run_names_its_run_once(settings: Settings) -> None:
    event = decode(settings, event_type="score", target_id="r1", name="dispute", value=1)
    (score,) = records(event, "scores")
    assert (score["run_id"], score["target_id"], score["target_type"], score["score_id"]) == ("r1", "r1", "run", "e1")
    assert score["scored_at"] == dt.datetime(2026, 3, 1, 6, 1, 56)


def test_other_events_keep_their_fields_as_canonical_json(settings: Settings) -> None:
    event = decode(settings, event_type="incident", agent_id="a", severity=2, cause="x")
    expected = {"event_type": "incident", "agent_id": "a", "payload": '{"cause":"x","severity":2}'}
    assert event.records == [("events", expected)]


def test_an_unknown_key_is_recorded_by_name_type_and_hash(settings: Settings) -> None:
    event = decode(settings, **RUN, Agent_ID="evil", extra={"b": 1, "a": [None]})
    assert records(event, "unmapped_fields") == [
        {"record_kind": "run", "field_name": "Agent_ID", "field_type": "string", "value_sha256": sha256('"evil"')},
        {"record_kind": "run", "field_name": "extra", "field_type": "object",
         "value_sha256": sha256('{"a":[null],"b":1}')},
    ]  # fmt: skip
    assert records(event, "runs") == [{"run_id": "r1", "agent_id": "a"}]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (RUN | {"event_id": None}, "missing_required"),
        (RUN | {"organization_id": ""}, "missing_required"),
        (RUN | {"run_id": ""}, "missing_required"),
        ({"event_type": "run", "run_id": "r1"}, "missing_required"),
        (RUN | {"occurred_at": None}, "missing_required"),
        (RUN | {"event_type": None}, "missing_required"),
        (RUN | {"event_type": "runs"}, "bad_enum"),
        (RUN | {"event_type": ["run"]}, "bad_type"),
        (RUN | {"status": "SUCCESS"}, "bad_enum"),
        (RUN | {"status": []}, "bad_enum"),
        (RUN | {"attribution": "nobody"}, "bad_enum"),
        (RUN | {"agent_id": "a\nb"}, "bad_id"),
        (RUN | {"agent_id": "a\u0085b"}, "bad_id"),
        (RUN | {"agent_id": "x" * 513}, "bad_id"),
        (RUN | {"agent_id": "\u00e9" * 257}, "bad_id"),
        (RUN | {"agent_id": 7}, "bad_type"),
        (RUN | {"event_id": "x" * 513}, "bad_id"),
        (RUN | {"latency_ms": -1}, "bad_number"),
        (RUN | {"latency_ms": 2**63}, "bad_number"),
        (RUN | {"latency_ms": 1.0}, "bad_number"),
        (RUN | {"latency_ms": "1"}, "bad_type"),
        (RUN | {"latency_ms": True}, "bad_type"),
        (RUN | {"cost_usd": 1e9}, "bad_number"),
        (RUN | {"cost_usd": -0.01}, "bad_number"),
        (RUN | {"confidence": 1.01}, "bad_number"),
        (RUN | {"started_at": "yesterday"}, "bad_timestamp"),
        (RUN | {"message": ["parts"]}, "bad_type"),
        (RUN | {"labels": {"a": {}}}, "bad_type"),
        (RUN | {"error": "boom"}, "bad_type"),
        (RUN | {"input_tokens": 5, "cache_read_tokens": 6}, "bad_value"),
        (RUN | {"output_tokens": 5, "reasoning_tokens": 6}, "bad_value"),
        ({"event_type": "message", "run_id": "r1", "role": "robot"}, "bad_enum"),
        ({"event_type": "llm_call", "run_id": "r1", "input_tokens": 1.5}, "bad_number"),
        ({"event_type": "llm_call", "run_id": "r1", "input_tokens": 1, "cache_read_tokens": 2}, "bad_value"),
    ],
)
def test_what_the_schema_does_not_admit_is_refused(settings: Settings, fields: dict, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(settings, **fields)
    assert caught.value.reason == reason


def test_the_extremes_of_the_schema_are_admitted(settings: Settings) -> None:
    event = decode(
        settings, **RUN, latency_ms=2**63 - 1, cost_usd=0, outcome_value=1, labels={"n": 1, "s": "x", "none": None},
        task_id="\u00e9" * 256,
    )  # fmt: skip
    (run,) = records(event, "runs")
    assert run["latency_ms"] == 9223372036854775807
    assert run["labels"] == {"n": "1", "s": "x"}


@pytest.mark.parametrize(
    ("start", "is_native"),
    [
        (b'{"event_type":"run"}\n', True),
        (b'\xef\xbb\xbf{"event_type":"run"}\n', True),
        (b'broken\n{"event_type":', True),
        (b"", True),
        (b"\n\n\n", True),
        (b'{"other":1}\n', False),
        (b'["event_type"]\n', False),
        ('{"event_type":1}\n'.encode("utf-16"), False),
        (b"files/".ljust(257, b"\0") + b'ustar\0\n{"event_type":"run"}\n', False),
        (b'\0\0\n{"event_type":"run"}\n', True),
    ],
)
def test_a_native_file_is_known_by_its_content(settings: Settings, start: bytes, is_native: bool) -> None:
    refusal = NativeFormat(settings).refusal(Head(path=FACTS.path, start=start, is_whole=True))
    assert (refusal is None) == is_native
