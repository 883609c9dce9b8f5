"""A map says where a run's columns lie; values land as the map says or are refused with the field's name."""

import datetime as dt
import hashlib
import pickle
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dagster_project.formats.base import Event, FileFacts, Rejected
from dagster_project.formats.mapped.mapped_format import MappedFormat
from tests.formats.units import decode_file, head, mapped, rows, run, unit

BASE = """
name: mine
version: "1"
framing: lines
required: {id: any}
event_id: [id]
fields:
  agent_id: {constant: robot}
"""


def decode(folder: Path, additions: str, value: dict[str, Any], captures: dict[str, str] | None = None) -> Event:
    """The event of one unit under the base map with more fields (two spaces in) or keys."""
    log_format = mapped(folder, BASE + additions)
    facts = FileFacts(path=head("x", b"").path, captures=captures or {})
    return log_format.decode(unit({"id": 1} | value), facts)


def refused(folder: Path, additions: str, value: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(Rejected) as caught:
        decode(folder, additions, value)
    return caught.value.reason, caught.value.detail


def test_a_run_without_more_is_an_agent_s_undated_run(tmp_path: Path) -> None:
    event = decode(tmp_path, "", {})
    assert run(event) == {
        "run_id": "mine/1", "kind": "agent", "time_quality": "sequence_only", "agent_id": "robot", "labels": {},
    }  # fmt: skip
    assert (event.event_id, event.organization_id, event.event_date) == ("mine/1", "default", None)


def test_a_run_of_a_suite_is_a_benchmark_s(tmp_path: Path) -> None:
    assert run(decode(tmp_path, "  suite_id: {constant: s}", {}))["kind"] == "benchmark"


def test_a_place_is_found_however_deep(tmp_path: Path) -> None:
    found = run(decode(tmp_path, "  task_id: a.b.c.d\n  model: x.y", {"a": {"b": {"c": {"d": "t"}}}, "x": {"y": "m"}}))
    assert (found["task_id"], found["model"]) == ("t", "m")


@pytest.mark.parametrize("value", [{}, {"a": None}, {"a": {}}, {"a": 5}, {"a": {"b": None}}], ids=str)
def test_what_is_absent_is_unknown(tmp_path: Path, value: dict[str, Any]) -> None:
    assert "task_id" not in run(decode(tmp_path, "  task_id: a.b", value))


def test_values_are_translated_by_their_spelling(tmp_path: Path) -> None:
    rule = "  outcome_source: {constant: rule}\n  outcome: {from: ok, values: {true: success, 0: failure, no: partial}}"
    found = [run(decode(tmp_path, rule, {"ok": ok}))["outcome"] for ok in (True, 0, "no")]
    assert found == ["success", "failure", "partial"]


def test_a_value_without_a_translation_is_refused_by_name(tmp_path: Path) -> None:
    rule = "  outcome_source: {constant: rule}\n  outcome: {from: ok, values: {true: success}}"
    assert refused(tmp_path, rule, {"ok": "maybe"}) == ("bad_enum", "outcome: the map gives no meaning to 'maybe'")
    assert "outcome" not in run(decode(tmp_path, rule, {"ok": None}))


def test_null_can_be_given_a_meaning(tmp_path: Path) -> None:
    rule = "  termination: {from: error, values: {null: completed, timeout: limit_time}}"
    assert run(decode(tmp_path, rule, {"error": None}))["termination"] == "completed"
    assert run(decode(tmp_path, rule, {}))["termination"] == "completed"


def test_a_null_value_is_unknown_and_not_zero(tmp_path: Path) -> None:
    rule = "  input_tokens: {from: n, null_values: [0]}"
    assert "input_tokens" not in run(decode(tmp_path, rule, {"n": 0}))
    assert run(decode(tmp_path, rule, {"n": 3}))["input_tokens"] == 3


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("  latency_ms: n", 12, 12),
        ("  latency_ms: {from: n, unit: s}", 1.5, 1500),
        ("  latency_ms: {from: n, unit: s}", 2, 2000),
        ("  cost_usd: n", 0.25, 0.25),
        ("  cost_usd: n", 1, 1.0),
        ("  task_id: n", 17, "17"),
        ("  started_at: n", "2026-03-01T06:00:00+01:00", dt.datetime(2026, 3, 1, 5)),
        ("  started_at: {from: n, unit: date}", "2026-03-01", dt.datetime(2026, 3, 1)),
        ("  started_at: {from: n, unit: unix_s}", 1767225600, dt.datetime(2026, 1, 1)),
        ("  started_at: {from: n, unit: unix_ms}", 1767225600250, dt.datetime(2026, 1, 1, microsecond=250000)),
    ],
    ids=str,
)
def test_a_value_becomes_the_column_s_type(tmp_path: Path, rule: str, value: Any, expected: Any) -> None:
    column = rule.split(":")[0].strip()
    assert run(decode(tmp_path, rule, {"n": value}))[column] == expected


