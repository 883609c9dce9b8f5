"""Logs of programs nobody here has seen, read by maps alone: units, zones, calls within steps, trees, totals."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.errors import UsageError
from dagster_project.formats.base import Event, FileFacts, Rejected
from tests.formats.test_documentation import TEXT
from tests.formats.units import decode_file, head, mapped, rows, run, unit

BASE = """
name: foreign
version: "1"
framing: lines
required: {id: any}
event_id: [id]
fields:
  agent_id: {constant: bot}
"""


def decode(folder: Path, additions: str, **value: Any) -> Event:
    return mapped(folder, BASE + additions).decode(unit({"id": 1, **value}), FileFacts(path=head("x", b"").path))


def test_a_csv_of_runs_with_seconds_dollars_and_local_times(tmp_path: Path) -> None:
    text = """
name: nightly
version: "1"
framing: csv
required: {run: string, verdict: string}
event_id: [run]
fields:
  agent_id: bot
  task_id: case
  started_at: {from: began, unit: "%Y-%m-%d %H:%M:%S", zone: Europe/Berlin}
  latency_ms: {from: seconds, unit: s}
  cost_usd: {from: spent, prefix: "$"}
  input_tokens: {from: tokens_in, null_values: ["0"]}
  outcome: {from: verdict, values: {pass: success, fail: failure, skipped: unscored}}
  outcome_source: {constant: verifier}
  outcome_value: {from: grade, suffix: "%", unit: percent}
"""
    content = b"""run,bot,case,began,seconds,spent,tokens_in,verdict,grade\r
1,coder,"sum, fast",2026-07-01 00:30:00,12.3456,$0.0420,0,pass,87.5%\r
2,coder,sort,2026-01-15 08:00:00,,,120,skipped,\r
"""
    first, second = decode_file(mapped(tmp_path, text), "nightly.csv", content)
    found = run(first)
    # Berlin is two hours ahead of UTC in July, one in January.
    assert found["started_at"] == dt.datetime(2026, 6, 30, 22, 30)
    assert [found[name] for name in ("task_id", "latency_ms", "cost_usd", "outcome", "outcome_value")] == [
        "sum, fast", 12346, 0.042, "success", 0.875,
    ]  # fmt: skip
    assert "input_tokens" not in found
    assert run(second)["started_at"] == dt.datetime(2026, 1, 15, 7)
    assert run(second)["input_tokens"] == 120
    assert not {"latency_ms", "cost_usd", "outcome_value"} & run(second).keys()


STEPS = """
token_convention: inclusive
messages: {from: chat, role: author.role, content: body, tool_call_ids: calls, roles: {human: user, ai: assistant}}
steps:
  - from: events
    fields:
      kind: {from: item.kind, values: {completion: llm, function: tool}}
      name: item.fn
      ended_at: {from: item.at, unit: unix_s}
      latency_ms: {from: item.took, unit: us}
      status: {from: item.ok, values: {true: ok, false: error}}
    llm_call:
      request_model: item.model
      input_tokens: item.usage.in
      cache_read_tokens: item.usage.cached
      output_tokens: item.usage.out
      reasoning_tokens: item.usage.thought
      cost_usd: {from: item.cents, unit: cents}
    tool_call: {tool_name: item.fn, tool_call_id: item.call, arguments: item.args, result: item.out}
    errors: [{message: item.why, source: tool, phase: tool_call}]
