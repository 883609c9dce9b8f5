"""A file that is almost of a format is refused by every one, and its own says in words what is missing.

Each is what someone would really hand in: another tool's log of the same look, a part of a document, a request
instead of a conversation.
"""

import json

import pytest

from dagster_project.formats.registry import load_formats
from tests.formats.units import LIMITS, head

FORMATS = load_formats(LIMITS)


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def document(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


NEAR_MISSES = [
    # name of the case, the file, the format it is almost of, what that format says
    ("chat history of another agent", "tasks/t1.json",
     document({"task_id": "t1", "history": [{"role": "user", "content": "hi", "agent": "main"}], "grade": 1}),
     "swe-agent", "'grade' beside 'history'"),
    ("actions without observations", "run/t1.traj", document({"trajectory": [{"action": "ls"}]}),
     "swe-agent", "no 'observation'"),
    ("attributes of a span alone", "span.json", document({"gen_ai.operation.name": "chat", "gen_ai.system": "x"}),
     "otlp-json", "no resourceSpans"),
    ("measurements", "metrics.json", document({"resourceMetrics": [{"scopeMetrics": []}]}),
     "otlp-json", "no resourceSpans"),
    ("rows of a table of traces", "traces.json", document({"traces": [{"id": "t"}], "observations": []}),
     "langfuse", "no 'trace' with 'observations'"),
    ("chat template rendering", "x.chatml.json", document([{"input": [{"role": "user"}], "output": []}]),
     "langfuse-array", "trace"),
    ("rollout of another coding agent", "rollout-1.jsonl",
     lines({"timestamp": "2026-01-02T03:04:05Z", "type": "session_meta", "payload": {"id": "s"}}),
     "claude-code", "'type' and a 'sessionId'"),
    ("a log lines list that is none", "session.json", document({"loglines": {"0": {"type": "user"}}}),
     "claude-code-export", "array 'loglines'"),
    ("a request to be run in a batch", "requests.jsonl",
     lines({"custom_id": "r1", "method": "POST", "url": "/v1/embeddings", "body": {"model": "m", "input": "hi"}}),
     "openai-chat", "'messages'"),
    ("prompt and completion", "tune.jsonl", lines({"prompt": "2+2", "completion": "4"}), "openai-chat", "'messages'"),
    ("a trajectory of another schema", "trajectory.json",
     document({"schema_version": "OTHER-v1", "session_id": "s", "agent": {"name": "a", "version": "1"}, "steps": []}),
     "atif", "'schema_version'"),
    ("the result of a whole job", "result.json",
     document({"id": "j", "started_at": "2026-01-02T03:04:05", "n_total_trials": 3, "stats": {}}),
     "harbor-result", "of a Harbor job"),
    ("a task's definition", "tasks.json", document([{"task_id": 0, "trial": 0, "instruction": "book"}]),
     "tau-bench", "reward"),
    ("simulations without simulations", "results.json", document({"timestamp": "x", "info": {}, "tasks": []}),
     "tau2-bench", "'simulations'"),
    ("a run's settings", "log.json", document({"version": 2, "eval": {"task": "t"}}),
     "inspect-json", "'eval' with 'task', 'model'"),
    ("a page of results", "mini.traj.json", document({"info": {"exit_status": "Submitted"}, "trajectory_format": "x"}),
     "mini-swe-agent", "'trajectory_format' or 'info'"),
    ("events of another runtime", "events.jsonl",
     lines({"event_id": "e1", "event_type": "bootstrap_start", "timestamp": "2026-01-02T03:04:05Z", "payload": {}}),
     "native", "an event_type of ours"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "content", "name", "said"), [case[1:] for case in NEAR_MISSES], ids=[case[0] for case in NEAR_MISSES]
)
def test_a_near_miss_is_refused_by_all_and_told_why(path: str, content: bytes, name: str, said: str) -> None:
    refusals = {each.name: each.refusal(head(path, content)) for each in FORMATS}
    assert [taker for taker, reason in refusals.items() if reason is None] == []
    assert said in (refusals[name] or "")


def test_every_refusal_is_a_sentence_that_holds_no_more_than_it_should() -> None:
    hostile = json.dumps({"x" * 5000: "\x1b[31m" * 50, "messages": "\0", "history": 1}).encode()
    for each in FORMATS:
        reason = each.refusal(head("a.json", hostile))
        assert reason is not None and reason.isprintable() and 10 < len(reason) < 300, (each.name, reason)
