"""Langfuse observations as steps, LLM calls, tool calls and errors."""

from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.conversation import is_object
from dagster_project.formats.identity import identity
from dagster_project.formats.langfuse.observation import ATTRIBUTES, Observation
from dagster_project.formats.shapes import elapsed_ms, milliseconds
from dagster_project.formats.text_lane import TextLane, capped, json_text
from dagster_project.formats.times import parse_instant
from dagster_project.formats.unmapped import KnownKeys

Record = tuple[str, dict[str, Any]]

# Said elsewhere in the same export, or bookkeeping of the server that stored it.
_LEFT_OUT = (
    "traceId", "projectId", "environment", "createdAt", "updatedAt", "inputUsage", "outputUsage", "totalUsage",
    "promptTokens", "completionTokens", "totalTokens", "usage", "unit", "inputCost", "outputCost",
    "calculatedInputCost", "calculatedOutputCost", "costDetails", "providedCostDetails", "internalModel",
    "internalModelId", "modelId", "inputPrice", "outputPrice", "totalPrice",
)  # fmt: skip
_TAKEN = (
    "id", "type", "startTime", "endTime", "name", "parentObservationId", "level", "model", "totalCost",
    "calculatedTotalCost", "latency", "timeToFirstToken", "completionStartTime",
)  # fmt: skip
# Looked into: what no column takes of them is told by its own name.
_OPENED = (("usageDetails", ""), ("modelParameters", ""), ("metadata", "attributes", ""))
_ATTRIBUTE_NAMES = frozenset(name for names in ATTRIBUTES.values() for name in names)


def observation_records(observations: list[Observation], *, run_id: str, lane: TextLane) -> list[Record]:
    """Records of the observations in their order of time: a step each, and what kind of step it was."""
    records: list[Record] = []
    depths = _depths(observations)
    llm_calls = tool_calls = 0
    for seq, each in enumerate(observations, start=1):
        llm_calls += each.is_llm_call
        tool_calls += each.kind == "tool"
        calls = llm_calls, tool_calls
        records += records_of(each, run_id=run_id, seq=seq, calls=calls, depth=depths[each.id], lane=lane)
    return records


def records_of(
    each: Observation,
    *,
    run_id: str,
    seq: int,
    calls: tuple[int, int],
    lane: TextLane,
    depth: int | None = None,
    taken: frozenset[str] = frozenset(),
) -> list[Record]:
    """Records of one observation. `calls`: the numbers of its LLM and tool call; `taken`: keys told elsewhere."""
    records: list[Record] = [("steps", _step(each, run_id=run_id, seq=seq, depth=depth))]
    if each.is_llm_call:
        records.append(("llm_calls", _llm_call(each, run_id=run_id, seq=calls[0])))
    if each.kind == "tool":
        taken |= {"input", "output"}
        records.append(("tool_calls", _tool_call(each, run_id=run_id, seq=calls[1], lane=lane)))
    if each.is_error:
        taken |= {"statusMessage"}
        records.append(("errors", _error(each, run_id=run_id, seq=seq)))
    return records + _unmapped(each, taken=taken, lane=lane)


def _step(each: Observation, *, run_id: str, seq: int, depth: int | None) -> dict[str, Any]:
    status = "error" if each.is_error else "unset" if each.ended_at is None else "ok"
    return {
        "step_id": each.step_id,
        "run_id": run_id,
        "parent_step_id": None if each.parent_id is None else identity(run_id, each.parent_id),
        "seq": seq,
        "depth": depth,
        "kind": each.kind,
        "name": each.name,
        "agent_id": each.said.get("agent_id"),
        "started_at": each.started_at,
        "ended_at": each.ended_at,
        "latency_ms": each.latency_ms,
        "status": status,
        "error_type": each.said.get("error_type") if each.is_error else None,
    }


def _llm_call(each: Observation, *, run_id: str, seq: int) -> dict[str, Any]:
    taken = _taken_parameters(each)
    temperature = taken.get("temperature")
    return each.usage | {
        "llm_call_id": f"{each.step_id}/llm",
        "run_id": run_id,
        "step_id": each.step_id,
        "seq": seq,
        "occurred_at": each.started_at,
        "provider": each.provider,
        "request_model": each.said.get("request_model") or taken.get("model") or each.model,
        "response_model": each.said.get("response_model") or each.model,
        "finish_reason": each.said.get("finish_reason") or taken.get("finishReason"),
        "temperature": None if temperature is None else float(temperature),
        "max_tokens": taken.get("max_tokens", taken.get("maxTokens")),
        "ttft_ms": _first_token_ms(each),
        "latency_ms": each.latency_ms,
        "provider_cost_usd": each.cost_usd,
    }


