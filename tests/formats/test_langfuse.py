"""Langfuse: a trace is a run, an observation a step; tokens are told apart, and nothing unknown is called 0."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Rejected
from dagster_project.formats.langfuse.export import Langfuse, LangfuseArray, LangfuseLines
from dagster_project.landing.decoding.gate import Gate
from tests.formats.langfuse_exports import decode, export, generation, observation, said
from tests.formats.units import LIMITS, decode_file, head, rows, run


def test_a_run_is_the_trace() -> None:
    event = decode(export(observation(), sessionId="s1", version="1.0", environment="prod", tags=["a", "b"]))
    found = run(event)
    assert (event.event_id, found["run_id"], found["agent_id"], found["agent_version"], found["session_id"]) == (
        "langfuse/t1", "t1", "my agent", "1.0", "s1",
    )  # fmt: skip
    assert (str(found["started_at"]), str(found["ended_at"]), found["latency_ms"]) == (
        "2025-06-11 14:01:32.598000", "2025-06-11 14:01:33.598000", 2190,
    )  # fmt: skip
    assert found["labels"] == {"environment": "prod", "tags": '["a","b"]'}


def test_success_is_unknown_unless_a_root_failed() -> None:
    assert (run(decode(export(observation())))["termination"], run(decode(export(observation())))["outcome"]) == (
        "completed", "unscored",
    )  # fmt: skip
    failed = run(decode(export(observation(level="ERROR"))))
    assert (failed["termination"], failed["outcome"], failed["outcome_source"]) == ("error", "failure", "rule")
    child = observation("o2", parentObservationId="o1", level="ERROR")
    assert run(decode(export(observation(), child)))["outcome"] == "unscored"
    assert run(decode(export(observation(endTime=None))))["termination"] == "unknown"
    assert run(decode(export()))["termination"] == "unknown"
    assert run(decode(export(observation(type="EVENT", endTime=None))))["termination"] == "completed"


def test_an_error_level_is_an_error_with_its_message() -> None:
    event = decode(export(observation(level="ERROR", statusMessage="boom", type="TOOL")))
    [error] = rows(event, "errors")
    assert (error["message"], error["source"], error["step_id"]) == ("boom", "tool", "t1/o1")
    assert (rows(event, "steps")[0]["status"], rows(event, "tool_calls")[0]["status"]) == ("error", "error")


@pytest.mark.parametrize(
    ("kind", "metadata", "expected"),
    [
        ("GENERATION", "{}", "llm"), ("AGENT", "{}", "agent"), ("TOOL", "{}", "tool"), ("CHAIN", "{}", "workflow"),
        ("RETRIEVER", "{}", "retrieval"), ("EMBEDDING", "{}", "embedding"), ("GUARDRAIL", "{}", "guardrail"),
        ("EVENT", "{}", "other"), ("SPAN", "{}", "other"), ("SPAN", said(openinference__span__kind="TOOL"), "tool"),
        ("SPAN", said(gen_ai__operation__name="invoke_agent"), "agent"), ("SPAN", said(tool__name="x"), "tool"),
        ("SPAN", said(gen_ai__operation__name="retrieval"), "retrieval"),
        ("SPAN", said(gen_ai__operation__name="search_memory"), "memory"), ("SPAN", "no json", "other"),
    ],
    ids=str,
)  # fmt: skip
def test_a_step_s_kind_is_its_type_or_what_its_attributes_say(kind: str, metadata: str, expected: str) -> None:
    [step] = rows(decode(export(observation(type=kind, metadata=metadata))), "steps")
    assert step["kind"] == expected


def test_steps_stand_in_order_of_time_and_know_their_depth() -> None:
    early = observation("a", startTime="2025-06-11T14:01:00Z")
    event = decode(export(observation("c", parentObservationId="b"), observation("b", parentObservationId="a"), early))
    assert [(row["seq"], row["step_id"], row["depth"], row["parent_step_id"]) for row in rows(event, "steps")] == [
        (1, "t1/a", 0, None), (2, "t1/b", 1, "t1/a"), (3, "t1/c", 2, "t1/b"),
    ]  # fmt: skip


def test_a_circle_of_parents_ends() -> None:
    event = decode(export(observation("a", parentObservationId="b"), observation("b", parentObservationId="a")))
    assert len(rows(event, "steps")) == 2


def test_the_order_of_observations_is_no_content() -> None:
    one = decode(export(observation("a"), observation("b")))
    other = decode(export(observation("b"), observation("a")))
    assert (one.event_id, one.content, one.records) == (other.event_id, other.content, other.records)


def test_an_llm_call_keeps_its_model_cost_and_times() -> None:
    parameters = {"temperature": 0, "max_tokens": 50, "top_p": 1}
    call = generation(modelParameters=parameters, completionStartTime="2025-06-11T14:01:32.700Z", latency=0.9)
    event = decode(export(call))
    [found] = rows(event, "llm_calls")
    assert (found["request_model"], found["temperature"], found["max_tokens"]) == ("m-1", 0.0, 50)
    assert (found["ttft_ms"], found["latency_ms"], found["provider_cost_usd"]) == (102, 900, 0.5)
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["observations.modelParameters.top_p"]


def test_parameters_of_another_type_are_drift_and_no_guess() -> None:
    event = decode(export(generation(modelParameters={"temperature": "0.7", "max_tokens": -1, "model": 5})))
    [call] = rows(event, "llm_calls")
    assert (call["temperature"], call["max_tokens"], call["request_model"]) == (None, None, "m-1")
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == [
        f"observations.modelParameters.{name}" for name in ("temperature", "max_tokens", "model")
    ]


def test_a_run_s_cost_is_its_observations_cost_or_unknown() -> None:
    priced, free = generation(), observation("o2")
    assert (run(decode(export(priced, free)))["cost_usd"], run(decode(export(priced, free)))["cost_source"]) == (
        0.5, "provider",
    )  # fmt: skip
    unpriced = generation(observation_id="o2", totalCost=0, costDetails={})
    assert (run(decode(export(priced, unpriced)))["cost_usd"], rows(decode(export(unpriced)), "llm_calls")[0]
            ["provider_cost_usd"]) == (None, None)  # fmt: skip


def test_costs_are_added_as_decimals() -> None:
    calls = [generation(observation_id=name, totalCost=0.1) for name in ("a", "b", "c")]
    assert run(decode(export(*calls)))["cost_usd"] == 0.3


def test_a_tool_call_leaves_hashes_of_its_texts() -> None:
    metadata = said(gen_ai__tool__name="search", gen_ai__tool__call__id="c1")
    event = decode(export(observation(type="TOOL", metadata=metadata, input={"q": 1}, output="found")))
    [call] = rows(event, "tool_calls")
    assert (call["tool_name"], call["tool_call_id"], call["arguments_valid"], call["status"]) == (
        "search", "c1", True, "ok",
    )  # fmt: skip
    assert call["arguments_sha256"] == hashlib.sha256(b'{"q":1}').hexdigest()
    assert call["result_sha256"] == hashlib.sha256(b"found").hexdigest()
    assert {(text.payload_kind, text.text) for text in event.texts} == {
        ("tool_arguments", '{"q":1}'), ("tool_result", "found"),
    }  # fmt: skip


def test_scores_are_the_run_s_or_a_step_s() -> None:
    judged = {"id": "s1", "name": "hallucination", "value": 0.1, "source": "EVAL", "dataType": "NUMERIC",
              "timestamp": "2025-07-11T07:45:43Z", "observationId": None, "comment": "fine"}  # fmt: skip
    by_hand = {"id": "s2", "name": "verdict", "stringValue": "good", "source": "ANNOTATION", "authorUserId": "u1",
               "observationId": "o1"}  # fmt: skip
    event = decode(export(observation(), scores=[judged, by_hand]))
    first, second = rows(event, "scores")
    assert (first["name"], first["value"], first["scorer_kind"], first["target_type"], first["target_id"]) == (
        "hallucination", 0.1, "llm", "run", "t1",
    )  # fmt: skip
    assert (second["label"], second["scorer_kind"], second["scorer"], second["target_id"]) == (
        "good", "human", "u1", "t1/o1",
    )  # fmt: skip
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["scores.comment"]


def test_a_trace_of_the_api_holds_its_observations_itself() -> None:
    event = decode({**export()["trace"], "observations": [generation()], "totalCost": 0.7, "htmlPath": "/x"})
    assert (run(event)["run_id"], len(rows(event, "llm_calls"))) == ("t1", 1)
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["htmlPath"]


def test_what_no_field_takes_is_drift() -> None:
    event = decode(export(observation(metadata=said(crew_id="7"), surprise=1, input="hi"), public=True))
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == [
        "observations.metadata.attributes.crew_id", "observations.surprise", "observations.input", "public",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"trace": {"id": "t"}}, "missing_required"),
        ({"trace": 1, "observations": []}, "bad_type"),
        (export(id=None), "bad_type"),
        (export(id=""), "missing_required"),
        (export(timestamp="yesterday"), "bad_timestamp"),
        (export(observation(startTime=5)), "bad_type"),
        (export({"id": "x"}), "missing_required"),
        (export(observation(), observation()), "bad_value"),
        (export(observation("x" * 600)), "bad_id"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_trace_that_cannot_be_read_is_refused_with_a_reason(value: Any, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(value)
    assert caught.value.reason == reason


def test_exports_are_recognised_alone_in_lines_and_in_arrays() -> None:
    one = json.dumps(export(observation())).encode()
    formats = {each.framing: each(LIMITS) for each in (Langfuse, LangfuseLines, LangfuseArray)}
    for content, framing in ((one, "document"), (one + b"\n" + one, "lines"), (b"[" + one + b"]", "array")):
        found = [name for name, each in formats.items() if each.refusal(head("x.json", content)) is None]
        assert found == [framing]
    assert formats["document"].refusal(head("x.json", one[:200], is_whole=False)) is None


@pytest.mark.parametrize("content", [b"{}", b'{"trace": {}}', b"[]", b'[{"id": 1}]', b"x", b'{"observations": [1]}'])
def test_other_files_are_refused(content: bytes) -> None:
    for each in (Langfuse, LangfuseLines, LangfuseArray):
        assert each(LIMITS).refusal(head("x.json", content)) is not None


def test_every_trace_gives_its_published_numbers(shared: Path) -> None:
    pack = shared / "data-packs" / "langfuse-traces"
    with (pack / "expected.csv").open(encoding="utf-8", newline="") as handle:
        expected = {row["file"]: row for row in csv.DictReader(handle)}
    contents = {}
    for name, wanted in expected.items():
        [event] = decode_file(Langfuse(LIMITS), name, (pack / "data" / name).read_bytes())
        Gate(LIMITS).check(event)
        found, calls = run(event), rows(event, "llm_calls")
        parts = [value for call in calls for key, value in call.items() if key.endswith(("_tokens",)) and value]
        tokens = found["labels"].get("reported_total_tokens", str(sum(parts)))
        contents.setdefault(event.event_id, event.content)
        assert (found["run_id"], found["workflow_name"]) == (wanted["trace_id"], wanted["name"])
        assert (len(rows(event, "steps")), len(rows(event, "scores"))) == (
            int(wanted["observations"]), int(wanted["scores"]),
        )  # fmt: skip
        assert (tokens, found["latency_ms"]) == (wanted["usage_total"], round(float(wanted["trace_latency"]) * 1000))
        assert found["cost_usd"] == pytest.approx(float(wanted["cost_total"]), abs=1e-6)
        # Two files hold one trace, its observations in another order.
        assert contents[event.event_id] == event.content
    assert len(contents) == len(expected) - 1