"""


def test_steps_bring_their_calls_tokens_errors_and_messages_along(tmp_path: Path) -> None:
    event = decode(
        tmp_path, STEPS,
        chat=[{"author": {"role": "human", "name": "Ann"}, "body": [{"type": "text", "text": "Go"}]},
              {"author": {"role": "ai"}, "body": None, "calls": ["c1"]}],
        events=[
            {"kind": "completion", "model": "m", "at": 1767225600.25, "took": 1500, "cents": 0.25,
             "usage": {"in": 100, "cached": 60, "out": 30, "thought": 10}},
            {"kind": "function", "fn": "ls", "call": "c1", "args": {"p": "/"}, "out": "denied", "ok": False,
             "why": "denied", "extra": 1},
        ],
    )  # fmt: skip
    call, tool, error = (rows(event, table)[0] for table in ("llm_calls", "tool_calls", "errors"))
    assert {name: call[name] for name in call if name.endswith("_tokens")} == {
        "input_uncached_tokens": 40, "input_cache_read_tokens": 60, "output_visible_tokens": 20,
        "output_reasoning_tokens": 10,
    }  # fmt: skip
    assert (call["usage_convention"], call["provider_cost_usd"], call["request_model"], call["latency_ms"]) == (
        "inclusive", 0.0025, "m", 2,
    )  # fmt: skip
    assert call["occurred_at"] == dt.datetime(2026, 1, 1, microsecond=250000)
    assert (tool["tool_name"], tool["tool_call_id"], tool["status"], tool["step_id"]) == (
        "ls", "c1", "error", "foreign/1/step-2",
    )  # fmt: skip
    assert {text.payload_kind: text.text for text in event.texts if text.payload_kind.startswith("tool")} == {
        "tool_arguments": '{"p":"/"}', "tool_result": "denied",
    }  # fmt: skip
    assert (error["error_id"], error["step_id"], error["message"]) == (
        "foreign/1/step-2/error-1", "foreign/1/step-2", "denied",
    )  # fmt: skip
    assert [(row["role"], row.get("tool_call_ids")) for row in rows(event, "messages")] == [
        ("user", None), ("assistant", ["c1"]),
    ]  # fmt: skip
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["chat[].author.name", "events[].extra"]


@pytest.mark.parametrize(
    ("convention", "expected"), [("inclusive", (40, 60)), ("exclusive", (100, 60))]
)  # fmt: skip
def test_cached_tokens_of_a_step_follow_the_map_s_convention(
    tmp_path: Path, convention: str, expected: tuple[int, int]
) -> None:
    additions = STEPS.replace("inclusive", convention)
    event = decode(tmp_path, additions, events=[{"kind": "completion", "usage": {"in": 100, "cached": 60}}])
    [call] = rows(event, "llm_calls")
    assert (call["input_uncached_tokens"], call["input_cache_read_tokens"]) == expected


def test_more_cached_tokens_than_tokens_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="60 cached tokens, but only 50"):
        decode(tmp_path, STEPS, events=[{"kind": "completion", "usage": {"in": 50, "cached": 60}}])


def test_a_tree_of_spans_without_ids_is_told_apart_by_position(tmp_path: Path) -> None:
    additions = """
steps:
  - from: spans
    children: inner
    fields: {kind: {constant: other}, name: {template: "{item.n}#{position}"}}
"""
    leaf = {"n": "c", "inner": []}
    spans = [{"n": "a", "inner": [{"n": "b", "inner": [leaf, {"n": "d", "odd": 1}]}]}, {"n": "e", "inner": None}]
    event = decode(tmp_path, additions, spans=spans)
    shown = [(row["name"], row["seq"], row.get("parent_step_id"), row["depth"]) for row in rows(event, "steps")]
    assert shown == [
        ("a#1", 1, None, 0), ("b#1", 2, "foreign/1/step-1", 1), ("c#1", 3, "foreign/1/step-2", 2),
        ("d#2", 4, "foreign/1/step-2", 2), ("e#2", 5, None, 0),
    ]  # fmt: skip
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["spans[].inner[].inner[].odd"]


def test_an_object_of_key_and_value(tmp_path: Path) -> None:
    text = """
name: verdicts
version: "1"
framing: object
path: "{submission}/verdicts.json"
required: {key: string, value: boolean}
event_id: [capture:submission, key]
fields:
  agent_id: capture:submission
  suite_id: {constant: verdicts}
  task_id: key
  outcome: {from: value, values: {true: success, false: failure}}
  outcome_source: {constant: verifier}
