"""Harbor's `result.json` of a trial: who ran which task, how it was judged, what it cost.

A run is the trial, known by its name (unique by Harbor's own suffix); the trajectory in the trial's folder folds into
the same run. Token convention: inclusive (`n_cache_tokens` are part of `n_input_tokens`).
"""

from typing import Any

import msgspec

from dagster_project.formats.base import Event, FileFacts, Framing, Head, Unit
from dagster_project.formats.conversation import Record
from dagster_project.formats.head_values import CUT_OFF, first_members
from dagster_project.formats.identity import identity
from dagster_project.formats.mapped.tokens import total_tokens
from dagster_project.formats.shapes import elapsed_ms, local_instant, shaped
from dagster_project.formats.strict_json import parse_object
from dagster_project.formats.text_lane import TextLane, capped
from dagster_project.formats.unmapped import KnownKeys
from dagster_project.settings import Settings

# What else an exception's name says of how the run ended; any other is an error.
_TERMINATIONS = {
    "AgentTimeoutError": "limit_time", "AgentSetupTimeoutError": "limit_time", "CancelledError": "cancelled",
    "KeyboardInterrupt": "cancelled", "ContextLengthExceededError": "limit_context",
    "OutputLengthExceededError": "limit_token",
}  # fmt: skip
_PHASES = ("environment_setup", "agent_setup", "agent_execution", "verifier")


class ModelInfo(msgspec.Struct):
    name: str | None = None
    provider: str | None = None


class AgentInfo(msgspec.Struct):
    name: str
    version: str | None = None
    model_info: ModelInfo | None = None


class AgentResult(msgspec.Struct):
    n_input_tokens: int | None = None
    n_cache_tokens: int | None = None
    n_output_tokens: int | None = None
    cost_usd: float | None = None


class VerifierResult(msgspec.Struct):
    rewards: dict[str, float] | None = None


class ExceptionInfo(msgspec.Struct):
    exception_type: str | None = None
    exception_message: str | None = None
    occurred_at: str | None = None


class Phase(msgspec.Struct):
    started_at: str | None = None
    finished_at: str | None = None


class TrialResult(msgspec.Struct):
    task_name: str
    trial_name: str
    agent_info: AgentInfo
    id: str | None = None
    source: str | None = None
    task_checksum: str | None = None
    agent_result: AgentResult | None = None
    verifier_result: VerifierResult | None = None
    exception_info: ExceptionInfo | None = None
    started_at: str | None = None
    finished_at: str | None = None
    environment_setup: Phase | None = None
    agent_setup: Phase | None = None
    agent_execution: Phase | None = None
    verifier: Phase | None = None


def _places(name: str, shape: type[msgspec.Struct]) -> list[tuple[str, ...]]:
    return [(name, field) for field in shape.__struct_fields__]


_KNOWN = KnownKeys(
    [
        ("id",), ("task_name",), ("trial_name",), ("source",), ("task_checksum",), ("started_at",), ("finished_at",),
        ("agent_info", "name"), ("agent_info", "version"), ("verifier_result", "rewards"),
        ("agent_info", "model_info", "name"), ("agent_info", "model_info", "provider"),
        *_places("agent_result", AgentResult), *_places("exception_info", ExceptionInfo),
        *(place for phase in _PHASES for place in _places(phase, Phase)),
    ]
)  # fmt: skip


class HarborResult:
    """Format of trial results."""

    name = "harbor-result"
    version = "2"
    framing: Framing = "document"
    map_sha256: str | None = None

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def refusal(self, head: Head) -> str | None:
        members = first_members(head)
        if "n_total_trials" in members:
            return "it is the result of a Harbor job, not of a trial"
        missing = [key for key in ("task_name", "trial_name") if not isinstance(members.get(key), str)]
        if missing:
            return f"its object has no text {missing[0]!r}"
        is_cut = any(value is CUT_OFF for value in members.values())
        return None if "agent_info" in members or is_cut else "its object has no 'agent_info'"

    def facts(self, head: Head) -> FileFacts:
        return FileFacts(path=head.path)

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        content = parse_object(unit.raw, limits=self._settings)
        result = shaped(content, TrialResult)
        run_id = identity("harbor", result.trial_name)
        event_id = identity("harbor-result", result.trial_name)
        lane = TextLane()
        run: dict[str, Any] = {"run_id": run_id} | _run(result)
        started_at, at = run["started_at"], run["ended_at"] or run["started_at"]
        return Event(
            organization_id="default", event_id=event_id, unit_kind="run",
            event_date=started_at.date() if started_at else at.date() if at else None, occurred_at=at,
            records=[
                ("runs", {name: value for name, value in run.items() if value is not None}),
                *_scores(result, run_id=run_id),
                *_errors(result, run_id=run_id),
                *_KNOWN.unmapped(content, lane=lane),
            ],
            texts=lane.texts, content=content,
        )  # fmt: skip


