"""One Langfuse observation, read: its times, its usage, and what the attributes of its metadata say."""

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from dagster_project.formats.identity import identity
from dagster_project.formats.langfuse.usage import usage_columns
from dagster_project.formats.otlp.conventions import STEP_KINDS
from dagster_project.formats.shapes import elapsed_ms, milliseconds, shaped
from dagster_project.formats.times import parse_instant

_KINDS = {
    "GENERATION": "llm", "AGENT": "agent", "TOOL": "tool", "CHAIN": "workflow", "RETRIEVER": "retrieval",
    "EMBEDDING": "embedding", "GUARDRAIL": "guardrail",
}  # fmt: skip
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "kind": ("openinference.span.kind", "gen_ai.operation.name", "ai.operationId"),
    "tool_name": ("gen_ai.tool.name", "tool.name", "ai.toolCall.name"),
    "tool_call_id": ("gen_ai.tool.call.id", "tool_call.id", "ai.toolCall.id"),
    "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider"),
    "agent_id": ("gen_ai.agent.id", "gen_ai.agent.name"),
    "request_model": ("gen_ai.request.model", "ai.model.id"),
    "response_model": ("gen_ai.response.model", "ai.response.model"),
    "finish_reason": ("gen_ai.response.finish_reasons", "ai.response.finishReason"),
    "error_type": ("error.type", "exception.type"),
}


class ObservationFields(msgspec.Struct):
    """The keys of an observation that are taken."""

    id: str
    type: str
    start_time: str = msgspec.field(name="startTime")
    end_time: str | None = msgspec.field(default=None, name="endTime")
    name: str | None = None
    parent_id: str | None = msgspec.field(default=None, name="parentObservationId")
    level: str | None = None
    status_message: str | None = msgspec.field(default=None, name="statusMessage")
    model: str | None = None
    usage_details: dict[str, Any] | None = msgspec.field(default=None, name="usageDetails")
    usage: dict[str, Any] | None = None
    cost_details: dict[str, Any] | None = msgspec.field(default=None, name="costDetails")
    total_cost: float | None = msgspec.field(default=None, name="totalCost")
    calculated_cost: float | None = msgspec.field(default=None, name="calculatedTotalCost")
    latency: float | None = None
    first_token_s: float | None = msgspec.field(default=None, name="timeToFirstToken")
    first_token_time: str | None = msgspec.field(default=None, name="completionStartTime")
    parameters: Any = msgspec.field(default=None, name="modelParameters")


@dataclass(frozen=True, kw_only=True)
class Observation:
    """An observation: `content` as exported with its metadata opened, `said` what the metadata's attributes say."""

    fields: ObservationFields
    content: dict[str, Any]
    said: dict[str, str]
    started_at: dt.datetime
    ended_at: dt.datetime | None
    step_id: str
    usage: dict[str, Any]
    unmapped_usage: dict[str, Any]

    @property
    def id(self) -> str:
        return self.fields.id

    @property
    def parent_id(self) -> str | None:
        return self.fields.parent_id

    @property
    def kind(self) -> str:
        """The step's kind: by the observation's type, else by the attributes of the span it was made of."""
        said = STEP_KINDS.get(self.said.get("kind", ""))
        return _KINDS.get(self.fields.type) or said or ("tool" if "tool_name" in self.said else "other")

    @property
    def name(self) -> str | None:
        return self.fields.name or None

    @property
    def model(self) -> str | None:
        """The model that answered, as the export says it."""
        return self.fields.model or self.said.get("response_model") or self.said.get("request_model")

    @property
    def provider(self) -> str | None:
        return self.said.get("provider")

    @property
    def parameters(self) -> dict[str, Any]:
        return self.fields.parameters if isinstance(self.fields.parameters, dict) else {}

    @property
    def is_llm_call(self) -> bool:
        return self.kind in ("llm", "embedding") or self.has_tokens

    @property
    def has_tokens(self) -> bool:
        return any(type(count) is int and count > 0 for count in self.usage.values())

    @property
    def is_error(self) -> bool:
        return self.fields.level == "ERROR"

    @property
    def cost_usd(self) -> float | None:
        """The cost as exported; a 0 that no cost detail explains means that no price was known."""
        fields = self.fields
        told = (fields.total_cost, fields.calculated_cost, _sum_of(fields.cost_details or {}))
        cost = next((cost for cost in told if cost is not None), None)
        return cost if cost or fields.cost_details else None

    @property
    def latency_ms(self) -> int | None:
        own = milliseconds(self.fields.latency)
        return own if own is not None and own >= 0 else elapsed_ms(self.started_at, self.ended_at)


def read_observation(value: Any, *, run_id: str) -> Observation:
    """Raises Rejected when the observation lacks what every observation has, or has it of another type."""
    fields = shaped(value, ObservationFields)
    content = {**value, "metadata": opened(value.get("metadata"))}
    usage, unmapped_usage = usage_columns(_usage(fields))
    started_at = parse_instant(fields.start_time, field="startTime")
    # An event happens at once: its end is not left open.
    ended_at = started_at if fields.type == "EVENT" else None
    return Observation(
        fields=fields,
        content=content,
        said=_said(content["metadata"]),
        started_at=started_at,
        ended_at=ended_at if fields.end_time is None else parse_instant(fields.end_time, field="endTime"),
        step_id=identity(run_id, fields.id),
        usage=usage,
        unmapped_usage=unmapped_usage,
    )


def _sum_of(details: dict[str, Any]) -> float | None:
    """The total of cost details, else the sum of their parts; None without any."""
    costs = {name: cost for name, cost in details.items() if type(cost) in (int, float)}
    if "total" in costs or not costs:
        return costs.get("total")
    return float(sum(Decimal(repr(cost)) for cost in costs.values()))


def _usage(fields: ObservationFields) -> dict[str, Any]:
    """Usage by part; an older server's totals where there is none."""
    if fields.usage_details or not fields.usage:
        return fields.usage_details or {}
    return {name: fields.usage.get(name) for name in ("input", "output", "total")}


def opened(value: Any) -> Any:
    """The object that a text holds, as metadata and parameters are written; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, dict) else value


def _said(metadata: Any) -> dict[str, str]:
    attributes = metadata.get("attributes") if isinstance(metadata, dict) else None
    if not isinstance(attributes, dict):
        return {}
    said = {}
    for name, keys in ATTRIBUTES.items():
        found = next(
            (attributes[key] for key in keys if isinstance(attributes.get(key), str) and attributes[key]), None
        )
        if found is not None:
            said[name] = found
    if "finish_reason" in said:
        said["finish_reason"] = _first_reason(said["finish_reason"])
    return said


def _first_reason(text: str) -> str:
    """The reason itself where it is written as the text of a list."""
    try:
        reasons = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return reasons[0] if isinstance(reasons, list) and reasons and isinstance(reasons[0], str) else text
