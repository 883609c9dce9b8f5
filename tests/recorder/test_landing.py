"""What is recorded lands: no line is quarantined, no key unmapped, and every value is in its column."""

import asyncio
import datetime as dt
import hashlib
import time
from pathlib import Path

import pytest

from dagster_project.recorder import current_run, record_run
from dagster_project.settings import Settings
from tests.recorder.recorded import files, land_all, lines

SECRETS = ("where is my order", "it is on its way", "order 7734", "left the depot", "all is well", "the whole answer")


def a_whole_run(folder: Path, *, keep_text: bool = False) -> None:
    with record_run(
        agent_id="researcher", organization_id="acme", run_id="r1", task_id="t-17", suite_id="s", suite_version="2",
        attempt=3, variant_id="v", kind="benchmark", agent_version="1.4", workflow_name="w", session_id="chat",
        provider="openai", git_commit="abc", config_hash="c0", labels={"team": "blue", "size": 3, "beta": True},
        input_text="where is my order", folder=folder, keep_text=keep_text,
    ) as run:  # fmt: skip
        run.message("user", "where is my order")
        with run.step("answer", kind="agent"):
            run.message("assistant", tool_call_ids=["call-1"])
            with (
                run.step("look up", kind="tool"),
                run.calling("orders", {"query": "order 7734", "n": 0.00001}, tool_call_id="call-1") as call,
            ):
                call.result = {"state": "left the depot"}
        run.message("assistant", "it is on its way")
        run.llm_call(
            "gpt", provider="openai", input_tokens=100, output_tokens=20, cache_read_tokens=60, reasoning_tokens=5,
            cost_usd=0.25, latency_ms=12.6, ttft_ms=3, finish_reason="stop", temperature=0.5, max_tokens=50, retries=1,
        )  # fmt: skip
        run.score("helpful", 0.75, label="good", scorer="judge-2", scorer_kind="llm")
        run.set(model="gpt-x", retry_count=2)
        run.succeed(value=1, source="verifier", confidence=0.9, message="all is well", output="the whole answer")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def picked(row: dict, *names: str) -> tuple:
    return tuple(row[name] for name in names)


def test_three_lines_record_a_run(settings: Settings, tmp_path: Path) -> None:
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with record_run(agent_id="researcher", task_id="t-17", folder=tmp_path / "inbox") as run:
        time.sleep(0.02)
        run.succeed(message="ok")
    after = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    begun, ended = sorted(land_all(settings, tmp_path / "inbox")["runs"], key=lambda row: row["line_number"])
    names = ("organization_id", "run_id", "agent_id", "task_id", "started_at")
    assert picked(begun, *names) == picked(ended, *names)
    assert picked(begun, "organization_id", "agent_id", "task_id") == ("default", "researcher", "t-17")
    assert picked(begun, "termination", "outcome", "ended_at", "latency_ms") == ("in_progress", None, None, None)
    assert picked(ended, "termination", "outcome", "outcome_source") == ("completed", "success", "self")
    assert before <= ended["started_at"] <= ended["ended_at"] <= ended["occurred_at"] <= after
    assert 20 <= ended["latency_ms"] <= 1 + (after - before) / dt.timedelta(milliseconds=1)
    assert ended["message_sha256"] == sha256("ok")
    assert begun["event_id"] == f"{run.run_id}/00000001"
    assert ended["event_id"] == f"{run.run_id}/00000002"
    # What folding sorts by: a later event's known values win.
    assert picked(begun, "occurred_at", "event_id") < picked(ended, "occurred_at", "event_id")


