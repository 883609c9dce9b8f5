"""Whatever is wrong in a map, the message names the file, the key and what to write instead."""

from pathlib import Path

import pytest

from dagster_project.errors import UsageError
from dagster_project.formats.mapped.files import SHIPPED, read_map

MAP = """
name: mine
version: "1"
framing: lines
path: "{model}/{set}.jsonl"
required: {id: any}
event_id: [capture:model, id]
fields:
  agent_id: capture:model
  attempt: {constant: 1}
  outcome: {from: ok, values: {true: success}}
  outcome_source: {constant: verifier}
  task_id: {template: "{capture:set}/{id}"}
messages: {from: chat}
"""

MISTAKES = [
    ("framing: lines", "framing: line", ["'framing'", "'line'", "Did you mean 'lines'?"]),
    ("name: mine", "nam: mine", ["'nam'", "Did you mean 'name'?"]),
    ("name: mine", "name: My Map", ["'name'", "expected text matching"]),
    ("name: mine", "name: mine\nname: mine", ["line 3", "'name' occurs twice"]),
    ('version: "1"', "version: 1", ["'version'", "expected text, got a whole number"]),
    ("id: any", "id: list", ["'required.id'", "'list'", "array"]),
    ("  attempt:", "  attempts:", ["'fields.attempts'", "Did you mean 'attempt'?"]),
    ("constant: 1", "const: 1", ["'const'", "'fields.attempt'", "Did you mean 'constant'?"]),
    ("constant: 1", "constant: one", ["'fields.attempt'", "expected a whole number"]),
    ("{constant: 1}", "1", ["'fields.attempt'", "expected text or a mapping"]),
    ("{constant: 1}", "{}", ["'fields.attempt'", "exactly one of from, constant, template", "none"]),
    ("{constant: 1}", "{constant: 1, from: n}", ["'fields.attempt'", "from and constant"]),
    ("{constant: 1}", "{constant: 1, null_values: [0]}", ["'fields.attempt'", "a constant takes no"]),
    ("{constant: 1}", "{from: n, unit: date}", ["'fields.attempt.unit'", "'date'"]),
    ("true: success", "true: succes", ["'fields.outcome'", "'succes'", "Did you mean 'success'?"]),
    ("constant: verifier", "constant: verify", ["'fields.outcome_source'", "Did you mean 'verifier'?"]),
    ("  outcome_source: {constant: verifier}\n", "", ["'fields.outcome_source' is missing", "judge"]),
    ("  agent_id: capture:model\n", "", ["'fields.agent_id' is missing"]),
    ("agent_id: capture:model", "agent_id: capture:modle", ["'fields.agent_id'", "'modle'", "Did you mean 'model'?"]),
    ("{capture:set}/{id}", "{capture:sets}/{id}", ["'fields.task_id'", "'sets'", "Did you mean 'set'?"]),
    ("{capture:set}/{id}", "[{id}", ["'fields.task_id.template'", "not closed"]),
    ("{model}/", "{model/", ["'path'", "'{'"]),
    ('path: "{model}/{set}.jsonl"\n', "", ["captures no 'model'", "Add a 'path' template"]),
    ("event_id: [capture:model, id]", "event_id: []", ["'event_id'", "length >= 1"]),
    ("event_id: [capture:model, id]", "event_id: [a..b]", ["'event_id'", "'a..b' is no place"]),
    ("{from: chat}", "{from: chat, roles: {bot: asistant}}", ["'messages.roles'", "Did you mean 'assistant'?"]),
    ("{from: chat}", "{form: chat}", ["'form'", "'messages'", "Did you mean 'from'?"]),
    ("messages:", "errors: [{message: e, source: s}]\nmessages:", ["'phase' is missing", "errors[0]"]),
    ("  attempt: {constant: 1}", "  cache_read_tokens: r", ["'token_convention' is missing", "inclusive"]),
    ("framing: lines", "framing: object", ["of object framing", "'key' or 'value'"]),
    ("framing: lines", "framing: tree", ["of tree framing", "or 'document'"]),
    ("framing: lines", "framing: lines\nchildren: tests", ["'children' does not suit"]),
    ("{constant: 1}", '{from: "n[]"}', ["'fields.attempt'", "a list of values"]),
    ("{constant: 1}", '{from: "n[]", take: summ}', ["'fields.attempt", "'summ'", "Did you mean 'sum'?"]),
    ("{constant: 1}", "{constant: 1, take: sum}", ["'fields.attempt.take' needs 'from'"]),
    ("{constant: 1}", "{from: n, suffix: s, take: sum}", ["take and suffix exclude"]),
    ("{constant: 1}", "{from: []}", ["'fields.attempt"]),
    ('capture:set}/{id}"}', 'capture:set}", add: 1}', ["'fields.task_id.add'", "whole numbers"]),
    (
        "values: {true: success}",
        "cases: [{from: ok, contains: x, is: succes}]",
        ["'succes'", "Did you mean 'success'?"],
    ),
    ("messages:", 'counters: ["u[]"]\nmessages:', ["'counters'", "a list of values"]),
    ("framing: lines", "framing: csv\ncounters: [u]", ["'counters' do not suit", "array or lines"]),
    ("messages:", "cumulative: {flag: ok, order: n}\nmessages:", ["'cumulative.order'", "not in 'event_id'"]),
    (
        "  attempt:",
        "  started_at: t\ncumulative: {flag: ok, order: id}\nlabels:\n  attempt:",
        ["'fields.started_at'", "cumulative"],
    ),
    ("messages:", "event: {type: domian, payload: {a: b}}\nmessages:", ["'domian'", "Did you mean 'domain'?"]),
    ("messages:", "event: {type: domain, payload: {a: b}}\nmessages:", ["messages belongs to a run"]),
    ("messages:", "scores: [{name: a}]\nmessages:", ["'scores'", "'a' has no value"]),
    ("messages:", "scores: [{name: a, value: b, scorer_kind: human_}]\nmessages:", ["Did you mean 'human'?"]),
    ("messages:", "scores: [{name: a, value: b}, {name: a, value: c}]\nmessages:", ["'a' is given twice"]),
    ("messages:", "steps: [{from: l, fields: {knd: {constant: llm}}}]\nmessages:", ["'steps.fields.knd'", "'kind'"]),
    ("messages:", "steps: [{from: l, fields: {kind: {constant: lm}}}]\nmessages:", ["'lm'", "Did you mean 'llm'?"]),
    ("{from: chat}", "{from: chat, speaker: asistant}", ["'messages.speaker'", "Did you mean 'assistant'?"]),
]


def message_of(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_map(path)
    return str(caught.value)


def test_the_map_without_a_mistake_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MAP, encoding="utf-8")
    assert read_map(path).name == "mine"


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_explained(tmp_path: Path, right: str, wrong: str, said: list[str]) -> None:
    assert MAP.count(right) == 1
    message = message_of(tmp_path / "mine.yaml", MAP.replace(right, wrong))
    for words in ["mine.yaml", *said]:
        assert words in message


def test_the_same_thing_said_twice_is_a_mistake(tmp_path: Path) -> None:
    text = MAP.replace("attempt: {constant: 1}", "tool_call_count: n") + "tool_call_counts: t\n"
    assert "say the same" in message_of(tmp_path / "mine.yaml", text)


@pytest.mark.parametrize("text", ["", "- a\n", "just text", "{: :"], ids=repr)
def test_a_file_that_is_no_map_is_explained(tmp_path: Path, text: str) -> None:
    assert "mine.yaml" in message_of(tmp_path / "mine.yaml", text)


def test_a_missing_map_is_explained(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_map(tmp_path / "none.yaml")


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.name)
def test_a_shipped_map_is_named_like_its_file(path: Path) -> None:
    assert read_map(path).name == path.stem
