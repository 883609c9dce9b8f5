"""Langfuse's blob storage export: observations and scores one a line, each for itself, and the run from the root."""

import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Rejected
from dagster_project.formats.langfuse.observation_lines import LangfuseObservationArray, LangfuseObservationLines
from dagster_project.formats.langfuse.score_lines import LangfuseScoreLines
from dagster_project.landing import land
from dagster_project.landing.decoding.gate import Gate
from dagster_project.settings import Settings
from tests.formats.units import LIMITS, decode_file, head, rows, run, unit

# As the field reference of the export spells them; empty texts are what is not set.
OF_TRACE = {
    "user_id": "u1", "session_id": "s1", "trace_name": "my agent", "tags": ["a"], "release": "", "bookmarked": False,
    "public": False, "project_id": "p1", "environment": "prod",
}  # fmt: skip
ROOT: dict[str, Any] = OF_TRACE | {
    "id": "o1", "trace_id": "t1", "type": "SPAN", "parent_observation_id": "", "name": "work", "level": "DEFAULT",
    "start_time": "2026-03-01 10:00:00.000000", "end_time": "2026-03-01 10:00:04.000000", "status_message": "",
    "version": "1.0", "input": "question", "output": "answer", "provided_model_name": "", "model_parameters": "",
    "usage_details": {}, "cost_details": {}, "total_cost": 0, "latency": 4000, "time_to_first_token": None,
    "completion_start_time": None, "model_id": "", "created_at": "2026-03-01 10:00:09.000000", "metadata": {},
    "updated_at": "2026-03-01 10:00:09.000000", "tool_calls": [], "tool_definitions": {}, "prompt_version": None,
}  # fmt: skip
CALL: dict[str, Any] = ROOT | {
    "id": "o2", "parent_observation_id": "o1", "type": "GENERATION", "name": "call", "input": "[]", "output": "x",
    "start_time": "2026-03-01 10:00:01.000000", "end_time": "2026-03-01 10:00:03.000000",
    "completion_start_time": "2026-03-01 10:00:01.250000", "time_to_first_token": 250, "latency": 2000,
    "provided_model_name": "m-1", "model_parameters": '{"temperature": 0.5, "top_p": 1}',
    "usage_details": {"input": 90, "input_cached_tokens": 10, "output": 45, "total": 145}, "total_cost": 0.5,
    "cost_details": {"total": 0.5}, "input_price": "0.03", "metadata": {"attributes": '{"gen_ai.system": "acme"}'},
}  # fmt: skip
SCORE: dict[str, Any] = {
    "id": "c1", "timestamp": "2026-03-01 10:01:00.000000", "project_id": "p1", "environment": "prod", "trace_id": "t1",
    "observation_id": "o2", "session_id": None, "dataset_run_id": None, "name": "ok", "value": 1, "source": "EVAL",
    "comment": None, "data_type": "BOOLEAN", "string_value": None,
}  # fmt: skip


def decoded(row: dict[str, Any], *, kind: Any = LangfuseObservationLines) -> Any:
    log_format = kind(LIMITS)
    event = log_format.decode(unit(row), log_format.facts(head("x.jsonl", b"{}")))
    Gate(LIMITS).check(event)
    return event


def test_a_root_is_the_run_and_a_step_and_leaves_open_what_only_the_whole_trace_knows() -> None:
    event = decoded(ROOT)
    found = run(event)
    assert (event.event_id, str(event.event_date), event.unit_kind) == ("langfuse/t1/o1", "2026-03-01", "observation")
    assert {name: found[name] for name in ("run_id", "agent_id", "agent_version", "session_id", "latency_ms")} == {
        "run_id": "t1", "agent_id": "my agent", "agent_version": "1.0", "session_id": "s1", "latency_ms": 4000,
    }  # fmt: skip
    assert found["labels"] == {"environment": "prod", "user_id": "u1", "project_id": "p1", "tags": '["a"]'}
    assert (found["outcome"], found["termination"], str(found["ended_at"])) == (
        "unscored", "completed", "2026-03-01 10:00:04",
    )  # fmt: skip
    assert not {"cost_usd", "cost_source", "step_count", "tool_call_count"} & found.keys()
    assert [text.payload_kind for text in event.texts[:2]] == ["run_input", "run_output"]
    [step] = rows(event, "steps")
    assert (step["step_id"], step["parent_step_id"], step["seq"]) == ("t1/o1", None, 1_772_359_200_000_000)
    assert {row["field_name"] for row in rows(event, "unmapped_fields")} == {"bookmarked", "public"}