@pytest.mark.parametrize("keep_text", [False, True], ids=["hashes", "texts"])
def test_every_value_lands_in_its_column(settings: Settings, tmp_path: Path, keep_text: bool) -> None:
    a_whole_run(tmp_path / "inbox", keep_text=keep_text)
    tables = land_all(settings, tmp_path / "inbox")
    assert tables["unmapped_fields"] == []
    assert tables["errors"] == []
    run = max(tables["runs"], key=lambda row: row["line_number"])
    expected = {
        "organization_id": "acme", "run_id": "r1", "agent_id": "researcher", "task_id": "t-17", "suite_id": "s",
        "suite_version": "2", "attempt": 3, "variant_id": "v", "kind": "benchmark", "agent_version": "1.4",
        "workflow_name": "w", "session_id": "chat", "provider": "openai", "model": "gpt-x", "git_commit": "abc",
        "config_hash": "c0", "retry_count": 2, "outcome": "success", "outcome_value": 1.0,
        "outcome_source": "verifier", "confidence": 0.9, "termination": "completed",
        "input_sha256": sha256("where is my order"), "output_sha256": sha256("the whole answer"),
        "message_sha256": sha256("all is well"),
        "labels": [("beta", "true"), ("size", "3"), ("team", "blue")],
    }  # fmt: skip
    assert {name: run[name] for name in expected} == expected

    user, asking, answer = sorted(tables["messages"], key=lambda row: row["seq"])
    turn = ("seq", "role", "content_sha256", "content_bytes", "tool_call_ids")
    assert picked(user, *turn) == (0, "user", sha256("where is my order"), 17, None)
    assert picked(asking, *turn) == (1, "assistant", None, None, ["call-1"])
    assert picked(answer, *turn) == (2, "assistant", sha256("it is on its way"), 16, None)

    outer, inner = sorted(tables["steps"], key=lambda row: row["seq"])
    assert picked(outer, "seq", "kind", "name", "depth", "parent_step_id", "status") == (
        0, "agent", "answer", 0, None, "ok",
    )  # fmt: skip
    assert picked(inner, "seq", "kind", "depth", "parent_step_id") == (1, "tool", 1, outer["step_id"])
    assert outer["started_at"] <= inner["started_at"] <= inner["ended_at"] <= outer["ended_at"]

    (call,) = tables["tool_calls"]
    assert picked(call, "tool_call_id", "step_id", "tool_name", "status") == (
        "call-1", inner["step_id"], "orders", "ok",
    )  # fmt: skip
    assert call["arguments_sha256"] == sha256('{"n":0.00001,"query":"order 7734"}')
    assert call["result_sha256"] == sha256('{"state":"left the depot"}')
    assert call["arguments_valid"] is True

    (model_call,) = tables["llm_calls"]
    expected = {
        "provider": "openai", "request_model": "gpt", "input_uncached_tokens": 40, "input_cache_read_tokens": 60,
        "input_cache_write_tokens": 0, "output_visible_tokens": 15, "output_reasoning_tokens": 5,
        "usage_convention": "inclusive", "provider_cost_usd": 0.25, "latency_ms": 13, "ttft_ms": 3,
        "finish_reason": "stop", "temperature": 0.5, "max_tokens": 50, "retries": 1,
    }  # fmt: skip
    assert {name: model_call[name] for name in expected} == expected

    (score,) = tables["scores"]
    assert picked(score, "run_id", "target_type", "target_id", "name", "value", "label", "scorer", "scorer_kind") == (
        "r1", "run", "r1", "helpful", 0.75, "good", "judge-2", "llm",
    )  # fmt: skip


def test_no_text_is_in_the_file_unless_asked_for(tmp_path: Path) -> None:
    a_whole_run(tmp_path / "hashes")
    (path,) = files(tmp_path / "hashes")
    assert [secret for secret in SECRETS if secret in path.read_text(encoding="utf-8")] == []
    a_whole_run(tmp_path / "texts", keep_text=True)
    (path,) = files(tmp_path / "texts")
    # What a run was asked and gave has no place for its text, only for a hash.
    assert [secret for secret in SECRETS if secret not in path.read_text(encoding="utf-8")] == ["the whole answer"]


def test_a_text_too_long_for_a_line_is_hashed(settings: Settings, tmp_path: Path) -> None:
    with record_run(agent_id="a", folder=tmp_path / "inbox", keep_text=True) as run:
        run.message("user", "x" * (1 << 20))
    (message,) = land_all(settings, tmp_path / "inbox")["messages"]
    assert picked(message, "content_sha256", "content_bytes") == (sha256("x" * (1 << 20)), 1 << 20)


def test_an_exclusive_convention_is_counted_as_such(settings: Settings, tmp_path: Path) -> None:
    with record_run(agent_id="a", folder=tmp_path / "inbox") as run:
        run.llm_call(
            "claude", input_tokens=10, cache_read_tokens=700, cache_write_tokens=50, output_tokens=9,
            usage_convention="exclusive",
        )  # fmt: skip
    (call,) = land_all(settings, tmp_path / "inbox")["llm_calls"]
    parts = ("input_uncached_tokens", "input_cache_read_tokens", "input_cache_write_tokens", "output_visible_tokens")
    assert picked(call, *parts, "usage_convention") == (10, 700, 50, 9, "exclusive")


def test_totals_of_a_run_land_with_its_end(settings: Settings, tmp_path: Path) -> None:
    with record_run(agent_id="a", folder=tmp_path / "inbox") as run:
        run.usage(input_tokens=10, cache_read_tokens=4, output_tokens=2, cost_usd=0.5)
    ended = max(land_all(settings, tmp_path / "inbox")["runs"], key=lambda row: row["line_number"])
    names = ("input_tokens", "cache_read_tokens", "output_tokens", "cost_usd", "cost_source", "outcome", "termination")
    assert picked(ended, *names) == (10, 4, 2, 0.5, "provider", "unscored", "completed")


def raising(message: str) -> None:
    raise LookupError(message)


