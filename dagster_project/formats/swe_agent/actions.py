"""A SWE-agent history as turns, and the actions of its trajectory that the history does not hold as tool calls."""

from dagster_project.formats.content_parts import content_text
from dagster_project.formats.conversation import Call, Record, Turn
from dagster_project.formats.shapes import milliseconds, shaped
from dagster_project.formats.swe_agent.shapes import Message, Step, Trajectory
from dagster_project.formats.text_lane import TextLane, json_text


def history_turns(trajectory: Trajectory, *, model: str | None) -> list[Turn]:
    """The messages. Demonstrations are messages of the prompt: nobody called a model for them."""
    steps = [shaped(step, Step) for step in trajectory.trajectory or ()]
    turns = []
    acted = 0
    for at, value in enumerate(trajectory.history or ()):
        message = shaped(value, Message)
        is_acting = message.role == "assistant" and not message.is_demo
        latency_ms = milliseconds(steps[acted].execution_time) if is_acting and acted < len(steps) else None
        acted += is_acting
        turns.append(
            Turn(
                role=message.role,
                text=content_text(message.content, field=f"history[{at}].content"),
                calls=_calls(message, latency_ms=latency_ms),
                answers=message.tool_call_ids or [] if message.role == "tool" else [],
                llm={"request_model": model} if is_acting and model else {} if is_acting else None,
            )
        )
    return turns


def _calls(message: Message, *, latency_ms: int | None) -> list[Call]:
    calls = []
    for call in message.tool_calls or ():
        arguments = call.function.arguments
        text = json_text(arguments) if isinstance(arguments, dict) else arguments
        calls.append(Call(call.id, call.function.name, text, latency_ms=latency_ms))
    return calls


def action_records(trajectory: Trajectory, turns: list[Turn], *, run_id: str, lane: TextLane) -> list[Record]:
    """A step and a tool call for every action whose turn names no call: its tool is the command's first word."""
    acting = [turn for turn in turns if turn.llm is not None]
    records: list[Record] = []
    for at, value in enumerate(trajectory.trajectory or ()):
        step = shaped(value, Step)
        words = (step.action or "").split(maxsplit=1)
        if not words or (at < len(acting) and acting[at].calls):
            continue
        ids = {"run_id": run_id, "step_id": f"{run_id}/action-{at + 1}", "seq": at + 1}
        latency_ms = milliseconds(step.execution_time)
        known = {} if latency_ms is None else {"latency_ms": latency_ms}
        call = {
            "tool_call_id": f"action-{at + 1}", "tool_name": words[0],
            "arguments_sha256": lane.add("tool_arguments", step.action),
        }  # fmt: skip
        result = lane.add("tool_result", step.observation)
        records.append(("steps", ids | {"depth": 0, "kind": "tool", "name": words[0], "status": "unset"} | known))
        records.append(("tool_calls", ids | call | known | ({} if result is None else {"result_sha256": result})))
    return records
