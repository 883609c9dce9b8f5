"""Conversations as landed rows: a plain module of values, and how to publish them.

`LEDGER_RUNS` is the world of most tests here. Every run is there for a stated reason.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagster_project.publishing.build import BuildResult
from dagster_project.publishing.publish import publish
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from tests.landed_rows import build_warehouse, land_rows

CONSENT = [
    {"organization_id": None, "source": None, "allow_training": True, "keep_payloads": False, "specificity": 0},
    {"organization_id": "closed", "source": None, "allow_training": False, "keep_payloads": True, "specificity": 2},
]
MODELS = (
    "+sft_examples", "+preference_pairs", "+export_refusals", "+example_tool_calls", "+messages", "+tool_calls",
    "+agent_runs", "+warehouse_build", "+landing_ledger", "+error_occurrences", "+protected_prompts",
    "+unpaired_examples", "+task_prompts",
)  # fmt: skip


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Call:
    """One tool call of an assistant's message, and the answer that follows (None: there is none)."""

    id: str
    name: str = "lookup"
    arguments: str = '{"ticket":7}'
    answer: str | None = "found"
    status: str = "ok"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: who spoke in turn. A turn is (role, content) or (role, content, calls)."""

    run_id: str
    turns: tuple[tuple, ...]
    outcome: str = "success"
    task_id: str | None = "t1"
    organization_id: str = "acme"
    facts: Mapping[str, Any] = field(default_factory=dict)
    keep_texts: bool = True
    given: str | None = None
    handed_in: str | None = None
    verdicts: tuple[tuple, ...] = ()
    """(name, value, label, scorer_kind, what the scorer printed)."""


def landed_tables(runs: Iterable[Run]) -> dict[str, list[dict[str, Any]]]:
    """Rows of every landed table for these runs."""
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("runs", "messages", "tool_calls", "scores", "payloads")
    }
    for run in runs:
        _add(tables, run)
    return tables


def _add(tables: dict[str, list[dict[str, Any]]], run: Run) -> None:
    ids = {"organization_id": run.organization_id, "run_id": run.run_id}
    texts: list[str] = []
    seq = calls_made = 0
    for role, content, *calls in run.turns:
        seq += 1
        made = list(calls[0]) if calls else []
        texts += [] if content is None else [content]
        message = {**ids, "event_id": f"{run.run_id}/message/{seq}", "seq": seq, "role": role}
        message |= {"content_sha256": None if content is None else sha256(content)}
        tables["messages"].append(message | {"tool_call_ids": [call.id for call in made] or None})
        for call in made:
            calls_made += 1
            texts += [call.arguments, *([] if call.answer is None else [call.answer])]
            row = {**ids, "event_id": f"{run.run_id}/call/{calls_made}", "seq": calls_made, "tool_call_id": call.id}
            row |= {"tool_name": call.name, "arguments_sha256": sha256(call.arguments), "status": call.status}
            tables["tool_calls"].append(row | {"result_sha256": None if call.answer is None else sha256(call.answer)})
        for call in (call for call in made if call.answer is not None):
            seq += 1
            answer = {**ids, "event_id": f"{run.run_id}/message/{seq}", "seq": seq, "role": "tool"}
            tables["messages"].append(
                answer | {"content_sha256": sha256(call.answer or ""), "tool_call_ids": [call.id]}
            )
    tables["runs"].append(_run_row(run, ids))
    texts += [text for text in (run.given, run.handed_in) if text is not None]
    for name, value, label, scorer_kind, printed in run.verdicts:
        score = {**ids, "event_id": f"{run.run_id}/{name}", "score_id": f"{run.run_id}/{name}", "target_type": "run"}
        score |= {"name": name, "value": value, "label": label, "scorer_kind": scorer_kind}
        tables["scores"].append(score | {"target_id": run.run_id, "output_sha256": printed and sha256(printed)})
        texts += [] if printed is None else [printed]
    if run.keep_texts:
        tables["payloads"] += [_payload(run.organization_id, text) for text in texts]


def _run_row(run: Run, ids: dict[str, str]) -> dict[str, Any]:
    facts = {
        "event_id": run.run_id,
        "kind": "benchmark" if run.task_id else "agent",
        "agent_id": "clerk",
        "model": "cedar-1",
        "suite_id": "desk" if run.task_id else None,
        "task_id": run.task_id,
        "termination": "completed",
        "outcome": run.outcome,
        "outcome_source": "verifier",
    }
    hashes = {"input_sha256": run.given and sha256(run.given), "output_sha256": run.handed_in and sha256(run.handed_in)}
    return {**ids, **facts, **hashes, **run.facts}


def _payload(organization_id: str, text: str) -> dict[str, Any]:
    return {
        "organization_id": organization_id,
        "sha256": sha256(text),
        "payload_kind": "message",
        "text": text,
        "byte_count": len(text.encode()),
        "consent": "flag",
    }


def publish_runs(settings: Settings, runs: Iterable[Run], *, declared: Mapping[str, Any] | None = None) -> None:
    """Land the runs, build the models an export reads, and publish them."""
    land_rows(settings, landed_tables(runs))
    publish_landed(settings, declared=declared)


def publish_landed(settings: Settings, *, declared: Mapping[str, Any] | None = None, snapshot_number: int = 1) -> None:
    """Build and publish whatever is landed."""
    build_id = f"{snapshot_number:032x}"
    build = {"build_id": build_id, "snapshot_number": snapshot_number, "snapshot_sha256": "a" * 64}
    rows = {"consent": CONSENT, "build": [build], **(declared or {})}
    # Tests that also read models which are not built here are left out.
    selection = ("--select", *MODELS, "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")
    finished = build_warehouse(settings, ("build", *selection), declared=rows)
    assert finished.returncode == 0, finished.stdout[-3000:]
    result = BuildResult(
        build_id=build_id,
        warehouse_file=warehouse_file(settings),
        failures=(),
        warnings=(),
        model_count=1,
        test_count=1,
    )
    publish(settings, result)


SYSTEM = ("system", "You run a help desk.")
ASKED = ("user", "What is the state of ticket 7?")

ISSUE = "The queue of the printer drops every fifth job. Please mend it."
WISH = "Let the queue of the scanner hold more than one sheet, and say so in the manual of the office."
PATCH = "diff --git a/queue.py b/queue.py\n--- a/queue.py\n+++ b/queue.py\n@@ -1 +1 @@\n-LIMIT = 5\n+LIMIT = {limit}\n"

ASKED_FOR = {"thresholds": [{"name": "export_same_state_pairs", "value": 1.0}]}

LEDGER_RUNS = (
    # A success and a failure of one task that part at their first assistant turn: one pair.
    Run(run_id="good", turns=(
        SYSTEM, ASKED, ("assistant", None, [Call(id="c1", answer="closed")]), ("assistant", "It is closed."),
        ("user", "Thanks!"),
    )),
    Run(run_id="bad", outcome="failure", turns=(SYSTEM, ASKED, ("assistant", "I do not know."))),
    # Another success of that task, dearer in warnings: not the best, and the second chosen side.
    Run(run_id="good-again", facts={"retry_count": 2}, turns=(
        SYSTEM, ASKED, ("assistant", "Let me look.", [Call(id="c1", answer="closed")]), ("assistant", "Closed."),
    )),
    # A task of its own: the same call id three times, an empty answer, and a turn that ends in a call.
    Run(run_id="reuse", task_id="t2", turns=(
        ("user", "Look three times."),
        ("assistant", "One.", [Call(id="x", answer="")]),
        ("assistant", None, [Call(id="x", name="search", arguments='{"q": "a b"}'), Call(id="y")]),
        ("assistant", None, [Call(id="x", name="close", answer="done")]),
    )),
    # The same conversation as an earlier run, under another task: an exact duplicate.
    Run(run_id="twin-a", task_id="t3", turns=(("user", "Hello"), ("assistant", "Hello! How can I help?"))),
    Run(run_id="twin-b", task_id="t4", turns=(("user", "Hello"), ("assistant", "Hello! How can I help?"))),
    # A failure whose task has no success: it has no partner, and is the one wrong turn of its dataset.
    Run(run_id="lost", task_id="t13", outcome="failure", turns=(ASKED, ("assistant", "There is no such desk here."))),
    # Two successes of one task, one at half the price; the dear one made good what had failed.
    Run(run_id="cheap", task_id="t14", facts={"cost_usd": 0.5, "cost_source": "provider"}, turns=(
        ("user", "Please order a chair for room nine."), ("assistant", "Ordered, it comes on Monday morning."),
    )),
    Run(run_id="dear", task_id="t14", facts={"cost_usd": 1.0, "cost_source": "provider"}, turns=(
        ("user", "Please order a chair for room nine."),
        ("assistant", "I try.", [Call(id="o1", name="order", answer="no such room", status="error")]),
        ("assistant", "With the floor.", [Call(id="o2", name="order", arguments='{"room":"2-9"}', answer="ok")]),
        ("assistant", "The chair is on its way to the second floor, and you need not do anything else."),
    )),
    # Runs of a coding agent that log no messages: what they were given, and the patch they handed in.
    Run(run_id="patch-good", task_id="t15", turns=(), given=ISSUE, handed_in=PATCH.format(limit=8)),
    Run(run_id="patch-bad", task_id="t15", turns=(), outcome="failure", given=ISSUE, handed_in=PATCH.format(limit=4)),
    # Two talks with a traveller: other words, but the same call and answer before the two part.
    Run(run_id="booked", task_id="t16", turns=(
        ("user", "I need my flight changed, please."),
        ("assistant", None, [Call(id="f1", name="find", answer="AB12")]),
        ("assistant", "Which day?"), ("user", "Next Monday."),
        ("assistant", None, [Call(id="f2", name="book", arguments='{"day":"monday"}', answer="seat 4")]),
        ("assistant", "You fly on Monday."),
    )),
    Run(run_id="cancelled", task_id="t16", outcome="failure", turns=(
        ("user", "Could somebody move my journey?"),
        ("assistant", None, [Call(id="g1", name="find", answer="AB12")]),
        ("assistant", "I take it back.", [Call(id="g2", name="cancel", answer="gone")]),
        ("assistant", "There is no journey any more."),
    )),
    # The same call as `booked` but for a blank: nothing to prefer.
    Run(run_id="booked-in-vain", task_id="t16", outcome="failure", turns=(
        ("user", "Move my flight, will you?"),
        ("assistant", None, [Call(id="h1", name="find", answer="AB12")]),
        ("assistant", None, [Call(id="h2", name="book", arguments='{"day": "monday"}', answer="full")]),
        ("assistant", "There was no seat."),
    )),
    # Patches of which the logs know no outcome: one was merged, the other failed its tests and was refused.
    Run(
        run_id="patch-merged", task_id="t17", turns=(), outcome="unscored", given=WISH,
        handed_in=PATCH.format(limit=16),
        facts={"outcome_source": None}, verdicts=(
            ("verification", 1.0, None, "code", "4 passed, see ann@example.org"),
            ("pr_outcome", 1.0, "merged", "code", None),
            ("review", 1.0, "small and clear", "human", None),
        ),
    ),
    Run(run_id="patch-refused", task_id="t17", turns=(), outcome="success", given=WISH, handed_in=PATCH.format(limit=2),
        facts={"outcome_source": "self"}, verdicts=(
            ("verification", 0.0, None, "code", "1 failed"), ("review", 0.0, "breaks the queue", "human", None),
        )),
    # Refused, one for each reason.
    Run(run_id="own-word", task_id="t5", facts={"outcome_source": "self"}, turns=(ASKED, ("assistant", "Done."))),
    Run(run_id="no-text", task_id="t6", keep_texts=False, turns=(ASKED, ("assistant", "Kept nowhere."))),
    Run(run_id="mute", task_id="t7", turns=(SYSTEM, ASKED)),
    Run(run_id="unanswered", task_id="t8", turns=(ASKED, ("assistant", None, [Call(id="z", answer=None)]))),
    Run(run_id="closed-shop", task_id="t9", organization_id="closed", turns=(ASKED, ("assistant", "Not for you."))),
    Run(run_id="silent", task_id="t10", turns=()),
    Run(run_id="monologue", task_id="t11", turns=(("assistant", "I start."), ("user", "Why?"))),
    # Selected by the facts, refused by the text: the arguments are no JSON object.
    Run(run_id="bad-arguments", task_id="t12", turns=(
        ASKED, ("assistant", None, [Call(id="c", arguments="[1]")]), ("assistant", "There."),
    )),
)  # fmt: skip


def read_json_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
