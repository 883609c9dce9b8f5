"""What a map file may say; docs/formats.md explains every key."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Scalar = str | int | float | bool
JsonType = Literal["string", "integer", "number", "boolean", "array", "object", "any"]
Word = Annotated[str, Meta(min_length=1, max_length=128)]
MapName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$", max_length=64)]
MapFraming = Literal["lines", "array", "object", "csv", "document", "tree", "yaml"]
Summary = Literal["count", "sum", "mean", "max", "min", "any", "last", "join"]


class Case(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"source": "from", "value": "is"}):
    """The value of a rule where the text at a place contains something."""

    source: str
    contains: str
    value: Scalar


class Rule(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"source": "from"}):
    """Where a value comes from (exactly one of from, constant, template) and what becomes of it."""

    source: str | Annotated[list[str], Meta(min_length=1)] | None = None
    constant: Scalar | None = None
    template: str | None = None
    values: dict[str, Scalar] | None = None
    null_values: list[Scalar] = []
    unit: str | None = None
    zone: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    take: Summary | None = None
    add: int | None = None
    cases: list[Case] = []

    @property
    def is_cut(self) -> bool:
        """Whether an end is cut off a text, whose rest is read."""
        return self.prefix is not None or self.suffix is not None

    @property
    def sources(self) -> list[str]:
        """The places and captures that `from` names."""
        if self.source is None:
            return []
        return [self.source] if isinstance(self.source, str) else self.source


class Messages(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"source": "from"}):
    """A list of objects with a role and a text, or of the texts of one `speaker`.

    role, content and tool_call_ids are places in an object; content may be a list of parts.
    """

    source: str
    role: str = "role"
    content: str = "content"
    tool_call_ids: str | None = None
    roles: dict[str, str] | None = None
    speaker: str | None = None


class Steps(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"source": "from"}):
    """A list whose every element is a step; in its rules, `item` is the element and `position` its place from 1.

    `children` is the key at which an element holds the steps below it. An element of kind llm is the LLM call that
    `llm_call` tells, one of kind tool the tool call.
    """

    source: str
    fields: dict[str, str | Rule]
    children: str | None = None
    llm_call: dict[str, str | Rule] = {}
    tool_call: dict[str, str | Rule] = {}
    scores: "list[Score]" = []
    errors: "list[Error]" = []


class Score(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A judgement: of the run, of the step whose element it is given with, or of a task."""

    name: str
    value: str | Rule | None = None
    label: str | Rule | None = None
    scorer: str | None = None
    scorer_kind: str | None = None
    target: str | Rule | None = None


class Error(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An error per unit whose `message` is not empty. source and phase are words, the others places in the unit."""

    message: str
    source: Word
    phase: Word
    error_type: str | None = None
    top_frame: str | None = None
    http_status: str | None = None


class Texts(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Texts of the run: facts keep the hash, the payload lane the text."""

    input: str | None = None
    output: str | None = None
    message: str | None = None


class Cumulative(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A flag that stays true in every later unit: those all tell of one run, that of the lowest `order`."""

    flag: str
    order: str


class DomainEvent(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"event_type": "type"}):
    """A unit that is no run: an event of that type, with a payload of named values."""

    event_type: str
    payload: Annotated[dict[str, str | Rule], Meta(min_length=1)]


class Map(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One map: which files it reads, and where the run's columns lie in a unit."""

    name: MapName
    version: str
    framing: MapFraming
    children: Word | None = None
    path: str | None = None
    required: Annotated[dict[str, JsonType], Meta(min_length=1)]
    event_id: Annotated[list[str], Meta(min_length=1)]
    fields: dict[str, str | Rule]
    event: DomainEvent | None = None
    counters: list[str] = []
    cumulative: Cumulative | None = None
    token_convention: Literal["inclusive", "exclusive"] | None = None
    labels: dict[str, str | Rule] = {}
    texts: Texts = Texts()
    messages: Messages | None = None
    steps: list[Steps] = []
    scores: list[Score] = []
    errors: list[Error] = []
    tool_call_counts: str | None = None
    ignore: list[str] = []