def test_an_exception_ends_the_run_in_an_error_and_goes_on(settings: Settings, tmp_path: Path) -> None:
    problem = LookupError
    with (
        pytest.raises(problem, match="no such order"),
        record_run(agent_id="a", folder=tmp_path / "inbox") as run,
    ):
        run.succeed(value=1, source="verifier")
        raising("no such order")
    tables = land_all(settings, tmp_path / "inbox")
    ended = max(tables["runs"], key=lambda row: row["line_number"])
    names = ("termination", "outcome", "outcome_value", "outcome_source", "error_type")
    assert picked(ended, *names) == ("error", "failure", None, "self", "LookupError")
    (error,) = tables["errors"]
    line = raising.__code__.co_firstlineno + 1
    assert picked(error, "run_id", "source", "phase", "message", "error_type", "top_frame") == (
        run.run_id, "agent_runner", "execute", "no such order", "LookupError",
        f"tests/recorder/test_landing.py:{line} in raising",
    )  # fmt: skip


class RefusedError(Exception):
    status_code = 429


def test_a_tool_that_fails_leaves_its_error_in_the_call_and_in_the_run(settings: Settings, tmp_path: Path) -> None:
    with record_run(agent_id="a", folder=tmp_path / "inbox", keep_error_messages=False) as run:
        with pytest.raises(RefusedError), run.step("s"), run.calling("search"):
            raise RefusedError("too many: of Ms. Quill")
        run.error("gave up: Ms. Quill", source="llm_api", phase="generate", code="E1", retryable=True)
        run.fail()
    tables = land_all(settings, tmp_path / "inbox")
    (call,) = tables["tool_calls"]
    assert picked(call, "status", "error_type") == ("error", "tests.recorder.test_landing.RefusedError")
    first, second = sorted(tables["errors"], key=lambda row: row["seq"])
    names = ("seq", "source", "phase", "http_status", "code_declared", "retryable", "message")
    assert picked(first, *names) == (1, "tool", "tool_call", 429, None, None, None)
    assert picked(second, *names) == (2, "llm_api", "generate", None, "E1", True, None)
    assert first["step_id"] == tables["steps"][0]["step_id"]
    assert tables["steps"][0]["status"] == "error"
    assert "Quill" not in files(tmp_path / "inbox")[0].read_text(encoding="utf-8")


def test_an_error_that_leaves_both_call_and_run_keeps_its_source(tmp_path: Path) -> None:
    with (
        pytest.raises(OSError, match="down"),
        record_run(agent_id="a", folder=tmp_path) as run,
        run.calling("search"),
    ):
        raise OSError("down")
    assert picked(lines(tmp_path)[-1]["error"], "source", "phase") == ("tool", "tool_call")


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (KeyboardInterrupt(), "cancelled"),
        (asyncio.CancelledError(), "cancelled"),
        (SystemExit(0), "unscored"),
        (SystemExit(2), "error"),
        (TimeoutError("late"), "error"),
    ],
    ids=["interrupt", "cancelled task", "exit", "exit 2", "timeout"],
)
def test_the_way_a_block_is_left_tells_how_the_run_ended(tmp_path: Path, problem: BaseException, status: str) -> None:
    with pytest.raises(type(problem)), record_run(agent_id="a", folder=tmp_path):
        raise problem
    end = lines(tmp_path)[-1]
    assert (end["status"], "error" in end) == (status, status == "error")


def test_a_run_within_a_run_is_its_child(tmp_path: Path) -> None:
    with record_run(agent_id="a", folder=tmp_path) as outer, outer.step("delegate"):
        with record_run(agent_id="b", folder=tmp_path) as inner:
            assert current_run() is inner
            inner.tool_call("search")
        assert current_run() is outer
    assert current_run() is None
    children = [line for line in lines(tmp_path) if line["run_id"] == inner.run_id]
    assert {line["parent_run_id"] for line in children if line["event_type"] == "run"} == {outer.run_id}
    assert [line for line in children if "step_id" in line] == []


def test_a_run_can_be_continued_in_a_second_part(settings: Settings, tmp_path: Path) -> None:
    for part in (1, 2):
        with record_run(agent_id="a", run_id="r1", part=part, folder=tmp_path / "inbox") as run:
            run.message("user", f"turn {part}")
            run.succeed()
    tables = land_all(settings, tmp_path / "inbox")
    assert [row["seq"] for row in tables["messages"]] == [0, 1_000_000]
    assert sorted(row["event_id"] for row in tables["runs"]) == [
        "r1/00000001", "r1/00000003", "r1/2.00000001", "r1/2.00000003",
    ]  # fmt: skip
    assert [row["latency_ms"] is None for row in tables["runs"]] == [True, False, True, True]


def test_a_clock_set_back_never_puts_an_end_before_its_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(dt.datetime):
        hours = iter(range(23, 0, -1))

        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return dt.datetime(2026, 3, 1, next(cls.hours), tzinfo=tz)

    monkeypatch.setattr("dagster_project.recorder.datetime.datetime", Clock)
    with record_run(agent_id="a", folder=tmp_path) as run:
        run.succeed()
    times = [line["occurred_at"] for line in lines(tmp_path)]
    assert times == ["2026-03-01T23:00:00.000000Z"] * 2
    assert lines(tmp_path)[1]["latency_ms"] < 1000
