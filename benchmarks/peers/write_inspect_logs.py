"""Runs in Inspect's environment: `python write_inspect_logs.py FOLDER LOGS SAMPLES` writes seeded .eval logs.

Every sample is a short conversation with one tool call, scored, as an agent task leaves it.
"""

import random
import sys
from pathlib import Path

from inspect_ai.event import ModelEvent
from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalLog,
    EvalResults,
    EvalSample,
    EvalSpec,
    EvalStats,
    write_eval_log,
)
from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.scorer import Score
from inspect_ai.tool import ToolCall

_MOMENT = "2026-03-{day:02d}T10:00:00+00:00"
_MODEL = "openai/gpt-4o-mini"


def main(folder: str, logs: str, samples: str) -> None:
    """Write so many logs of so many samples each."""
    for log in range(int(logs)):
        write_eval_log(_log(log, int(samples)), str(Path(folder) / f"log-{log:04d}.eval"))


def _log(number: int, count: int) -> EvalLog:
    draw = random.Random(number)
    moment = _MOMENT.format(day=number % 28 + 1)
    spec = EvalSpec(
        eval_id=f"eval-{number}",
        run_id=f"run-{number}",
        created=moment,
        task=f"travel-{number}",
        task_id=f"task-{number}",
        dataset=EvalDataset(name="travel", samples=count),
        model=_MODEL,
        config=EvalConfig(),
    )
    return EvalLog(
        status="success",
        eval=spec,
        results=EvalResults(total_samples=count, completed_samples=count),
        stats=EvalStats(started_at=moment, completed_at=moment),
        samples=[_sample(number, place, draw) for place in range(count)],
    )


def _sample(log: int, place: int, draw: random.Random) -> EvalSample:
    call = ToolCall(id=f"call-{log}-{place}", function="find_flight", arguments={"booking": f"B{place:05d}"})
    right = draw.random() < 0.7
    answer = f"flight {draw.randrange(1000)}"
    messages = [
        ChatMessageSystem(content="You change bookings."),
        ChatMessageUser(content=f"Move booking B{place:05d} to a later flight of the same day."),
        ChatMessageAssistant(content="", tool_calls=[call], model=_MODEL),
        ChatMessageTool(content=f"later flights: {answer}, flight 7", tool_call_id=call.id, function=call.function),
        ChatMessageAssistant(content=f"It is now {answer}.", model=_MODEL),
    ]
    for turn, message in enumerate(messages):
        message.id = f"message-{log}-{place}-{turn}"
    usage = ModelUsage(input_tokens=draw.randrange(200, 900), output_tokens=draw.randrange(20, 90))
    return EvalSample(
        id=place,
        epoch=1,
        input=messages[1].content,
        target=answer,
        messages=messages,
        events=[_model_event(messages[:2], messages[2]), _model_event(messages[:4], messages[4])],
        output=ModelOutput.from_content(_MODEL, messages[-1].content),
        scores={"match": Score(value="C" if right else "I", answer=answer)},
        model_usage={_MODEL: usage},
        uuid=f"sample-{log}-{place}",
    )


def _model_event(before: list, answer: ChatMessageAssistant) -> ModelEvent:
    output = ModelOutput(model=_MODEL, choices=[ChatCompletionChoice(message=answer, stop_reason="stop")])
    return ModelEvent(model=_MODEL, input=before, tools=[], tool_choice="auto", config=GenerateConfig(), output=output)


if __name__ == "__main__":
    main(*sys.argv[1:])
