"""Nested and computed values of a map: lists, steps, scores, running totals, cumulative flags, events."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Event, FileFacts, Rejected
from dagster_project.formats.mapped.mapped_format import MappedFormat
from dagster_project.landing.reading.framing import pieces
from tests.formats.units import LIMITS, decode_file, head, mapped, rows, run, unit

BASE = """
name: mine
version: "1"
framing: lines
required: {id: any}
event_id: [id]
fields:
  agent_id: {constant: a}
"""


def decode(folder: Path, additions: str, value: dict[str, Any]) -> Event:
    return mapped(folder, BASE + additions).decode(unit({"id": 1, **value}), FileFacts(path=head("x", b"").path))


def refusal(folder: Path, additions: str, value: dict[str, Any]) -> str:
    with pytest.raises(Rejected) as caught:
        decode(folder, additions, value)
    return caught.value.reason


@pytest.mark.parametrize(
    ("source", "expected"),
    [("a[0].b", "x"), ("a[1].b", "y"), ("a[-1].b", "y"), ("a[2].b", None), ("a[-3].b", None), ("c[0][1]", "q"),
     ("a[0][0]", None)],
)  # fmt: skip
def test_an_element_is_found_by_its_place(tmp_path: Path, source: str, expected: str | None) -> None:
    value = {"a": [{"b": "x"}, {"b": "y"}], "c": [["p", "q"]]}
    assert run(decode(tmp_path, f"  task_id: {source}", value)).get("task_id") == expected


def test_the_first_source_that_is_known_counts(tmp_path: Path) -> None:
    rule = "  task_id: {from: [a, b.c]}"
    assert run(decode(tmp_path, rule, {"a": None, "b": {"c": "x"}}))["task_id"] == "x"
    assert run(decode(tmp_path, rule, {"a": "y", "b": {"c": "x"}}))["task_id"] == "y"


@pytest.mark.parametrize(
    ("take", "values", "expected"),
    [
        ("count", [1, None, 2], "2"), ("count", [], "0"), ("sum", [1, 2], "3"), ("sum", [0.1, 0.2], "0.3"),
        ("mean", [1, 0, 0, 1], "0.5"), ("mean", [True, False], "0.5"), ("mean", [], None), ("max", [1, 3, 2], "3"),
        ("max", [False, True], "1"), ("min", [1.5, 2], "1.5"), ("max", [], None), ("any", [False, True], "true"),
        ("any", [False], "false"), ("last", ["a", "b", None], "b"), ("join", ["a", "b"], "a, b"),
    ],
)  # fmt: skip
def test_a_list_is_taken_as_one_value(tmp_path: Path, take: str, values: list[Any], expected: str | None) -> None:
    additions = f'labels: {{found: {{from: "list[].v", take: {take}}}}}'
    event = decode(tmp_path, additions, {"list": [{"v": value} for value in values]})
    assert run(event)["labels"].get("found") == expected


@pytest.mark.parametrize(
    ("take", "value"), [("sum", ["1"]), ("any", [1]), ("join", [1]), ("count", "text"), ("max", [[1]])]
)
def test_a_list_of_another_kind_is_refused(tmp_path: Path, take: str, value: Any) -> None:
    assert refusal(tmp_path, f"labels: {{found: {{from: list, take: {take}}}}}", {"list": value}) == "bad_type"


def test_lists_within_lists_are_joined(tmp_path: Path) -> None:
    value = {"turns": [{"calls": [{"n": 1}, {"n": 2}]}, {"calls": []}, {}, {"calls": [{"n": 4}]}]}
    event = decode(tmp_path, '  step_count: {from: "turns[].calls[].n", take: sum}', value)
    assert run(event)["step_count"] == 7


def test_messages_may_lie_in_nested_lists_or_be_plain_texts(tmp_path: Path) -> None:
    additions = 'messages: {from: "turns[].said[]"}'
    value = {"turns": [{"said": [{"role": "user", "content": "q"}]}, {"said": [{"role": "assistant", "content": "a"}]}]}
    event = decode(tmp_path, additions, value)
    assert [(row["seq"], row["role"]) for row in rows(event, "messages")] == [(1, "user"), (2, "assistant")]
    spoken = decode(tmp_path, "messages: {from: notes, speaker: assistant}", {"notes": ["x", "y"]})
    assert [row["role"] for row in rows(spoken, "messages")] == ["assistant", "assistant"]
    assert [text.text for text in spoken.texts] == ["x", "y"]
    assert refusal(tmp_path, "messages: {from: notes, speaker: assistant}", {"notes": [1]}) == "bad_type"


def test_a_number_is_added(tmp_path: Path) -> None:
    assert run(decode(tmp_path, "  attempt: {from: trial, add: 1}", {"trial": 0}))["attempt"] == 1
    assert "attempt" not in run(decode(tmp_path, "  attempt: {from: trial, add: 1}", {}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("60.008 seconds", 60008), ("0.001 seconds", 1), ("1834.82 seconds", 1834820), ("4.0005 seconds", 4000),
     ("4.0015 seconds", 4002), ("8589934592.123 seconds", 8589934592123)],
)  # fmt: skip
def test_a_text_with_a_unit_is_an_exact_duration(tmp_path: Path, text: str, expected: int) -> None:
    rule = '  latency_ms: {from: time, suffix: " seconds", unit: s}'
    assert run(decode(tmp_path, rule, {"time": text}))["latency_ms"] == expected


@pytest.mark.parametrize("value", ["60.008 minutes", "sixty seconds", 60.008, " seconds"])
def test_a_text_without_the_unit_is_refused(tmp_path: Path, value: Any) -> None:
    rule = '  latency_ms: {from: time, suffix: " seconds", unit: s}'
    assert refusal(tmp_path, rule, {"time": value}) == "bad_type"


def test_seconds_are_converted_without_the_error_of_doubles(tmp_path: Path) -> None:
    for seconds in (1.001, 2.675, 0.0005, 4.35, 1000000.001):
        found = run(decode(tmp_path, "  latency_ms: {from: time, unit: s}", {"time": seconds}))["latency_ms"]
        assert abs(Decimal(found) - Decimal(str(seconds)) * 1000) <= Decimal("0.5")


def test_a_time_may_have_a_form_of_its_own(tmp_path: Path) -> None:
    rule = '  occurred_at: {from: at, unit: "%Y-%m-%d-%H:%M"}'
    assert str(decode(tmp_path, rule, {"at": "2023-08-01-16:18"}).occurred_at) == "2023-08-01 16:18:00"
    assert str(decode(tmp_path, rule, {"at": "2023-08-17T02:01:26+02:00"}).occurred_at) == "2023-08-17 00:01:26"
    for wrong in ("2023-8-1-16:18", "2023-08-01", "1999-08-01-16:18"):
        assert refusal(tmp_path, rule, {"at": wrong}) == "bad_timestamp"


def test_the_first_case_whose_text_is_there_wins(tmp_path: Path) -> None:
    rule = """  outcome_source: {constant: rule}
  outcome:
    from: ok
    values: {true: success, false: failure}
    cases: [{from: why, contains: not eligible, is: unscored}, {from: why, contains: el, is: partial}]
