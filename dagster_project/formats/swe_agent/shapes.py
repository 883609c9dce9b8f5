"""The shape of a SWE-agent trajectory. Keys beyond these are drift."""

from typing import Any, Literal

import msgspec

from dagster_project.formats.unmapped import KnownKeys


class Function(msgspec.Struct):
    name: str
    arguments: str | dict[str, Any] | None = None


class ToolCall(msgspec.Struct):
    id: str
    function: Function


class ModelStats(msgspec.Struct):
    instance_cost: float | None = None
    tokens_sent: int | None = None
    tokens_received: int | None = None
    api_calls: int | None = None


class Info(msgspec.Struct):
    exit_status: str | None = None
    submission: str | None = None
    model_stats: ModelStats | None = None
    swe_agent_version: str | None = None
    swe_agent_hash: str | None = None


class Message(msgspec.Struct):
    """What is read of a message; `history` itself stays the objects it is."""

    role: Literal["system", "user", "assistant", "tool"]
    content: Any = None
    tool_calls: list[ToolCall] | None = None
    tool_call_ids: list[str] | None = None
    is_demo: bool | None = None


class Step(msgspec.Struct):
    action: str | None = None
    observation: str | None = None
    execution_time: float | None = None


class Trajectory(msgspec.Struct):
    history: list[dict[str, Any]] | None = None
    trajectory: list[dict[str, Any]] | None = None
    info: Info | None = None
    environment: str | None = None
    replay_config: str | dict[str, Any] | None = None


KNOWN = KnownKeys(
    [
        ("history",), ("trajectory",), ("environment",),
        *(("info", field) for field in Info.__struct_fields__ if field != "model_stats"),
        *(("info", "model_stats", field) for field in ModelStats.__struct_fields__),
    ]
)  # fmt: skip
# What a message says twice: its content holds the thought and the action.
MESSAGE_KEYS = frozenset({*Message.__struct_fields__, "thought", "action"})
STEP_KEYS = frozenset({*Step.__struct_fields__, "response", "thought"})
