"""Langfuse observations, each for itself: a line of the blob storage export, or of the newer API.

The export spells keys with underscores, times without a zone (UTC), and what is not set as an empty text; the API
spells them as trace exports do. A trace's observations lie in any number of files and in any order, so that each speaks
only for itself: the run is what a root says, and steps are numbered by the microsecond of their beginning.
"""

import datetime as dt
from typing import Any

from dagster_project.formats.base import Event, FileFacts, Framing, Head, OwnFormat, Rejected, Unit
from dagster_project.formats.head_values import first_values
from dagster_project.formats.identity import identity
from dagster_project.formats.langfuse.export import TRACE_KEYS
from dagster_project.formats.langfuse.exported_names import NAMES, as_the_api_names
from dagster_project.formats.langfuse.observation import Observation, read_observation
from dagster_project.formats.langfuse.observations import records_of
from dagster_project.formats.langfuse.run import Trace, run_fields
from dagster_project.formats.langfuse.traceless import with_trace
from dagster_project.formats.shapes import shaped
from dagster_project.formats.strict_json import parse_object
from dagster_project.formats.text_lane import TextLane

_EPOCH = dt.datetime(1970, 1, 1)
_ROOT_TEXTS = frozenset({"input", "output"})
# Of a trace with several observations, a root alone cannot tell these.
_OF_WHOLE_TRACE = ("cost_usd", "cost_source", "step_count", "tool_call_count")


class LangfuseObservationLines(OwnFormat):
    """Format of observations, one a line."""

    name = "langfuse-observations"
    version = "2"
    framing: Framing = "lines"

    def refusal(self, head: Head) -> str | None:
        values = [value for value in first_values(head, self.framing) if isinstance(value, dict)]
        if any({"id", "type", "traceId", "startTime"} <= {NAMES.get(key, key) for key in value} for value in values):
            return None
        # The first line is longer than the head: how it begins must do.
        is_cut = not values and not head.is_whole and head.start.lstrip().startswith(b"{")
        is_begun = is_cut and all(f'"{key}"'.encode() in head.start for key in ("trace_id", "start_time", "type"))
        return None if is_begun else "none of its first lines is an observation with a trace, a type and a start"

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        content = as_the_api_names(parse_object(unit.raw, limits=self._settings))
        trace_id = content.get("traceId")
        if not isinstance(trace_id, str):
            raise Rejected("missing_required", "trace_id is missing")
        trace_content, [own] = with_trace([content])
        is_root = content.get("parentObservationId") is None
        if not is_root and "version" in content:
            own["version"] = content["version"]  # its own; a root's is the run's
        each = read_observation(own, run_id=trace_id)
        seq = (each.started_at - _EPOCH) // dt.timedelta(microseconds=1)
        lane = TextLane()
        taken = _ROOT_TEXTS if is_root else frozenset()
        records = records_of(each, run_id=trace_id, seq=seq, calls=(seq, seq), lane=lane, taken=taken)
        if is_root:
            trace_content |= {key: content[key] for key in _ROOT_TEXTS if key in content}
            records += [("runs", _run(trace_content, each, lane=lane)), *TRACE_KEYS.unmapped(trace_content, lane=lane)]
        return Event(
            organization_id="default", event_id=identity("langfuse", trace_id, each.id), unit_kind="observation",
            event_date=each.started_at.date(), occurred_at=each.started_at, records=records, texts=lane.texts,
            content={key: value for key, value in content.items() if key not in ("createdAt", "updatedAt")},
        )  # fmt: skip


class LangfuseObservationArray(LangfuseObservationLines):
    """The same, in one array."""

    name = "langfuse-observations-array"
    framing: Framing = "array"


def _run(trace_content: dict[str, Any], root: Observation, *, lane: TextLane) -> dict[str, Any]:
    """The run as its root tells it."""
    trace = shaped(trace_content, Trace)
    run = run_fields(trace, trace_content, [root], [], started_at=root.started_at, lane=lane)
    run["labels"].pop("reported_total_tokens", None)
    return {name: value for name, value in run.items() if name not in _OF_WHOLE_TRACE}