"""
    for why, expected in (("was not eligible", "unscored"), ("else", "partial"), ("no", "failure"), (None, "failure")):
        assert run(decode(tmp_path, rule, {"ok": False, "why": why}))["outcome"] == expected


STEPS = """
steps:
  - {from: plans, fields: {kind: {constant: plan}}}
  - from: samples
    fields: {kind: {constant: llm}, name: {template: "sample {position}"}, latency_ms: {from: item.took, unit: s}}
    scores: [{name: right, value: {from: item.ok, values: {true: 1, false: 0}}, scorer: checker, scorer_kind: code}]
scores:
  - {name: best, value: {from: "samples[].r", take: max}, scorer_kind: llm}
"""


def test_elements_are_steps_in_one_numbering_with_their_scores(tmp_path: Path) -> None:
    value = {"plans": ["p"], "samples": [{"took": 1.5, "ok": True, "r": 0.25}, {"ok": False, "r": 0.5}, {}]}
    event = decode(tmp_path, STEPS, value)
    names = ("step_id", "seq", "kind", "name", "latency_ms")
    steps = [tuple(row.get(name) for name in names) for row in rows(event, "steps")]
    assert steps == [
        ("mine/1/step-1", 1, "plan", None, None), ("mine/1/step-2", 2, "llm", "sample 1", 1500),
        ("mine/1/step-3", 3, "llm", "sample 2", None), ("mine/1/step-4", 4, "llm", "sample 3", None),
    ]  # fmt: skip
    of_step = {"target_type": "step", "name": "right", "run_id": "mine/1", "scorer": "checker", "scorer_kind": "code"}
    assert rows(event, "scores") == [
        {"score_id": "mine/1/step-2/score-right", "target_id": "mine/1/step-2", "value": 1.0, **of_step},
        {"score_id": "mine/1/step-3/score-right", "target_id": "mine/1/step-3", "value": 0.0, **of_step},
        {"score_id": "mine/1/score-best", "target_id": "mine/1", "target_type": "run", "name": "best",
         "run_id": "mine/1", "value": 0.5, "scorer_kind": "llm"},
    ]  # fmt: skip


def test_what_is_not_read_of_elements_is_drift(tmp_path: Path) -> None:
    value = {"plans": ["p"], "samples": [{"r": 1, "rs": [1, 2], "took": None}, {"rs": [3]}]}
    drifted = rows(decode(tmp_path, STEPS, value), "unmapped_fields")
    assert [(row["field_name"], row["field_type"]) for row in drifted] == [
        ("plans", "array"),
        ("samples[].rs", "array"),
    ]


def test_steps_of_another_shape_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, STEPS, {"samples": {"a": 1}}) == "bad_type"
    assert not rows(decode(tmp_path, STEPS, {}), "steps")


COUNTED = """
name: counted
version: "1"
framing: array
required: {id: any}
event_id: [id]
counters: [usage, calls]
fields:
  agent_id: {constant: a}
  input_tokens: usage.in
  output_tokens: usage.out
  cost_usd: usage.cost
  tool_call_count: calls
