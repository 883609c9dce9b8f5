"""Langfuse trace exports: `{"trace": ..., "observations": [...]}`, a trace of the API that holds its observations, or
observations alone (see `traceless`).

The run is the trace, known by its id. Observations are exported in any order, so their order is no content: the
same trace exported twice is a duplicate. Scores judge the text, not the task: success is unknown unless a root failed.
"""

import json
import re
from typing import Any

from dagster_project.formats.base import Event, FileFacts, Framing, Head, OwnFormat, Rejected, Unit
from dagster_project.formats.head_values import first_values
from dagster_project.formats.identity import identity
from dagster_project.formats.langfuse.observation import read_observation
from dagster_project.formats.langfuse.observations import observation_records
from dagster_project.formats.langfuse.run import LABELS, Trace, run_fields
from dagster_project.formats.langfuse.scores import score_records
from dagster_project.formats.langfuse.traceless import is_traceless, with_trace
from dagster_project.formats.shapes import shaped
from dagster_project.formats.strict_json import parse_object
from dagster_project.formats.text_lane import TextLane, json_text
from dagster_project.formats.times import parse_instant
from dagster_project.formats.unmapped import KnownKeys

_OPENERS: dict[str, str] = {"document": "{", "lines": "{", "array": "["}
_BEGINNING = re.compile(rb'\[?\s*\{\s*"(?:trace"\s*:\s*\{|observations"\s*:\s*\[)')
_OF_OBSERVATION = b'"traceId"'
TRACE_KEYS = KnownKeys(
    [(key,) for key in (
        "id", "name", "timestamp", "version", "sessionId", "latency", "totalCost", "input", "output", "scores",
        "observations", *LABELS, "createdAt", "updatedAt",
    )]
)  # fmt: skip


class Langfuse(OwnFormat):
    """Format of Langfuse trace exports, one a file."""

    name = "langfuse"
    version = "3"
    framing: Framing = "document"

    def refusal(self, head: Head) -> str | None:
        opener = _OPENERS[self.framing]
        start = head.start.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start.startswith(opener.encode()):
            return f"it does not begin with {opener}"
        values = list(first_values(head, self.framing))
        if self.framing == "document" and _has_two_values(start):
            return "another value follows the first"
        if self.framing == "lines" and head.is_whole and b"\n" not in start.rstrip():
            return "it is one line, which is one document"
        if values:
            is_trace = any(_is_export(value) for value in values)
        elif head.is_whole:
            is_trace = False
        else:
            # The first trace is longer than the head: how it begins must do.
            is_trace = self.framing != "lines" and bool(_BEGINNING.match(start)) and _OF_OBSERVATION in start
        return None if is_trace else "it holds no 'trace' with 'observations'"

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        content = parse_object(unit.raw, limits=self._settings)
        trace_content, observation_contents, extra = _parts(content)
        trace = shaped(trace_content, Trace)
        if not trace.id:
            raise Rejected("missing_required", "trace.id is empty")
        observations = [read_observation(value, run_id=trace.id) for value in observation_contents]
        observations.sort(key=lambda observation: (observation.started_at, observation.id))
        started_at = parse_instant(trace.timestamp, field="trace.timestamp")
        lane = TextLane()
        children = observation_records(observations, run_id=trace.id, lane=lane)
        run = run_fields(trace, trace_content, observations, children, started_at=started_at, lane=lane)
        scores = [*(trace.scores or ()), *(extra.pop("scores", None) or ())]
        records = [
            ("runs", run),
            *children,
            *score_records(scores, run_id=trace.id, lane=lane),
            *TRACE_KEYS.unmapped(trace_content, lane=lane),
            *KnownKeys([]).unmapped(extra, lane=lane),
        ]
        return Event(
            organization_id="default",
            event_id=identity("langfuse", trace.id),
            unit_kind="run",
            event_date=started_at.date(),
            occurred_at=started_at,
            records=records,
            texts=lane.texts,
            content=_content(trace_content, observation_contents, scores),
        )


class LangfuseLines(Langfuse):
    """The same, one a line."""

    name = "langfuse-lines"
    framing: Framing = "lines"


class LangfuseArray(Langfuse):
    """The same, in one array."""

    name = "langfuse-array"
    framing: Framing = "array"


def _has_two_values(start: bytes) -> bool:
    """Whether a value ends within the head and something follows it: then it is a file of lines."""
    text = start.decode("utf-8", "ignore")
    try:
        end = json.JSONDecoder().raw_decode(text)[1]
    except (ValueError, RecursionError):
        return False
    return bool(text[end:].strip())


def _is_export(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("observations"), list):
        return False
    trace = value.get("trace", value)
    return is_traceless(value) or (isinstance(trace, dict) and "id" in trace and "timestamp" in trace)


def _parts(content: dict[str, Any]) -> tuple[dict[str, Any], list[Any], dict[str, Any]]:
    """The trace, its observations, and what else the object holds."""
    observations = content.get("observations")
    if not isinstance(observations, list):
        raise Rejected("missing_required", "observations is no array")
    if is_traceless(content):
        trace, observations = with_trace(observations)
        return trace, observations, {key: value for key, value in content.items() if key != "observations"}
    if "trace" not in content:
        return content, observations, {}
    trace = content["trace"]
    if not isinstance(trace, dict):
        raise Rejected("bad_type", "trace is no object")
    return trace, observations, {key: value for key, value in content.items() if key not in ("trace", "observations")}


def _content(trace: dict[str, Any], observations: list[Any], scores: list[Any]) -> dict[str, Any]:
    """What makes two exports the same: everything but the order of lists that have none."""
    alone = {key: value for key, value in trace.items() if key not in ("observations", "scores")}
    return {
        "trace": alone,
        "observations": sorted(observations, key=lambda value: str(value.get("id"))),
        "scores": sorted(scores, key=json_text),
    }
