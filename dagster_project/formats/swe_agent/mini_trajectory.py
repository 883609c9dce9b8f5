"""mini-swe-agent trajectories: `{"info", "messages", "trajectory_format"}`, or the bare array of messages of old ones.

`Submitted` says that a patch was handed in, not that it is right: the outcome is unscored. Known by `instance_id`, else
by the file's name, within its folder. Token convention: inclusive (the provider's usage as LiteLLM passes it on).
"""

from typing import Any, Literal

import msgspec

from dagster_project.formats.base import Event, FileFacts, Framing, Head, OwnFormat, Rejected, Unit
from dagster_project.formats.content_parts import content_text
from dagster_project.formats.conversation import Record, Turn, conversation_records, count_of
from dagster_project.formats.head_values import CUT_OFF, first_members, first_values
from dagster_project.formats.identity import identity
from dagster_project.formats.openai.responses import RESPONSE_KEYS, said_by_response
from dagster_project.formats.openai.shapes import ToolCall, Usage, call_of, drift_of_messages, usage_columns
from dagster_project.formats.shapes import epoch_instant, shaped, with_values
from dagster_project.formats.strict_json import parse
from dagster_project.formats.swe_agent.places import task_and_folder
from dagster_project.formats.text_lane import TextLane, capped
from dagster_project.formats.unmapped import KnownKeys

_TERMINATIONS = {
    "Submitted": "completed", "submitted": "completed", "LimitsExceeded": "limit_cost", "TimeExceeded": "limit_time",
    "TimeoutError": "limit_time", "ContextWindowExceededError": "limit_context", "UserInterruption": "cancelled",
    "KeyboardInterrupt": "cancelled", "": "unknown",
}  # fmt: skip
_MARK = b"mswea_bash_command"


class Stats(msgspec.Struct):
    instance_cost: float | None = None
    api_calls: int | None = None


class Model(msgspec.Struct):
    model_name: str | None = None


class Config(msgspec.Struct):
    model: Model | None = None


class Info(msgspec.Struct):
    exit_status: str | None = None
    exception_str: str | None = None
    submission: str | None = None
    model_stats: Stats | None = None
    mini_version: str | None = None
    config: Config | None = None


class Response(msgspec.Struct):
    model: str | None = None
    usage: Usage | None = None


class Extra(msgspec.Struct):
    """`response` is the API's, or in words what could not be written of it."""

    response: Response | str | None = None
    cost: float | None = None
    timestamp: float | None = None
    returncode: int | None = None
    exception_str: str | None = None


class Message(msgspec.Struct):
    role: Literal["system", "user", "assistant", "tool", "exit"]
    content: Any = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    extra: Extra | None = None
    timestamp: float | None = None


class Document(msgspec.Struct):
    messages: list[Message]
    info: Info | None = None
    instance_id: str | None = None
    trajectory_format: str | None = None


_KNOWN = KnownKeys(
    [
        ("messages",), ("instance_id",), ("trajectory_format",), ("info", "config", "model", "model_name"),
        *(("info", field) for field in ("exit_status", "exception_str", "submission", "mini_version")),
        *(("info", "model_stats", field) for field in Stats.__struct_fields__),
    ]
)  # fmt: skip
_MESSAGE_KEYS = (frozenset(Message.__struct_fields__) | RESPONSE_KEYS) - {"extra"}