@pytest.mark.parametrize(
    ("rule", "value", "reason"),
    [
        ("  latency_ms: n", 1.0, "bad_type"),
        ("  latency_ms: n", "12", "bad_type"),
        ("  latency_ms: n", True, "bad_type"),
        ("  cost_usd: n", "0.1", "bad_type"),
        ("  cost_usd: n", True, "bad_type"),
        ("  task_id: n", 1.5, "bad_type"),
        ("  task_id: n", ["a"], "bad_type"),
        ("  started_at: n", "yesterday", "bad_timestamp"),
        ("  started_at: {from: n, unit: unix_s}", True, "bad_type"),
    ],
    ids=str,
)
def test_nothing_is_coerced_silently(tmp_path: Path, rule: str, value: Any, reason: str) -> None:
    found, detail = refused(tmp_path, rule, {"n": value})
    assert found == reason
    assert rule.split(":")[0].strip() in detail


def test_a_start_dates_the_run(tmp_path: Path) -> None:
    event = decode(tmp_path, "  started_at: t", {"t": "2026-03-01T23:30:00-02:00"})
    assert (event.event_date, event.occurred_at) == (dt.date(2026, 3, 2), dt.datetime(2026, 3, 2, 1, 30))
    assert run(event)["time_quality"] == "exact"


def test_a_date_alone_is_no_exact_time(tmp_path: Path) -> None:
    event = decode(tmp_path, "  started_at: {from: t, unit: date}", {"t": "2026-03-01"})
    assert (event.event_date, run(event)["time_quality"]) == (dt.date(2026, 3, 1), "date")


TOKENS = """  input_tokens: i
  output_tokens: o
  cache_read_tokens: r
  cache_write_tokens: w
  reasoning_tokens: t
token_convention: """


@pytest.mark.parametrize(("convention", "total"), [("exclusive", 117), ("inclusive", 100)])
def test_input_tokens_count_cached_ones_whatever_the_convention(tmp_path: Path, convention: str, total: int) -> None:
    found = run(decode(tmp_path, TOKENS + convention, {"i": 100, "o": 9, "r": 12, "w": 5}))
    assert (found["input_tokens"], found["cache_read_tokens"], found["cache_write_tokens"]) == (total, 12, 5)


def test_an_unknown_total_stays_unknown(tmp_path: Path) -> None:
    assert "input_tokens" not in run(decode(tmp_path, TOKENS + "exclusive", {"r": 12}))


@pytest.mark.parametrize("value", [{"i": 10, "r": 6, "w": 5}, {"o": 3, "t": 4}], ids=str)
def test_parts_beyond_their_total_are_refused(tmp_path: Path, value: dict[str, int]) -> None:
    assert refused(tmp_path, TOKENS + "inclusive", value)[0] == "bad_value"


def test_labels_keep_scalars_as_they_are_written(tmp_path: Path) -> None:
    additions = "labels: {a: x.a, b: x.b, c: x.c, d: x.d, gone: x.e}"
    found = run(decode(tmp_path, additions, {"x": {"a": True, "b": 1.50, "c": "text", "d": 7}}))
    assert found["labels"] == {"a": "true", "b": "1.5", "c": "text", "d": "7"}
    assert refused(tmp_path, additions, {"x": {"a": []}})[0] == "bad_type"


def test_texts_leave_their_hash_and_go_to_the_payload_lane(tmp_path: Path) -> None:
    event = decode(tmp_path, "texts: {input: p, output: q}", {"p": "ask", "q": ""})
    assert run(event)["input_sha256"] == hashlib.sha256(b"ask").hexdigest()
    assert run(event)["output_sha256"] == hashlib.sha256(b"").hexdigest()
    assert [(text.payload_kind, text.text) for text in event.texts] == [("run_input", "ask"), ("run_output", "")]


def test_messages_land_in_order_with_their_roles(tmp_path: Path) -> None:
    additions = "messages: {from: chat, role: who, content: says, roles: {human: user, bot: assistant}}"
    event = decode(tmp_path, additions, {"chat": [{"who": "human", "says": "é"}, {"who": "bot", "says": None}]})
    found = [(row["seq"], row["role"], row["content_sha256"], row["content_bytes"]) for row in rows(event, "messages")]
    assert found == [(1, "user", hashlib.sha256("é".encode()).hexdigest(), 2), (2, "assistant", None, None)]


