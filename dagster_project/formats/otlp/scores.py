"""Evaluations: `gen_ai.evaluation.result` events of a span, the same attributes on a span of its own, and
OpenInference annotations."""

import re
from typing import Any

from dagster_project.formats.identity import identity
from dagster_project.formats.otlp.conventions import EVALUATION_EVENT, Reader
from dagster_project.formats.otlp.span import Attributes, Span
from dagster_project.formats.text_lane import TextLane
from dagster_project.formats.unmapped import drift

Record = tuple[str, dict[str, Any]]

_NAME, _VALUE, _LABEL = "gen_ai.evaluation.name", "gen_ai.evaluation.score.value", "gen_ai.evaluation.score.label"
_ANNOTATION = re.compile(
    r"((?:trace\.)?(?:annotations|evaluations)\.[0-9]{1,6}\.(?:annotation|evaluation))\.(name|score|label|annotator_kind|identifier)"
)
_KINDS = {"HUMAN": "human", "LLM": "llm", "CODE": "code"}


def score_records(span: Span, reader: Reader, *, lane: TextLane) -> list[Record]:
    """A score for every evaluation: of the run when it is told of the root, else of the step."""
    events = [event for event in span.events if event.name == EVALUATION_EVENT]
    found: list[Record] = []
    for number, event in enumerate(events):
        name = event.attributes.get(_NAME)
        if type(name) is str and name:
            score = _score(span, f"evaluation-{number}", event.attributes)
            found.append(("scores", score | ({"scored_at": event.occurred_at} if event.occurred_at else {})))
        others = {key: value for key, value in event.attributes.items() if key not in (_NAME, _VALUE, _LABEL)}
        found += [drift(f"events.{EVALUATION_EVENT}.{key}", value, lane=lane) for key, value in others.items()]
    if type(reader.attributes.get(_NAME)) is str:
        found.append(("scores", _score(span, "evaluation", reader.attributes)))
        reader.taken |= {_NAME, _VALUE, _LABEL} & reader.attributes.keys()
    return found + _annotations(span, reader)


def _score(span: Span, part: str, attributes: Attributes) -> dict[str, Any]:
    return _target(span, is_of_run=span.parent_span_id is None) | {
        "score_id": identity(span.trace_id, span.span_id, part),
        "name": attributes[_NAME],
        "value": _number(attributes.get(_VALUE)),
        "label": attributes[_LABEL] if type(attributes.get(_LABEL)) is str else None,
        "scored_at": span.ended_at or span.started_at,
    }


def _annotations(span: Span, reader: Reader) -> list[Record]:
    spread: dict[str, Attributes] = {}
    for key, value in reader.attributes.items():
        match = _ANNOTATION.fullmatch(key)
        if match:
            spread.setdefault(match[1], {})[match[2]] = value
            reader.taken.add(key)
    found: list[Record] = []
    for place, annotation in sorted(spread.items()):
        is_of_run = place.startswith("trace.") or span.parent_span_id is None
        score = _target(span, is_of_run=is_of_run) | {
            "score_id": identity(span.trace_id, span.span_id, place),
            "name": str(annotation.get("name") or "annotation"),
            "value": _number(annotation.get("score")),
            "label": annotation["label"] if type(annotation.get("label")) is str else None,
            "scorer": annotation["identifier"] if type(annotation.get("identifier")) is str else None,
            "scorer_kind": _KINDS.get(str(annotation.get("annotator_kind"))),
            "scored_at": span.ended_at or span.started_at,
        }
        found.append(("scores", score))
    return found


def _target(span: Span, *, is_of_run: bool) -> dict[str, Any]:
    if is_of_run:
        return {"target_type": "run", "target_id": span.trace_id, "run_id": span.trace_id}
    return {"target_type": "step", "target_id": span.span_id, "run_id": span.trace_id}


def _number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) else None
