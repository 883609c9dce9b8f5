"""The run an Inspect sample is, and the errors it ended in or went on after."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.conversation import Record, count_of
from dagster_project.formats.inspect.header import Header
from dagster_project.formats.inspect.sample import ErrorDetails, Sample
from dagster_project.formats.inspect.scores import Score, outcome
from dagster_project.formats.inspect.usage import Usage, run_totals, usage_columns
from dagster_project.formats.otlp.errors import top_frame
from dagster_project.formats.shapes import milliseconds
from dagster_project.formats.text_lane import TextLane, capped, json_text

_LIMITS = {
    "context": "limit_context", "time": "limit_time", "working": "limit_time", "token": "limit_token",
    "turn": "limit_turn", "message": "limit_message", "cost": "limit_cost", "operator": "cancelled",
}  # fmt: skip
# An exception is written as Python shows it: RuntimeError('why').
_EXCEPTION = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)\(")
_CANCELLATION = re.compile(r"(?:[a-z_.]*\.)?(?:CancelledError|Cancelled)\(")


def run_record(
    sample: Sample, header: Header, scores: dict[str, Score], children: list[Record], *, run_id: str, lane: TextLane
) -> dict[str, Any]:
    """Columns of the run, its times but durations left to the caller."""
    spec = header.eval
    usages = sample.model_usage or {}
    cost = _cost(list(usages.values()))
    return {
        "run_id": run_id,
        "kind": "benchmark",
        "agent_id": spec.model,
        "model": spec.model,
        "variant_id": spec.solver or None,
        "suite_id": spec.task,
        "suite_version": None if spec.task_version is None else str(spec.task_version),
        "task_id": str(sample.id),
        "attempt": sample.epoch,
        "latency_ms": _duration(sample.total_time, "total_time"),
        "working_ms": _duration(sample.working_time, "working_time"),
        "error_type": _error_type(sample.error),
        "cost_usd": cost,
        "cost_source": "none" if cost is None else "provider",
        "retry_count": None if sample.error_retries is None else len(sample.error_retries),
        "step_count": count_of("steps", children),
        "tool_call_count": count_of("tool_calls", children),
        "input_sha256": lane.add("run_input", _text(sample.input)),
        "output_sha256": lane.add("run_output", _answer(sample)),
        "git_commit": spec.revision.commit if spec.revision else None,
        "config_hash": header.config_hash,
        "labels": header.labels | _labels(sample),
        **run_totals([usage_columns(usage) for usage in usages.values()]),
        **_ending(sample, header, scores),
    }


def error_records(sample: Sample, *, run_id: str, occurred_at: dt.datetime | None) -> list[Record]:
    """The error that ended the sample, and those after which it was tried again."""
    found = [(error, f"{run_id}/error-{at}", True) for at, error in enumerate(sample.error_retries or (), start=1)]
    if sample.error is not None:
        found.append((sample.error, f"{run_id}/error", False))
    return [
        (
            "errors",
            {
                "error_id": error_id, "run_id": run_id, "seq": seq, "source": "agent_runner", "phase": "execute",
                "message": capped(error.message), "error_type": _error_type(error),
                "top_frame": top_frame(error.traceback), "retryable": True if is_retried else None,
                "occurred_at": occurred_at,
            },
        )
        for seq, (error, error_id, is_retried) in enumerate(found)
    ]  # fmt: skip


def _ending(sample: Sample, header: Header, scores: dict[str, Score]) -> dict[str, Any]:
    """How the sample ended, and what it achieved: its score says so, whatever ended it; an error alone is a failure."""
    judged = outcome(scores)
    if sample.error is not None and _CANCELLATION.match(sample.error.message):
        return {"termination": "cancelled", **judged}
    if sample.error is not None:
        is_judged = judged["outcome"] != "unscored"
        return {"termination": "error"} | (judged if is_judged else {"outcome": "failure", "outcome_source": "rule"})
    if sample.limit is not None:
        return {"termination": _LIMITS.get(sample.limit.type, "unknown"), **judged}
    is_cut_off = header.status == "cancelled" and not scores
    return {"termination": "cancelled" if is_cut_off else "completed", **judged}


def _error_type(error: ErrorDetails | None) -> str | None:
    found = _EXCEPTION.match(error.message) if error else None
    return found[1] if found else None


def _labels(sample: Sample) -> dict[str, str]:
    labels = {"sample_uuid": sample.uuid} if sample.uuid else {}
    if sample.limit is not None:
        labels["limit_type"] = sample.limit.type
        if sample.limit.limit is not None:
            labels["limit"] = json_text(sample.limit.limit)
    if sample.invalidation is not None:
        labels["invalidated"] = "true"
    return labels


def _duration(seconds: float | None, field: str) -> int | None:
    if seconds is not None and seconds < 0:
        raise Rejected("bad_number", f"{field} is {seconds}, expected 0 or more")
    return milliseconds(seconds)


def _cost(usages: list[Usage]) -> float | None:
    """The sum over models; unknown while one that was used has no cost."""
    if not usages or any(usage.total_cost is None for usage in usages):
        return None
    return float(sum(Decimal(repr(usage.total_cost)) for usage in usages))


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json_text(value)


def _answer(sample: Sample) -> str | None:
    """The last answer; where the output keeps none, there is none."""
    output = sample.output
    if output is None:
        return None
    if output.completion is not None:
        return output.completion or None
    message = output.choices[0].message if output.choices else None
    return message.content if message is not None and isinstance(message.content, str) and message.content else None
