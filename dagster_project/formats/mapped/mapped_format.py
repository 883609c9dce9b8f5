"""The reader that a map describes: one unit, one run, with its steps, messages, scores, errors, labels and texts."""

from pathlib import PurePosixPath
from typing import Any

from dagster_project.formats.base import Event, FileFacts, Head, Rejected, Unit
from dagster_project.formats.identity import identity
from dagster_project.formats.mapped.checks import FIELDS
from dagster_project.formats.mapped.children import error_takers, text_takers, tool_call_labels
from dagster_project.formats.mapped.counters import Counters
from dagster_project.formats.mapped.cumulative import Settlement
from dagster_project.formats.mapped.events import EventTaker
from dagster_project.formats.mapped.fields import as_text, field_taker, label_taker
from dagster_project.formats.mapped.files import map_sha256
from dagster_project.formats.mapped.lists import Record, ScoreTaker
from dagster_project.formats.mapped.messages import MessagesTaker
from dagster_project.formats.mapped.requirements import Requirements
from dagster_project.formats.mapped.rules import as_rule, places, used_captures
from dagster_project.formats.mapped.schema import Map
from dagster_project.formats.mapped.sources import taker
from dagster_project.formats.mapped.steps import StepsTaker, step_records
from dagster_project.formats.mapped.templates import PathTemplate
from dagster_project.formats.mapped.tokens import total_tokens
from dagster_project.formats.mapped.units import content_before, content_of, first_units, framing_of
from dagster_project.formats.mapped.unmapped import KnownPlaces
from dagster_project.formats.text_lane import TextLane
from dagster_project.settings import Settings


