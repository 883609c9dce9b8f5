"""The shape of a Claude Code line; names are the file's. Keys beyond these are drift."""

import datetime as dt
from typing import Any

import msgspec


class Usage(msgspec.Struct):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None


class Message(msgspec.Struct):
    id: str | None = None
    role: str | None = None
    model: str | None = None
    content: Any = None
    stop_reason: str | None = None
    usage: Usage | None = None
    type: str | None = None


class Line(msgspec.Struct):
    """Names are the file's."""

    type: str
    uuid: str | None = None
    parentUuid: str | None = None  # noqa: N815
    logicalParentUuid: str | None = None  # noqa: N815
    sourceToolAssistantUUID: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815
    timestamp: str | None = None
    version: str | None = None
    message: Message | None = None
    isSidechain: bool | None = None  # noqa: N815
    agentId: str | None = None  # noqa: N815
    isApiErrorMessage: bool | None = None  # noqa: N815
    gitBranch: str | None = None  # noqa: N815
    userType: str | None = None  # noqa: N815
    entrypoint: str | None = None
    costUSD: float | None = None  # noqa: N815
    leafUuid: str | None = None  # noqa: N815
    messageId: str | None = None  # noqa: N815
    subtype: str | None = None
    level: str | None = None
    apiErrorStatus: Any = None  # noqa: N815
    error: Any = None


class Place(msgspec.Struct, frozen=True):
    """Whose line it is and when it was written. `is_first`: nothing of its conversation was said before."""

    session: str | None
    event_id: str
    at: dt.datetime | None
    is_first: bool = False


class ToolUse(msgspec.Struct):
    id: str
    name: str
    input: Any = None


class ToolResult(msgspec.Struct):
    tool_use_id: str
    content: Any = None
    is_error: bool | None = None
