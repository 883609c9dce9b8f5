"""A τ-bench trajectory (OpenAI chat messages) as messages, steps, LLM calls, tool calls and tool errors."""

import re

import msgspec

from dagster_project.formats.conversation import Record, Turn, conversation_records
from dagster_project.formats.openai.shapes import Message, turn_of
from dagster_project.formats.text_lane import TextLane

_POLICY = re.compile(r"\s*#\s*(airline|retail) agent policy", re.IGNORECASE)


def trajectory_records(messages: list[Message], *, run_id: str, model: str | None, lane: TextLane) -> list[Record]:
    """Records of the trajectory in its order: a step and an LLM call per assistant message, a step per tool call."""
    turns = [_turn(message, field=f"traj[{at}]", model=model) for at, message in enumerate(messages)]
    return conversation_records(turns, run_id=run_id, lane=lane)


def _turn(message: Message, *, field: str, model: str | None) -> Turn:
    """τ-bench's tools report a failure as a text that starts with "Error"."""
    call = {} if model is None else {"request_model": model}
    turn = turn_of(message, field=field, llm=call if message.role == "assistant" else None)
    failed = (turn.text or "").startswith("Error") if turn.role == "tool" else None
    return msgspec.structs.replace(turn, failed=failed)


def domain_of(messages: list[Message]) -> str | None:
    """The domain whose policy the agent was given; some harnesses write none down."""
    for message in messages[:1]:
        found = _POLICY.match(message.content) if isinstance(message.content, str) else None
        return found[1].lower() if found else None
    return None