def _taken_parameters(each: Observation) -> dict[str, Any]:
    """Those model parameters that have a column and its type; a number written as text is none."""
    parameters = each.parameters if each.is_llm_call else {}
    types = {"temperature": (int, float), "max_tokens": (int,), "maxTokens": (int,), "model": (str,),
             "finishReason": (str,)}  # fmt: skip
    taken = {name: parameters[name] for name, kinds in types.items() if type(parameters.get(name)) in kinds}
    # Some frameworks write -1 for "no limit".
    return {name: value for name, value in taken.items() if not name.startswith("max") or value > 0}


def _first_token_ms(each: Observation) -> int | None:
    if each.fields.first_token_s is not None:
        return milliseconds(each.fields.first_token_s)
    if each.fields.first_token_time is None:
        return None
    return elapsed_ms(each.started_at, parse_instant(each.fields.first_token_time, field="completionStartTime"))


def _tool_call(each: Observation, *, run_id: str, seq: int, lane: TextLane) -> dict[str, Any]:
    arguments = _text(each.content.get("input"))
    return {
        "tool_call_id": each.said.get("tool_call_id") or each.id,
        "run_id": run_id,
        "step_id": each.step_id,
        "seq": seq,
        "occurred_at": each.started_at,
        "tool_name": each.said.get("tool_name") or each.name or "unnamed",
        "arguments_sha256": lane.add("tool_arguments", arguments),
        "arguments_valid": None if arguments is None else is_object(arguments),
        "result_sha256": lane.add("tool_result", _text(each.content.get("output"))),
        "status": "error" if each.is_error else "orphan" if each.ended_at is None else "ok",
        "error_type": each.said.get("error_type") if each.is_error else None,
        "latency_ms": each.latency_ms,
    }


def _error(each: Observation, *, run_id: str, seq: int) -> dict[str, Any]:
    source, phase = {"tool": ("tool", "tool_call"), "llm": ("llm_api", "llm_call")}.get(
        each.kind, ("agent_runner", "execute")
    )
    return {
        "error_id": f"{each.step_id}/error",
        "run_id": run_id,
        "step_id": each.step_id,
        "seq": seq,
        "occurred_at": each.ended_at or each.started_at,
        "source": source,
        "phase": phase,
        "message": None if each.fields.status_message is None else capped(each.fields.status_message),
        "error_type": each.said.get("error_type"),
    }


def _depths(observations: list[Observation]) -> dict[str, int]:
    """How many known observations lie above each; a circle of parents counts as no parent."""
    parents = {each.id: each.parent_id for each in observations}
    if len(parents) < len(observations):
        raise Rejected("bad_value", "two observations have the same id")
    depths: dict[str, int] = {}
    for start in parents:
        way: list[str] = []
        here: str | None = start
        while here in parents and here not in depths and here not in way:
            way.append(here)
            here = parents[here]
        depth = depths.get(here, -1) if here is not None else -1
        for each in reversed(way):
            depth += 1
            depths[each] = depth
    return depths


_KEYS = KnownKeys([("observations", *place) for place in (*((key,) for key in (*_TAKEN, *_LEFT_OUT)), *_OPENED)])


def _unmapped(each: Observation, *, taken: frozenset[str], lane: TextLane) -> list[Record]:
    left = {key: value for key, value in each.content.items() if key not in taken and value not in ("", [], {})}
    left["usageDetails"] = each.unmapped_usage or None
    if each.parameters:
        gone = _taken_parameters(each)
        left["modelParameters"] = {name: value for name, value in each.parameters.items() if name not in gone}
    metadata = left.get("metadata")
    attributes = metadata.get("attributes") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and isinstance(attributes, dict):
        rest = {name: value for name, value in attributes.items() if not _is_taken(name, value)}
        left["metadata"] = {**metadata, "attributes": rest}
    return _KEYS.unmapped({"observations": left}, lane=lane)


def _is_taken(name: str, value: Any) -> bool:
    return name in _ATTRIBUTE_NAMES and isinstance(value, str)


def _text(value: Any) -> str | None:
    """A text as it is, any other value as its JSON text; None for nothing."""
    return value if value is None or isinstance(value, str) else json_text(value)