def _run(result: TrialResult) -> dict[str, Any]:
    started_at = local_instant(result.started_at, field="started_at")
    ended_at = local_instant(result.finished_at, field="finished_at")
    working = result.agent_execution or Phase()
    model = result.agent_info.model_info or ModelInfo()
    used = result.agent_result or AgentResult()
    tokens = {
        "input_tokens": used.n_input_tokens, "cache_read_tokens": used.n_cache_tokens,
        "output_tokens": used.n_output_tokens,
    }  # fmt: skip
    labels = {"trial_name": result.trial_name, "trial_id": result.id, "task_checksum": result.task_checksum}
    return {
        "kind": "benchmark",
        "suite_id": result.source or "harbor",
        "task_id": result.task_name,
        "agent_id": result.agent_info.name,
        # Harbor's own word for one that nobody told.
        "agent_version": None if result.agent_info.version == "unknown" else result.agent_info.version,
        "model": model.name,
        "provider": model.provider,
        "started_at": started_at,
        "ended_at": ended_at,
        "latency_ms": elapsed_ms(started_at, ended_at),
        "working_ms": elapsed_ms(
            local_instant(working.started_at, field="agent_execution.started_at"),
            local_instant(working.finished_at, field="agent_execution.finished_at"),
        ),
        "time_quality": "exact" if started_at or ended_at else "sequence_only",
        "cost_usd": used.cost_usd,
        "cost_source": "none" if used.cost_usd is None else "provider",
        "labels": {name: text for name, text in labels.items() if text},
    } | _judged(result) | total_tokens(
        {name: value for name, value in tokens.items() if value is not None}, convention="inclusive"
    )  # fmt: skip


def _judged(result: TrialResult) -> dict[str, Any]:
    """The reward decides; without one an exception is a failure and a trial without either was not judged."""
    error = result.exception_info
    termination = "completed" if error is None else _TERMINATIONS.get(error.exception_type or "", "error")
    rewards = (result.verifier_result.rewards if result.verifier_result else None) or {}
    reward = rewards.get("reward", next(iter(rewards.values())) if len(rewards) == 1 else None)
    ended = {"termination": termination, "error_type": error.exception_type if error else None}
    if reward is None:
        is_failure = termination in ("error", "limit_time", "limit_context", "limit_token")
        return ended | {"outcome": "failure" if is_failure else "unscored"}
    if not 0 <= reward <= 1:
        # A speed-up or a penalty, say: a score keeps it, but it is no share of success.
        return ended | {"outcome": "unscored"}
    outcome = "success" if reward == 1 else "partial" if reward > 0 else "failure"
    return ended | {"outcome": outcome, "outcome_value": reward, "outcome_source": "verifier"}


def _scores(result: TrialResult, *, run_id: str) -> list[Record]:
    rewards = (result.verifier_result.rewards if result.verifier_result else None) or {}
    return [
        ("scores", {"score_id": f"{run_id}/{name}", "target_type": "run", "target_id": run_id, "run_id": run_id,
                    "name": name, "value": value, "scorer": "harbor", "scorer_kind": "code"})
        for name, value in sorted(rewards.items())
    ]  # fmt: skip


def _errors(result: TrialResult, *, run_id: str) -> list[Record]:
    """The trial's exception, in the phase that had begun and not ended when it was raised."""
    raised = result.exception_info
    if raised is None:
        return []
    begun = [phase for phase in _PHASES if getattr(result, phase) is not None]
    error = {
        "error_id": f"{run_id}/error", "run_id": run_id, "source": "agent_runner",
        "phase": begun[-1] if begun else "execute",
        "message": capped(raised.exception_message or raised.exception_type or "unknown"),
        "error_type": raised.exception_type,
        "occurred_at": local_instant(raised.occurred_at, field="exception_info.occurred_at"),
    }  # fmt: skip
    return [("errors", {name: value for name, value in error.items() if value is not None})]