def test_a_call_below_it_has_its_tokens_cost_times_and_parameters_and_is_no_run() -> None:
    event = decoded(CALL)
    assert rows(event, "runs") == []
    [call] = rows(event, "llm_calls")
    assert {name: call[name] for name in call if name not in ("llm_call_id", "occurred_at", "finish_reason")} == {
        "run_id": "t1", "step_id": "t1/o2", "seq": 1_772_359_201_000_000, "provider": "acme", "request_model": "m-1",
        "response_model": "m-1", "temperature": 0.5, "max_tokens": None, "ttft_ms": 250, "latency_ms": 2000,
        "provider_cost_usd": 0.5, "input_uncached_tokens": 90, "input_cache_read_tokens": 10,
        "output_visible_tokens": 45, "usage_convention": "exclusive",
    }  # fmt: skip
    assert rows(event, "steps")[0]["parent_step_id"] == "t1/o1"
    assert sorted(row["field_name"] for row in rows(event, "unmapped_fields")) == [
        "observations.input", "observations.modelParameters.top_p", "observations.output", "observations.version",
    ]  # fmt: skip


def test_the_api_spells_it_otherwise_and_says_the_same() -> None:
    renamed = {"trace_id": "traceId", "start_time": "startTime", "end_time": "endTime", "type": "type", "id": "id",
               "parent_observation_id": "parentObservationId", "provided_model_name": "providedModelName",
               "usage_details": "usageDetails"}  # fmt: skip
    own = {name: value for name, value in CALL.items() if name in renamed}
    api = {renamed[name]: value for name, value in own.items()} | {
        "startTime": "2026-03-01T10:00:01.000Z", "endTime": "2026-03-01T10:00:03.000Z",
    }  # fmt: skip
    assert decoded(api).records == decoded(own).records


def test_a_tool_and_a_failure() -> None:
    event = decoded(CALL | {"type": "TOOL", "name": "look", "level": "ERROR", "status_message": "no route",
                            "usage_details": {}, "total_cost": 0, "cost_details": {}})  # fmt: skip
    [call], [error] = rows(event, "tool_calls"), rows(event, "errors")
    assert (call["tool_name"], call["tool_call_id"], call["status"]) == ("look", "o2", "error")
    assert (error["message"], error["source"]) == ("no route", "tool")
    failed = run(decoded(ROOT | {"level": "ERROR", "status_message": "gave up"}))
    assert (failed["outcome"], failed["termination"]) == ("failure", "error")


def test_what_only_the_server_did_to_it_is_no_other_content_and_a_new_output_is() -> None:
    later = CALL | {"updated_at": "2026-03-02 00:00:00.000000"}
    assert decoded(later).content == decoded(CALL).content != decoded(later | {"output": "y"}).content


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"trace_id": ""}, "missing_required"), ({"start_time": "yesterday"}, "bad_timestamp"),
     ({"usage_details": {"input": "90"}}, "bad_number"), ({"startTime": "2026-03-01T10:00:01Z"}, "duplicate_key"),
     ({"id": 7}, "bad_type")],
)  # fmt: skip
def test_what_cannot_be_read_says_why(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        decoded(CALL | change)


def test_a_score_is_of_its_step_and_a_text_has_no_number() -> None:
    [score] = rows(decoded(SCORE, kind=LangfuseScoreLines), "scores")
    assert (score["score_id"], score["run_id"], score["target_type"], score["target_id"], score["value"]) == (
        "c1", "t1", "step", "t1/o2", 1,
    )  # fmt: skip
    said = SCORE | {"data_type": "TEXT", "value": 0, "string_value": "fine", "observation_id": None}
    [text] = rows(decoded(said, kind=LangfuseScoreLines), "scores")
    assert (text["value"], text["label"], text["target_type"]) == (None, "fine", "run")
    with pytest.raises(Rejected, match="missing_required: traceId is missing; a score of a session"):
        decoded(SCORE | {"trace_id": None}, kind=LangfuseScoreLines)


def test_they_land_from_an_export_as_it_lies_in_a_bucket(tmp_path: Path) -> None:
    for folder, lines in (("observations_v2", [CALL, ROOT, CALL]), ("scores", [SCORE])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "2026.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    summary = land(Settings(home=tmp_path / "home"), [tmp_path / "observations_v2", tmp_path / "scores"])
    assert summary.units == {"unit": 4, "landed": 3, "duplicate": 1}
    assert summary.records == {"llm_calls": 1, "runs": 1, "scores": 1, "steps": 2, "units": 3, "unmapped_fields": 6}


def test_one_array_is_known_too() -> None:
    assert len(decode_file(LangfuseObservationArray(LIMITS), "x.json", json.dumps([ROOT, CALL]).encode())) == 2


def test_objects_that_were_written_as_texts_are_read_and_a_model_may_be_named_twice() -> None:
    row = CALL | {"usage_details": json.dumps(CALL["usage_details"]), "cost_details": '{"total": 0.5}', "model": "m-1"}
    assert rows(decoded(row), "llm_calls") == rows(decoded(CALL), "llm_calls")
    with pytest.raises(Rejected, match="duplicate_key"):
        decoded(row | {"model": "m-2"})
