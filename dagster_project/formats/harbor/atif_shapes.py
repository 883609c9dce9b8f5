"""The shape of an ATIF document. Keys beyond these are drift."""

from typing import Any, Literal

import msgspec

from dagster_project.formats.unmapped import KnownKeys


class Agent(msgspec.Struct):
    name: str
    version: str | None = None
    model_name: str | None = None


class Invocation(msgspec.Struct):
    status: str | None = None
    start_timestamp: float | None = None
    end_timestamp: float | None = None


class Extra(msgspec.Struct):
    """An object of whoever wrote it: NeMo's `invocation` is read, one of another shape is not."""

    invocation: Any = None


class ToolCall(msgspec.Struct):
    tool_call_id: str
    function_name: str
    arguments: Any = None
    extra: Extra | None = None


class Result(msgspec.Struct):
    source_call_id: str | None = None
    content: Any = None


class Observation(msgspec.Struct):
    results: list[Result] = []


class Metrics(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None


class Step(msgspec.Struct):
    source: Literal["system", "user", "agent"]
    step_id: int | str | None = None
    timestamp: str | None = None
    message: Any = None
    model_name: str | None = None
    tool_calls: list[ToolCall] | None = None
    observation: Observation | None = None
    metrics: Metrics | None = None
    extra: Extra | None = None
    llm_call_count: int | None = None
    is_copied_context: bool | None = None


class FinalMetrics(msgspec.Struct):
    total_prompt_tokens: int | None = None
    total_completion_tokens: int | None = None
    total_cached_tokens: int | None = None
    total_cost_usd: float | None = None


class Trajectory(msgspec.Struct):
    agent: Agent
    steps: list[Step]
    schema_version: str | None = None
    session_id: str | None = None
    trajectory_id: str | None = None
    final_metrics: FinalMetrics | None = None
    subagent_trajectories: list[dict[str, Any]] | None = None


KNOWN = KnownKeys(
    [
        *((field,) for field in Trajectory.__struct_fields__ if field not in ("agent", "final_metrics")),
        *(("agent", field) for field in Agent.__struct_fields__),
        *(("final_metrics", field) for field in FinalMetrics.__struct_fields__),
    ]
)
# Of `extra` only the invocation is read: what a producer adds is drift as a whole.
STEP_KEYS = frozenset(Step.__struct_fields__) - {"extra"}
CALL_KEYS = frozenset(ToolCall.__struct_fields__) - {"extra"}
METRIC_KEYS = frozenset(Metrics.__struct_fields__)
RESULT_KEYS = frozenset(Result.__struct_fields__)