@pytest.mark.parametrize(
    ("chat", "reason"),
    [
        ("hi", "bad_type"),
        (["hi"], "bad_type"),
        ([{"role": "robot"}], "bad_enum"),
        ([{"role": ["user"]}], "bad_enum"),
        ([{"role": "user", "content": [1]}], "bad_type"),
    ],
    ids=str,
)
def test_messages_of_another_shape_are_refused(tmp_path: Path, chat: Any, reason: str) -> None:
    assert refused(tmp_path, "messages: {from: chat}", {"chat": chat})[0] == reason


def test_an_error_text_is_an_error_and_an_empty_one_is_none(tmp_path: Path) -> None:
    additions = "errors: [{message: e.text, source: llm_api, phase: llm_call, http_status: e.status}]"
    [error] = rows(decode(tmp_path, additions, {"e": {"text": "overloaded", "status": 529}}), "errors")
    assert error == {
        "error_id": "mine/1/error-1", "run_id": "mine/1", "seq": 1, "source": "llm_api", "phase": "llm_call",
        "http_status": 529, "message": "overloaded",
    }  # fmt: skip
    assert not rows(decode(tmp_path, additions, {"e": {"text": ""}}), "errors")
    assert not rows(decode(tmp_path, additions, {}), "errors")


def test_a_long_error_is_cut_between_characters(tmp_path: Path) -> None:
    additions = "errors: [{message: e, source: s, phase: p}]"
    [error] = rows(decode(tmp_path, additions, {"e": "a" + "é" * 5000}), "errors")
    assert error["message"] == "a" + "é" * 4095


def test_counted_tool_calls_are_a_total_and_labels_not_rows(tmp_path: Path) -> None:
    event = decode(tmp_path, "tool_call_counts: tools", {"tools": {"Read": 2, "Bash": 1}})
    assert run(event)["tool_call_count"] == 3
    assert run(event)["labels"] == {"tool_calls.Bash": "1", "tool_calls.Read": "2"}
    assert not rows(event, "tool_calls")
    assert refused(tmp_path, "tool_call_counts: tools", {"tools": {"Read": -1}})[0] == "bad_type"


def test_keys_that_the_map_does_not_know_are_drift(tmp_path: Path) -> None:
    additions = "  task_id: a.b\nignore: [a.c]\nmessages: {from: chat}"
    value = {"a": {"b": "t", "c": 1, "d": {"e": 1}}, "new": "x", "none": None, "chat": [{"role": "user", "name": "n"}]}
    found = rows(decode(tmp_path, additions, value), "unmapped_fields")
    assert [(row["field_name"], row["field_type"], row["value_sha256"]) for row in found] == [
        ("chat[].name", "array", hashlib.sha256(b'["n"]').hexdigest()),
        ("a.d", "object", hashlib.sha256(b'{"e":1}').hexdigest()),
        ("new", "string", hashlib.sha256(b"x").hexdigest()),
    ]


def test_an_id_is_made_of_declared_fields_and_never_ambiguous(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, BASE.replace("[id]", "[a, b]").replace("{id: any}", "{a: any}"))
    facts = FileFacts(path=head("x", b"").path)
    pairs = [("x/y", "z"), ("x", "y/z"), ("x%2Fy", "z"), ("x", None)]
    found = [log_format.decode(unit({"a": a, "b": b}), facts).event_id for a, b in pairs]
    assert found == ["mine/x%2Fy/z", "mine/x/y%2Fz", "mine/x%252Fy/z", "mine/x/"]


def test_a_unit_without_a_required_key_is_refused(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, BASE)
    with pytest.raises(Rejected) as caught:
        log_format.decode(unit({"other": 1}), FileFacts(path=head("x", b"").path))
    assert (caught.value.reason, caught.value.detail) == ("missing_required", "'id' is missing")


def test_captures_fill_fields_and_templates(tmp_path: Path) -> None:
    text = BASE + "  model: capture:model\n  task_id: {template: '{capture:set}/{id}[/{part}]'}"
    log_format = mapped(tmp_path, text.replace("required:", 'path: "{model}/{set}.jsonl"\nrequired:'))
    [event, other] = decode_file(log_format, "logs/m1/math.jsonl.gz", b'{"id": 1}\n{"id": 2, "part": "b"}\n')
    assert (run(event)["model"], run(event)["task_id"], run(other)["task_id"]) == ("m1", "math/1", "math/2/b")


def test_a_number_in_the_path_is_a_number(tmp_path: Path) -> None:
    text = (BASE + "  attempt: capture:n\n").replace("required:", 'path: "trial_{n}.jsonl"\nrequired:')
    log_format = mapped(tmp_path, text)
    [event] = decode_file(log_format, "trial_12.jsonl", b'{"id": 1}')
    assert run(event)["attempt"] == 12
    with pytest.raises(Rejected, match="attempt: expected a whole number"):
        decode_file(log_format, "trial_last.jsonl", b'{"id": 1}')


