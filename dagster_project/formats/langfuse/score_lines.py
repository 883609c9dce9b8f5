"""Langfuse scores, one a line, as the blob storage export writes them beside the observations."""

from dagster_project.formats.base import Event, FileFacts, Framing, Head, OwnFormat, Rejected, Unit
from dagster_project.formats.head_values import first_values
from dagster_project.formats.identity import identity
from dagster_project.formats.langfuse.exported_names import NAMES, as_the_api_names
from dagster_project.formats.langfuse.scores import score_records
from dagster_project.formats.strict_json import parse_object
from dagster_project.formats.text_lane import TextLane
from dagster_project.formats.times import parse_instant

_MARKS = {"id", "name", "source", "dataType", "timestamp"}


class LangfuseScoreLines(OwnFormat):
    """Format of scores, one a line."""

    name = "langfuse-scores"
    version = "1"
    framing: Framing = "lines"

    def refusal(self, head: Head) -> str | None:
        values = [value for value in first_values(head, self.framing) if isinstance(value, dict)]
        is_score = any({NAMES.get(key, key) for key in value} >= _MARKS for value in values)
        return None if is_score else "none of its first lines is a score with a name, a source and a data type"

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        content = as_the_api_names(parse_object(unit.raw, limits=self._settings))
        for name in ("id", "traceId", "timestamp"):
            if not isinstance(content.get(name), str):
                raise Rejected("missing_required", f"{name} is missing; a score of a session or dataset is of no run")
        at = parse_instant(content["timestamp"], field="timestamp")
        if content.get("dataType") == "TEXT":
            content.pop("value", None)  # always 0, which is no score
        lane = TextLane()
        return Event(
            organization_id="default", event_id=identity("langfuse", "score", content["id"]), unit_kind="score",
            event_date=at.date(), occurred_at=at, texts=lane.texts,
            records=score_records([content], run_id=content["traceId"], lane=lane),
            content={key: value for key, value in content.items() if key not in ("createdAt", "updatedAt")},
        )  # fmt: skip


class LangfuseScoreArray(LangfuseScoreLines):
    """The same, in one array."""

    name = "langfuse-scores-array"
    framing: Framing = "array"
