"""Inspect scores, and what they make of a run: C, I, P and N and whatever else Inspect takes for a number."""

import math
import re
from typing import Any

import msgspec

from dagster_project.formats.identity import identity
from dagster_project.formats.shapes import shaped
from dagster_project.formats.text_lane import json_text
from dagster_project.formats.times import parse_instant

Record = tuple[str, dict[str, Any]]

_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_UNCHANGED = "UNCHANGED"
# A sample of a log that predates named scores.
_NAMELESS = "scorer"


class Provenance(msgspec.Struct):
    timestamp: str | None = None
    author: str | None = None


class Edit(msgspec.Struct):
    value: Any = _UNCHANGED
    provenance: Provenance | None = None


class Score(msgspec.Struct):
    value: Any = None
    history: list[Edit] = []


def read_scores(scores: dict[str, Any] | None, nameless: Any) -> dict[str, Score]:
    """The sample's scores by scorer, in order; a bare value is a score of that value."""
    found = dict(scores or {})
    if nameless is not None and not found:
        found[_NAMELESS] = nameless
    return {
        name: shaped(score, Score) if isinstance(score, dict) else Score(value=score)
        for name, score in found.items()
        if score is not None
    }


def outcome(scores: dict[str, Score]) -> dict[str, Any]:
    """Outcome columns by the first score that is one value on the scale from 0 to 1; unscored without one."""
    for name, score in scores.items():
        value = as_number(score.value)
        if value is not None and 0 <= value <= 1:
            word = "success" if value == 1 else "failure" if value == 0 else "partial"
            return {"outcome": word, "outcome_value": value, "outcome_source": _source(name)}
    return {"outcome": "unscored"}


def as_number(value: Any) -> float | None:
    """The number Inspect's metrics take the value for; None where they would guess."""
    if isinstance(value, bool | int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    if value in _LETTERS:
        return _LETTERS[value]
    word = value.lower()
    if word in _WORDS:
        return _WORDS[word]
    number = float(word) if _NUMBER.fullmatch(word) else math.inf
    return number if math.isfinite(number) else None


def score_records(scores: dict[str, Score], *, run_id: str) -> list[Record]:
    """A record for each score, for each key of one that is an object, and for each edit, which supersedes."""
    found: list[Record] = []
    for name, score in scores.items():
        previous: dict[str, str] = {}
        for number, (value, provenance) in enumerate(_states(score)):
            for part, part_value in _parts(value):
                full_name = name if part is None else f"{name}.{part}"
                score_id = identity(run_id, "score", name, part or "", str(number))
                record = _record(full_name, part_value, scorer=name, run_id=run_id)
                record |= {"score_id": score_id, "supersedes_score_id": previous.get(full_name)}
                if provenance is not None:
                    record |= _by(provenance)
                previous[full_name] = score_id
                found.append(("scores", record))
    return found


def _states(score: Score) -> list[tuple[Any, Provenance | None]]:
    """Every value the score had, the original first; one that was never edited has one."""
    if len(score.history) < 2:
        return [(score.value, None)]
    states: list[tuple[Any, Provenance | None]] = []
    value: Any = None
    for edit in score.history:
        value = value if edit.value == _UNCHANGED else edit.value
        states.append((value, edit.provenance))
    return states


def _parts(value: Any) -> list[tuple[str | None, Any]]:
    return list(value.items()) if isinstance(value, dict) else [(None, value)]


def _record(name: str, value: Any, *, scorer: str, run_id: str) -> dict[str, Any]:
    label = value if isinstance(value, str) else json_text(value) if isinstance(value, list) else None
    return {
        "target_type": "run", "target_id": run_id, "run_id": run_id, "name": name, "value": as_number(value),
        "label": label, "scorer": scorer, "scorer_kind": "llm" if _source(scorer) == "judge" else "code",
    }  # fmt: skip


def _by(provenance: Provenance) -> dict[str, Any]:
    at = provenance.timestamp
    when = {} if at is None else {"scored_at": parse_instant(at, field="provenance.timestamp")}
    return when | {"scorer": provenance.author or "edit", "scorer_kind": "human"}


def _source(scorer: str) -> str:
    """Inspect's model-graded scorers are judges; any other is taken for code."""
    return "judge" if "model_graded" in scorer else "verifier"