"""


def counted(folder: Path, *units: str) -> list[tuple[Any, ...]]:
    log_format = mapped(folder, COUNTED)
    found = [run(event) for event in decode_file(log_format, "x.json", f"[{','.join(units)}]".encode())]
    names = ("input_tokens", "output_tokens", "cost_usd", "tool_call_count")
    return [tuple(fields.get(name) for name in names) for fields in found]


def test_a_running_total_gives_what_it_grew_by(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        '{"id": 1, "usage": {"in": 10, "out": 5, "cost": 0.1}, "calls": 3}',
        '{"id": 2, "usage": {"in": 30, "out": 5, "cost": 0.3}, "calls": 4}',
    )
    assert found == [(10, 5, 0.1, 3), (20, 0, 0.2, 1)]


def test_a_total_of_which_any_number_fell_began_anew(tmp_path: Path) -> None:
    # The job was restarted: in grew past its old value, but out fell.
    found = counted(
        tmp_path,
        '{"id": 1, "usage": {"in": 10, "out": 50, "cost": 0.5}, "calls": 3}',
        '{"id": 2, "usage": {"in": 12, "out": 5, "cost": 0.6}, "calls": 4}',
        '{"id": 3, "usage": {"in": 15, "out": 9, "cost": 0.7}, "calls": 1}',
    )
    assert found == [(10, 50, 0.5, 3), (12, 5, 0.6, 1), (3, 4, 0.1, 1)]


def test_growth_over_a_unit_without_the_total_is_not_guessed(tmp_path: Path) -> None:
    found = counted(tmp_path, '{"id": 1, "calls": 3}', '{"id": 2}', '{"id": 3, "calls": 9}')
    assert [row[3] for row in found] == [3, None, None]


def test_after_a_unit_that_cannot_be_read_the_growth_is_unknown(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, COUNTED)
    facts = FileFacts(path=head("x", b"").path)
    content = b'[{"id": 1, "calls": 3}, {"id": 2, "calls": tru}, {"id": 3, "calls": 9}, {"id": 4, "calls": 10}]'
    units: list[Any] = list(pieces(log_format.framing, [content], limits=LIMITS))
    assert "tool_call_count" not in run(log_format.decode(units[2], facts))
    assert run(log_format.decode(units[3], facts))["tool_call_count"] == 1


def test_content_is_the_unit_as_written_not_what_it_grew_by(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, COUNTED)
    _, event = decode_file(log_format, "x.json", b'[{"id": 1, "calls": 3}, {"id": 2, "calls": 7}]')
    assert event.content == {"id": 2, "calls": 7}
    assert not rows(event, "unmapped_fields")


CUMULATIVE = """
name: trials
version: "1"
framing: array
path: "trial_{trial}.json"
required: {name: string}
event_id: [name, capture:trial]
cumulative: {flag: ok, order: capture:trial}
fields:
  agent_id: {constant: a}
  attempt: {from: capture:trial, add: 1}
  outcome: {from: ok, values: {true: success, false: failure}}
  outcome_source: {constant: verifier}