class MiniSweAgent(OwnFormat):
    """Format of mini-swe-agent trajectories."""

    name = "mini-swe-agent"
    version = "6"
    framing: Framing = "document"

    def refusal(self, head: Head) -> str | None:
        for value in first_values(head, "array"):
            is_named = ".traj" in head.path.name or _MARK in head.start
            fits = isinstance(value, dict) and "role" in value and "content" in value
            return None if fits and is_named else "its array holds no messages of a mini-swe-agent"
        members = first_members(head)
        info, layout = members.get("info"), members.get("trajectory_format")
        says_so = isinstance(layout, str) and layout.startswith("mini-swe-agent")
        has_version = isinstance(info, dict) and "mini_version" in info
        is_begun = info is CUT_OFF and b'"mini_version"' in head.start
        if (says_so and "messages" in members) or has_version or is_begun:
            return None
        return "its object has no 'trajectory_format' or 'info' of a mini-swe-agent"

    def facts(self, head: Head) -> FileFacts:
        task, folder = task_and_folder(head.path)
        is_named = isinstance(first_members(head).get("instance_id"), str)
        parts = (folder,) if is_named else (folder, task)
        return FileFacts(path=head.path, captures={"task": task, "folder": folder}, identity=parts)

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        content = parse(unit.raw, limits=self._settings)
        members = {"messages": content} if isinstance(content, list) else content
        if isinstance(messages := members.get("messages"), list):
            members = {**members, "messages": [_said(message) for message in messages]}
        document = shaped(members, Document)
        if not document.messages:
            raise Rejected("missing_required", "messages is empty")
        task = document.instance_id or facts.captures["task"]
        run_id = identity("mini-swe-agent", facts.captures["folder"], task)
        info = document.info or Info()
        lane = TextLane()
        children = conversation_records([_turn(message) for message in document.messages], run_id=run_id, lane=lane)
        run: dict[str, Any] = {
            "run_id": run_id, "kind": "agent", "agent_id": "mini-swe-agent", "task_id": task,
            "variant_id": facts.captures["folder"] or None,
            "step_count": count_of("steps", children), "tool_call_count": count_of("tool_calls", children),
            "output_sha256": lane.add("run_output", info.submission or None),
        } | _result(document, info)  # fmt: skip
        at, raw_messages = run.get("ended_at"), content if isinstance(content, list) else content["messages"]
        return Event(
            organization_id="default", event_id=run_id, unit_kind="run",
            event_date=(run["started_at"] or at).date() if at else None, occurred_at=at,
            records=[
                ("runs", with_values(run)),
                *children,
                *_errors(run["termination"], document, info, run_id=run_id),
                *([] if isinstance(content, list) else _KNOWN.unmapped(content, lane=lane)),
                *drift_of_messages(raw_messages, known=_MESSAGE_KEYS, prefix="messages[]", lane=lane),
            ],
            texts=lane.texts, content=content,
        )  # fmt: skip


def _said(message: Any) -> Any:
    """A message as a chat's. A model of the newer API keeps its answers, and the calls' outputs, as that API writes
    them: an answer is itself the response."""
    said = said_by_response(message)
    if said is message or "usage" not in said:
        return said
    extra = said.get("extra") if isinstance(said.get("extra"), dict) else {}
    return {**said, "extra": {"response": {"model": said.get("model"), "usage": said["usage"]}, **extra}}


def _turn(message: Message) -> Turn:
    extra = message.extra or Extra()
    # An answer that could not be used is told only by the complaint about it, in the user's words.
    is_answer = message.role == "assistant" or (message.role == "user" and isinstance(extra.response, Response))
    calls = [call_of(call.function or call.custom, call_id=call.id) for call in message.tool_calls or ()]
    return Turn(
        # The harness's last word, after the model's.
        role="system" if message.role == "exit" else message.role,
        text=content_text(message.content, field="messages.content"),
        calls=calls,
        answers=[message.tool_call_id] if message.role == "tool" and message.tool_call_id else [],
        failed=None if extra.returncode is None else extra.returncode != 0,
        llm=_llm(extra) if is_answer else None,
        at=_at(message),
    )


def _at(message: Message) -> Any:
    extra = message.extra or Extra()
    return epoch_instant(message.timestamp if extra.timestamp is None else extra.timestamp, field="timestamp")


def _llm(extra: Extra) -> dict[str, Any]:
    response = extra.response if isinstance(extra.response, Response) else Response()
    columns = {"response_model": response.model, "provider_cost_usd": extra.cost or None}
    known = with_values(columns)
    return known if response.usage is None else known | usage_columns(response.usage)


def _result(document: Document, info: Info) -> dict[str, Any]:
    times = [at for message in document.messages if (at := _at(message)) is not None]
    stats = info.model_stats or Stats()
    labels = {"exit_status": info.exit_status, "api_calls": None if stats.api_calls is None else str(stats.api_calls)}
    model = info.config.model if info.config else None
    return {
        "agent_version": info.mini_version,
        "model": model.model_name if model else None,
        "started_at": min(times, default=None),
        "ended_at": max(times, default=None),
        "time_quality": "exact" if times else "sequence_only",
        "termination": "unknown" if info.exit_status is None else _TERMINATIONS.get(info.exit_status, "error"),
        "outcome": "unscored",
        "cost_usd": stats.instance_cost or None,
        "cost_source": "provider" if stats.instance_cost else "none",
        "labels": {name: text for name, text in labels.items() if text} or None,
    }


def _errors(termination: object, document: Document, info: Info, *, run_id: str) -> list[Record]:
    if termination != "error" or not info.exit_status:
        return []
    error = {"error_id": f"{run_id}/error", "run_id": run_id, "source": "agent_runner", "phase": "execute"}
    last = document.messages[-1].extra or Extra()  # what was raised is told there, if not beside the messages
    said = capped(info.exception_str or last.exception_str or info.exit_status)
    return [("errors", error | {"message": said, "error_type": info.exit_status})]