class MappedFormat:
    """A format made of a map; see docs/formats.md for the language."""

    def __init__(self, document: Map, settings: Settings) -> None:
        is_text = document.framing == "csv"
        self.name, self.version, self.framing = document.name, document.version, framing_of(document)
        self.map_sha256: str | None = map_sha256(document)
        self._document, self._settings = document, settings
        self._path = PathTemplate(document.path) if document.path is not None else None
        self._used_captures = used_captures(document)
        self._required = Requirements(document)
        self._known = KnownPlaces(places(document))
        self._id_parts = [(source, taker(source)) for source in document.event_id]
        self._fields = [
            (name, field_taker(as_rule(rule), field=name, column=FIELDS[name], is_text=is_text))
            for name, rule in document.fields.items()
        ]
        self._labels = [
            (name, label_taker(as_rule(rule), field=f"labels.{name}", is_text=is_text))
            for name, rule in document.labels.items()
        ]
        rules = [as_rule(rule) for name, rule in document.fields.items() if name in ("started_at", "occurred_at")]
        self._time_quality = "date" if any(rule.unit == "date" for rule in rules) else "exact"
        self._counters = Counters(document.counters) if document.counters else None
        cumulative = document.cumulative
        self._settlement = Settlement(cumulative, event_id=document.event_id) if cumulative else None
        self._event = EventTaker(document.event) if document.event else None
        self._texts = text_takers(document)
        self._errors = error_takers(document)
        convention = document.token_convention
        self._steps = [StepsTaker(steps, token_convention=convention) for steps in document.steps]
        self._scores = [ScoreTaker(score) for score in document.scores]
        self._messages = None if document.messages is None else MessagesTaker(document.messages)
        self._counts = None if document.tool_call_counts is None else taker(document.tool_call_counts)

    def __reduce__(self) -> tuple[type, tuple[Map, Settings]]:
        """A worker process compiles the map again."""
        return MappedFormat, (self._document, self._settings)

    def refusal(self, head: Head) -> str | None:
        if self._path is not None and self._path.match(head.path) is None:
            return f"its path does not end like {self._document.path}"
        fault = None
        for value in first_units(head, self._document, limits=self._settings):
            fault = self._required.fault_of_first(value)
            if fault is None:
                return None
        return fault or self._required.fault_in_text(head)

    def facts(self, head: Head) -> FileFacts:
        """The captures of the path template. Those that the map uses tell equal files apart."""
        captures = self._captures(head.path)
        used = tuple(f"{name}={captures[name]}" for name in sorted(captures.keys() & self._used_captures))
        return FileFacts(path=head.path, captures=captures, identity=used)

    def _captures(self, path: PurePosixPath) -> dict[str, str]:
        return (self._path.match(path) or {}) if self._path is not None else {}

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        """The unit's run with all that belongs to it; see Format.decode."""
        content = content_of(unit, self._document, limits=self._settings)
        fault = self._required.fault(content)
        if fault:
            raise Rejected("missing_required", fault)
        captures = facts.captures
        said = self._said(unit, content)
        parts = [_part(take(said, captures), source) for source, take in self._id_parts]
        run_id = event_id = identity(self.name, *parts)
        is_settled = self._settlement is not None and self._settlement.is_settled(said, captures)
        if self._settlement is not None and is_settled:
            run_id, event_id = self._settlement.ids(said, captures, name=self.name, parts=parts)
        lane = TextLane()
        fields = {name: value for name, take in self._fields if (value := take(said, captures)) is not None}
        if "agent_id" not in fields:
            raise Rejected("missing_required", "agent_id: the unit does not say it")
        organization_id, occurred_at = fields.pop("organization_id", "default"), fields.pop("occurred_at", None)
        dated = fields.get("started_at") or occurred_at
        if self._event is not None:
            records = [("events", self._event.take(said, captures, agent_id=fields["agent_id"]))]
            records += self._score_records(said, captures, run_id=None, of=event_id)
        else:
            run = self._run(said, captures, fields, run_id=run_id, is_timed=dated is not None, lane=lane)
            # A settled unit repeats what the run's own units have said: it brings nothing else along.
            children = [] if is_settled else self._children(said, captures, run_id=run["run_id"], lane=lane)
            records = [("runs", run), *children]
        return Event(
            organization_id=organization_id,
            event_id=event_id,
            unit_kind="run" if self._event is None else self._event.event_type,
            event_date=dated.date() if dated else None,
            occurred_at=occurred_at or dated,
            records=[*records, *self._known.unmapped(content, lane=lane)],
            texts=lane.texts,
            content=content,
        )

    def _said(self, unit: Unit, content: dict[str, Any]) -> dict[str, Any]:
        """What the rules read: the content, with running totals as what they grew by."""
        if self._counters is None:
            return content
        before, is_known = content_before(unit, self._document, limits=self._settings)
        return self._counters.grown(content, before=before, is_known=is_known)

    def _run(
        self,
        said: dict[str, Any],
        captures: dict[str, str],
        fields: dict[str, Any],
        *,
        run_id: str,
        is_timed: bool,
        lane: TextLane,
    ) -> dict[str, Any]:
        labels = {name: text for name, take in self._labels if (text := take(said, captures)) is not None}
        if self._counts is not None:
            counted, fields["tool_call_count"] = tool_call_labels(self._counts(said, captures))
            labels |= counted
        for column, kind, take in self._texts:
            fields[column] = lane.add(kind, take(said, captures))
        quality = self._time_quality if is_timed else "sequence_only"
        kind = "benchmark" if "suite_id" in fields else "agent"
        defaults = {"run_id": run_id, "kind": kind, "time_quality": quality}
        return total_tokens(defaults | fields | {"labels": labels}, convention=self._document.token_convention)

    def _children(self, said: dict[str, Any], captures: dict[str, str], *, run_id: str, lane: TextLane) -> list[Record]:
        found = step_records(self._steps, said, captures, run_id=run_id, lane=lane) if self._steps else []
        if self._messages is not None:
            found += self._messages.take(said, captures, run_id=run_id, lane=lane)
        found += self._score_records(said, captures, run_id=run_id, of=run_id)
        return found + [record for take in self._errors for record in take(said, captures, {"run_id": run_id})]

    def _score_records(
        self, said: dict[str, Any], captures: dict[str, str], *, run_id: str | None, of: str
    ) -> list[Record]:
        return [
            record
            for score in self._scores
            for record in score.take(said, captures, run_id=run_id, of=of, step_id=None)
        ]


def _part(value: Any, source: str) -> str:
    """A part of the event id; an optional capture that is absent is an empty part."""
    return "" if value is None else as_text(value, f"event_id ({source})")
