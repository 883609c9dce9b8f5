"""Langfuse scores: of a trace or of one observation, by a judge, a person or code."""

from typing import Any

import msgspec

from dagster_project.formats.identity import identity
from dagster_project.formats.shapes import shaped
from dagster_project.formats.text_lane import TextLane
from dagster_project.formats.times import parse_instant
from dagster_project.formats.unmapped import KnownKeys

Record = tuple[str, dict[str, Any]]

_SCORER_KINDS = {"EVAL": "llm", "ANNOTATION": "human", "API": "code"}
_KEYS = KnownKeys(
    [
        ("scores", key)
        for key in (
            "id", "name", "value", "stringValue", "dataType", "source", "timestamp", "observationId", "traceId",
            "authorUserId", "configId", "projectId", "environment", "createdAt", "updatedAt",
        )
    ]
)  # fmt: skip


class Score(msgspec.Struct):
    """The fields of a score that are taken. A categorical one has a text, and may have a number too."""

    name: str
    id: str | None = None
    value: float | str | None = None
    string_value: str | None = msgspec.field(default=None, name="stringValue")
    source: str | None = None
    timestamp: str | None = None
    observation_id: str | None = msgspec.field(default=None, name="observationId")
    author_id: str | None = msgspec.field(default=None, name="authorUserId")
    config_id: str | None = msgspec.field(default=None, name="configId")


def score_records(scores: list[Any], *, run_id: str, lane: TextLane) -> list[Record]:
    """A record for each score, by id; its comment and whatever else it says is drift."""
    found: list[Record] = []
    for place, content in enumerate(scores):
        score = shaped(content, Score)
        step_id = None if score.observation_id is None else identity(run_id, score.observation_id)
        found.append(("scores", _score(score, run_id=run_id, step_id=step_id, place=place)))
        found += _KEYS.unmapped({"scores": {key: value for key, value in content.items() if value != ""}}, lane=lane)
    return found


def _score(score: Score, *, run_id: str, step_id: str | None, place: int) -> dict[str, Any]:
    value, label = score.value, score.string_value or None
    if isinstance(value, str):
        value, label = None, label or value
    return {
        "score_id": score.id or identity(run_id, "score", str(place)),
        "target_type": "run" if step_id is None else "step",
        "target_id": step_id or run_id,
        "run_id": run_id,
        "name": score.name,
        "value": value,
        "label": label,
        "scorer": score.author_id or score.config_id,
        "scorer_kind": _SCORER_KINDS.get(score.source or ""),
        "scored_at": None if score.timestamp is None else parse_instant(score.timestamp, field="scores.timestamp"),
    }