FRAMED = """
name: framed
version: "1"
framing: {framing}
required: {{{required}: any}}
event_id: [{required}]
fields: {{agent_id: {{constant: a}}, task_id: {required}, latency_ms: {number}}}
"""


@pytest.mark.parametrize(
    ("framing", "required", "number", "content"),
    [
        ("lines", "id", "n", b'{"id": "x", "n": 1}\n{"id": "y"}\n'),
        ("array", "id", "n", b'[{"id": "x", "n": 1}, {"id": "y"}]'),
        ("object", "key", "value.n", b'{"x": {"n": 1}, "y": {}}'),
        ("csv", "id", "n", b'id,n\nx,1\n"y",\n'),
    ],
)
def test_the_same_runs_are_read_in_any_framing(
    tmp_path: Path, framing: str, required: str, number: str, content: bytes
) -> None:
    log_format = mapped(tmp_path, FRAMED.format(framing=framing, required=required, number=number))
    found = [run(event) for event in decode_file(log_format, "runs.txt", content)]
    assert [(fields["task_id"], fields.get("latency_ms")) for fields in found] == [("x", 1), ("y", None)]


def test_one_document_is_one_run(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, FRAMED.format(framing="document", required="id", number="n"))
    [event] = decode_file(log_format, "run.json", b'\n{"id": "x",\n "n": 1}\n')
    assert run(event)["latency_ms"] == 1


@pytest.mark.parametrize("text", ["1.0", "01", "1e3", "one", " 1"])
def test_text_that_is_no_whole_number_is_refused(tmp_path: Path, text: str) -> None:
    log_format = mapped(tmp_path, FRAMED.format(framing="csv", required="id", number="n"))
    with pytest.raises(Rejected, match="latency_ms"):
        decode_file(log_format, "runs.csv", f"id,n\nx,{text}\n".encode())


@pytest.mark.parametrize(
    ("framing", "content", "said"),
    [
        ("lines", b'{"other": 1}\n', "'id' is missing"),
        ("lines", b"no json\n", "none of its first lines is JSON"),
        ("lines", b"[1]\n", "a JSON array"),
        ("array", b'{"id": 1}', "no JSON array"),
        ("csv", b"a,b\n1,2\n", "'id' is missing"),
        ("document", b'{"id"', "no JSON document"),
    ],
)
def test_a_file_of_another_kind_is_refused_in_words(tmp_path: Path, framing: str, content: bytes, said: str) -> None:
    log_format = mapped(tmp_path, FRAMED.format(framing=framing, required="id", number="n"))
    assert said in (log_format.refusal(head("x", content)) or "")


def test_broken_lines_at_the_beginning_do_not_hide_the_format(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, BASE)
    assert log_format.refusal(head("x", b'{"id": 1,\n{"id": 2}\n')) is None


def test_a_first_line_longer_than_the_head_is_judged_by_its_keys(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, BASE)
    assert log_format.refusal(head("x", b'{"id": "' + b"x" * 100, is_whole=False)) is None
    assert log_format.refusal(head("x", b'{"ID": "' + b"x" * 100, is_whole=False)) == "'id' is missing"


def test_a_path_that_does_not_match_is_refused(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, BASE.replace("required:", 'path: "{m}.log"\nrequired:'))
    assert log_format.refusal(head("x.json", b'{"id": 1}\n')) == "its path does not end like {m}.log"


def test_a_worker_gets_the_same_format(tmp_path: Path) -> None:
    log_format = mapped(tmp_path, BASE)
    copy: MappedFormat = pickle.loads(pickle.dumps(log_format))
    raw = unit({"id": 5})
    facts = FileFacts(path=head("x", b"").path)
    assert (copy.map_sha256, copy.decode(raw, facts)) == (log_format.map_sha256, log_format.decode(raw, facts))


def test_a_map_s_hash_is_of_its_meaning(tmp_path: Path) -> None:
    assert mapped(tmp_path, BASE + "# a remark\n").map_sha256 == mapped(tmp_path, BASE).map_sha256
    assert mapped(tmp_path, BASE + "ignore: [x]\n").map_sha256 != mapped(tmp_path, BASE).map_sha256


def test_content_is_the_parsed_unit(tmp_path: Path) -> None:
    event = decode(tmp_path, "", {"b": 1, "a": [True]})
    assert event.content == {"id": 1, "b": 1, "a": [True]}
    assert msgspec.json.encode(event.content)