steps: [{from: notes, fields: {kind: {constant: memory}}}]
"""


def trial(log_format: MappedFormat, number: int, *, ok: Any) -> Event:
    content = json.dumps([{"name": "env", "ok": ok, "notes": ["n"]}]).encode()
    [event] = decode_file(log_format, f"trial_{number}.json", content)
    return event


def test_a_success_that_later_trials_repeat_is_one_run_of_the_earliest(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, CUMULATIVE)
    events = [trial(log_format, number, ok=number >= 2) for number in (10, 2, 0, 3, 1)]
    assert len({event.event_id for event in events}) == 5
    by_run: dict[str, list[Event]] = {}
    for event in events:
        by_run.setdefault(run(event)["run_id"], []).append(event)
    # The warehouse lets the last event of a run by id stand.
    standing = [run(max(of_run, key=lambda event: event.event_id)) for of_run in by_run.values()]
    assert sorted((fields["attempt"], fields["outcome"]) for fields in standing) == [
        (1, "failure"), (2, "failure"), (3, "success"),
    ]  # fmt: skip


def test_a_settled_unit_brings_no_steps_along(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, CUMULATIVE)
    assert len(rows(trial(log_format, 1, ok=False), "steps")) == 1
    assert not rows(trial(log_format, 1, ok=True), "steps")


@pytest.mark.parametrize("flag", [None, 1, "true"])
def test_a_flag_that_is_no_truth_value_is_refused(tmp_path: Path, flag: Any) -> None:
    with pytest.raises(Rejected, match="bad_type"):
        trial(mapped(tmp_path, CUMULATIVE), 1, ok=flag)


EVENTS = """
name: results
version: "1"
framing: yaml
required: {model: string}
event_id: [model]
fields: {agent_id: model, occurred_at: {from: date, unit: date}}
event: {type: domain, payload: {cases: n, rate: r, cost: {from: c, null_values: [0]}}}
scores: [{name: rate, value: r, label: model, target: {template: "suite/{model}"}, scorer_kind: code}]
"""


def test_a_unit_that_is_no_run_is_an_event_with_scores_of_a_task(tmp_path: Path) -> None:
    content = b"- model: m\n  date: 2024-07-18\n  n: 133\n  r: 40.6\n  c: 0\n  new: 1\n"
    [event] = decode_file(mapped(tmp_path, EVENTS), "x.yml", content)
    assert (event.unit_kind, str(event.event_date), event.event_id) == ("domain", "2024-07-18", "results/m")
    assert rows(event, "events") == [{"event_type": "domain", "agent_id": "m", "payload": '{"cases":133,"rate":40.6}'}]
    assert rows(event, "scores") == [
        {"score_id": "results/m/score-rate", "target_type": "task", "target_id": "suite/m", "name": "rate",
         "value": 40.6, "label": "m", "scorer_kind": "code"}
    ]  # fmt: skip
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == ["new"]
    assert not rows(event, "runs")


TREE = """
name: tree
version: "1"
framing: tree
children: tests
required: {document.start: string, value.ok: boolean}
event_id: [path]
fields: {agent_id: document.agent, task_id: key, latency_ms: value.ms}
"""


def test_a_leaf_reads_itself_its_way_and_its_document(tmp_path: Path) -> None:
    content = (
        b'{"start": "s", "agent": "a", "tests": {"x": {"tests": {"y": {"ok": true, "ms": 5, "new": 1}}}}, "more": 2}'
    )
    [event] = decode_file(mapped(tmp_path, TREE), "x.json", content)
    fields = run(event)
    assert (event.event_id, fields["agent_id"], fields["task_id"], fields["latency_ms"]) == ("tree/x%2Fy", "a", "y", 5)
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == [
        "value.ok", "value.new", "document.start", "document.more",
    ]  # fmt: skip


def test_a_report_without_leaves_is_still_known(tmp_path: Path) -> None:
    assert decode_file(mapped(tmp_path, TREE), "x.json", b'{"start": "s", "tests": {}}') == []
    for other in (b'{"tests": {}}', b'{"start": "s"}', b'{"start": "s", "tests": []}', b'[{"start": "s"}]'):
        assert mapped(tmp_path, TREE).refusal(head("x.json", other)) is not None


@pytest.mark.parametrize("element", ["ls", None, 1, [{"what": "ls"}]])
def test_a_step_that_is_no_object_is_refused_where_its_keys_are_read(tmp_path: Path, element: Any) -> None:
    additions = "steps: [{from: trace, fields: {kind: {constant: tool}, name: item.what}}]"
    assert refusal(tmp_path, additions, {"trace": [{"what": "cd"}, element]}) == "bad_type"
    below = "steps: [{from: trace, children: below, fields: {kind: {constant: tool}, name: item.what}}]"
    assert refusal(tmp_path, below, {"trace": [{"what": "cd", "below": [element]}]}) == "bad_type"


@pytest.mark.parametrize(("field", "elements"), [("name: item", ["cd", "ls"]), ("depth: position", [None, 2])])
def test_a_step_may_be_anything_where_its_keys_are_not_read(tmp_path: Path, field: str, elements: list[Any]) -> None:
    additions = f"steps: [{{from: trace, fields: {{kind: {{constant: tool}}, {field}}}}}]"
    assert len(rows(decode(tmp_path, additions, {"trace": elements}), "steps")) == 2