"""
    content = b'{"case-1": true, "case-2": false}'
    events = decode_file(mapped(tmp_path, text), "team/verdicts.json", content)
    assert [(run(event)["task_id"], run(event)["outcome"]) for event in events] == [
        ("case-1", "success"), ("case-2", "failure"),
    ]  # fmt: skip


def test_running_totals_that_begin_anew(tmp_path: Path) -> None:
    text = BASE.replace("fields:", "counters: [total.in, total.usd]\nfields:") + (
        "  input_tokens: total.in\n  cost_usd: total.usd\n"
    )
    totals = [(100, 0.1), (250, 0.3), (40, 0.05), (90, None)]
    content = "\n".join(
        json.dumps({"id": at, "total": {"in": count, "usd": usd}}) for at, (count, usd) in enumerate(totals)
    )
    found = [run(event) for event in decode_file(mapped(tmp_path, text), "x.jsonl", content.encode())]
    # The third line counts from zero: the program was started again.
    assert [(each["input_tokens"], each.get("cost_usd")) for each in found] == [
        (100, 0.1), (150, 0.2), (40, 0.05), (50, None),
    ]  # fmt: skip


NEW_YEAR = dt.datetime(2026, 1, 1)


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("unit: unix_s", 1767225600, NEW_YEAR),
        ("unit: unix_s", 1767225600.123456, NEW_YEAR + dt.timedelta(microseconds=123456)),
        ("unit: unix_s", "1767225600.5", NEW_YEAR + dt.timedelta(microseconds=500000)),
        ("unit: unix_ms", 1767225600001, NEW_YEAR + dt.timedelta(milliseconds=1)),
        ("unit: unix_us", 1767225600000001, NEW_YEAR + dt.timedelta(microseconds=1)),
        ("unit: unix_ns", "1767225600000001999", NEW_YEAR + dt.timedelta(microseconds=1)),
        ('unit: "%Y-%m-%d %H:%M:%S"', "2026-01-01 00:00:00", NEW_YEAR),
        ('unit: "%Y-%m-%d %H:%M:%S.%f"', "2026-01-01 00:00:00.12", NEW_YEAR + dt.timedelta(microseconds=120000)),
        ('unit: "%Y-%m-%d %H:%M:%S.%f"', "2026-01-01 00:00:00.000001999", NEW_YEAR + dt.timedelta(microseconds=1)),
        ('unit: "%Y-%m-%d %H:%M", zone: "+05:30"', "2026-01-01 05:30", NEW_YEAR),
        ('unit: "%Y-%m-%d %H:%M", zone: America/New_York', "2025-12-31 19:00", NEW_YEAR),
        ('unit: "%d/%m/%Y %H:%M:%S %z"', "01/01/2026 01:00:00 +0100", NEW_YEAR),
    ],
)  # fmt: skip
def test_a_time_is_the_instant_that_was_written(tmp_path: Path, rule: str, value: Any, expected: dt.datetime) -> None:
    assert run(decode(tmp_path, f"  started_at: {{from: t, {rule}}}\n", t=value))["started_at"] == expected


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        # The clocks of Berlin went forward at 2:00 and back at 3:00 on these days.
        ('unit: "%Y-%m-%d %H:%M", zone: Europe/Berlin', "2026-03-29 02:30", "no single instant"),
        ('unit: "%Y-%m-%d %H:%M", zone: Europe/Berlin', "2026-10-25 02:30", "no single instant"),
        ('unit: "%Y-%m-%d %H:%M"', "2026-1-1 0:00", "started_at"),
        ("unit: unix_s", "soon", "started_at: expected a number"),
        ("unit: unix_s", 1767225600000, "started_at lies outside"),
    ],
)  # fmt: skip
def test_a_time_that_is_no_single_instant_is_refused(tmp_path: Path, rule: str, value: Any, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        decode(tmp_path, f"  started_at: {{from: t, {rule}}}\n", t=value)


@pytest.mark.parametrize(
    ("unit_name", "value", "expected"),
    [("ns", 1_500_000, 2), ("us", 2500, 2), ("ms", 12.5, 12), ("s", 60.008, 60008), ("min", 1.5, 90_000),
     ("h", 2, 7_200_000), ("clock", "01:02:03.5", 3_723_500)],
)  # fmt: skip
def test_a_duration_becomes_milliseconds(tmp_path: Path, unit_name: str, value: Any, expected: int) -> None:
    assert run(decode(tmp_path, f"  latency_ms: {{from: t, unit: {unit_name}}}\n", t=value))["latency_ms"] == expected


def test_amounts_are_dollars_exactly(tmp_path: Path) -> None:
    assert run(decode(tmp_path, "  cost_usd: {from: c, unit: cents}\n", c=7))["cost_usd"] == 0.07
    assert run(decode(tmp_path, "  cost_usd: {from: c, unit: micros}\n", c=1234567))["cost_usd"] == 1.234567


@pytest.mark.parametrize(
    ("additions", "said"),
    [
        ("  latency_ms: {from: t, unit: sec}\n", ["'fields.latency_ms.unit'", "'sec'", "Expected ns, us, ms, s"]),
        ("  started_at: {from: t, unit: unix}\n", ["'fields.started_at.unit'", "unix_s", "or a form"]),
        ("  input_tokens: {from: t, unit: s}\n", ["'fields.input_tokens.unit'", "It has no unit"]),
        ("  started_at: {from: t, unit: unix_s, zone: UTC}\n", ["'fields.started_at.zone'", "needs a form"]),
        ('  started_at: {from: t, unit: "%Y", zone: Mars/Base}\n', ["'Mars/Base' is no time zone", "Europe/Berlin"]),
        ("  task_id: {constant: x, prefix: y}\n", ["'fields.task_id.prefix' needs 'from'"]),
        ("scores: [{name: s, value: {from: t, unit: s}}]\n", ["'scores.value.unit'", "Expected percent"]),
        ("scores: [{name: s, value: {from: t, values: {yes: high}}}]\n",
         ["'scores.value'", "expected a number", "high"]),
        ('  task_id: "t[*].x"\n', ["'fields.task_id'", "'t[*].x' is no place", "a[].b for all"]),
        ('  task_id: "$.t"\n', ["'fields.task_id'", "without '$'"]),
        ("labels: {x: {from: t, unit: s}}\n", ["'labels.x.unit'", "no unit"]),
        ("steps: [{from: s, fields: {name: item.n}, llm_call: {request_model: item.m}}]\n",
         ["'steps.llm_call' needs 'steps.fields.kind'"]),
        ("steps: [{from: s, fields: {kind: {constant: tool}}, tool_call: {arguments: item.a}}]\n",
         ["'steps.tool_call.tool_name' is missing"]),
        ("steps: [{from: s, fields: {kind: {constant: llm}}, llm_call: {model: item.m}}]\n",
         ["'steps.llm_call.model'", "an LLM call has no such field"]),
        ("steps: [{from: s, fields: {kind: {constant: llm}}, llm_call: {cache_read_tokens: item.c}}]\n",
         ["'token_convention' is missing", "'steps.llm_call.cache_read_tokens'"]),
        ("steps: [{from: s, fields: {kind: {constant: robot}}}]\n", ["'steps.fields.kind'", "'robot'"]),
        ('steps: [{from: s, fields: {name: "item.a[].b"}}]\n', ["'steps.fields.name'", "a list of values"]),
        ("steps: [{from: s, fields: {}, errors: [{message: item.e, source: x}]}]\n", ["'phase' is missing"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_was_expected(tmp_path: Path, additions: str, said: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        mapped(tmp_path, BASE + additions)
    assert [part for part in ["map.yaml", *said] if part not in str(caught.value)] == []


def test_the_documented_steps_read_what_they_say(tmp_path: Path) -> None:
    additions = next(part for part in TEXT.split("```yaml\n") if part.startswith("steps:\n  - from: trace")).split(
        "```"
    )[0]
    inner = [{"type": "model", "model": "m", "start": 1767225600000000000, "seconds": 0.5,
              "tokens": {"in": 5, "out": 2}},
             {"type": "tool", "name": "ls", "args": {}, "output": "x", "error": "denied"}]  # fmt: skip
    event = decode(tmp_path, additions, trace=[{"type": "chain", "children": inner}])
    assert [(row["kind"], row.get("status")) for row in rows(event, "steps")] == [
        ("workflow", "ok"), ("llm", "ok"), ("tool", "error"),
    ]  # fmt: skip
    assert rows(event, "llm_calls")[0]["input_uncached_tokens"] == 5
    assert rows(event, "tool_calls")[0]["status"] == "error"
    assert rows(event, "errors")[0]["message"] == "denied"
