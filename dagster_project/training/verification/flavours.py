"""Whether the flavours say what canonical says, each in its own way."""

from typing import Any

from dagster_project.training.datasets import Dataset
from dagster_project.training.verification.faults import Faults
from dagster_project.training.verification.messages import (
    essence,
    numbered,
    openai_message_faults,
    parsed,
    trl_message_faults,
    with_openai_names,
)
from dagster_project.training.verification.repeated_keys import says_a_key_twice

_OPENAI_SIDES = {"prompt": "input", "chosen": "preferred_output", "rejected": "non_preferred_output"}


def judge_trl(dataset: Dataset, canonical: dict[str, Any], row: dict[str, Any], *, where: str, faults: Faults) -> None:
    # Call ids are others there, but whatever has one id here has one id there, all over the row.
    here: dict[Any, int] = {}
    there: dict[Any, int] = {}
    for side in dataset.sides:
        texts = row[side] or ()
        messages = [parsed(text) for text in texts]
        problems = [problem for message in messages for problem in trl_message_faults(message)]
        if not problems and any(
            says_a_key_twice(text.encode(), message) for text, message in zip(texts, messages, strict=True)
        ):
            problems.append(("repeated_key", "a message says a key twice"))
        for code, detail in problems:
            faults.add(code, where, detail)
        if not problems:
            expected = numbered(map(essence, canonical[side] or ()), here)
            _compare(expected, numbered(map(essence, messages), there), side=side, where=where, faults=faults)
            if [message.get("name") for message in messages] != [message["name"] for message in canonical[side] or ()]:
                faults.add("flavours_differ", where, f"{side} does not name who answers as canonical does")


def judge_openai(dataset: Dataset, canonical: dict[str, Any], line: bytes, *, where: str, faults: Faults) -> None:
    row = parsed(line)
    if not isinstance(row, dict):
        faults.add("bad_json", where, "the line is no JSON object")
        return
    if not line.endswith(b"\n") or line.endswith(b"\r\n"):
        faults.add("bad_line_end", where, "the line does not end with a line feed alone")
    if says_a_key_twice(line.strip(), row):
        faults.add("repeated_key", where, "the line says a key twice")
    if "chosen" in dataset.sides:
        sides = {side: row.get(_OPENAI_SIDES[side]) for side in dataset.sides}
        if isinstance(sides["prompt"], dict):
            sides["prompt"] = sides["prompt"].get("messages")
        expected = set(_OPENAI_SIDES.values())
    else:
        sides = {"messages": row.get("messages")}
        expected = {"messages"}
    if not expected <= row.keys() <= expected | {"tools", "parallel_tool_calls"}:
        faults.add("unknown_key", where, f"the keys are {', '.join(sorted(row))}")
        return
    for side, messages in sides.items():
        if not isinstance(messages, list):
            faults.add("bad_json", where, f"{side} is no array")
            continue
        may_weigh = "completion" in dataset.sides
        problems = [problem for message in messages for problem in openai_message_faults(message, may_weigh=may_weigh)]
        if may_weigh and not problems and _weights(messages) != _expected_weights(canonical):
            problems.append(("wrong_weight", "not the last turn alone is weighed, by its label"))
        for code, detail in problems:
            faults.add(code, where, detail)
        if not problems:
            said_there = [message for own in _own_sides(dataset, side) for message in canonical[own] or ()]
            expected = with_openai_names(map(essence, said_there))
            _compare(expected, [essence(message) for message in messages], side=side, where=where, faults=faults)


def _own_sides(dataset: Dataset, side: str) -> tuple[str, ...]:
    """The canonical columns that one array of the openai flavour holds."""
    return dataset.sides if side == "messages" else (side,)


def _weights(messages: list[Any]) -> list[Any]:
    # True is 1 to Python, but no weight.
    found = [message.get("weight") for message in messages if message.get("role") == "assistant"]
    return [None if isinstance(weight, bool) else weight for weight in found]


def _expected_weights(canonical: dict[str, Any]) -> list[Any]:
    turns = [message for side in ("prompt", "completion") for message in canonical[side] or ()]
    count = sum(message["role"] == "assistant" for message in turns)
    return [0] * (count - 1) + [int(bool(canonical["label"]))]


def _compare(expected: list[tuple], found: list[tuple], *, side: str, where: str, faults: Faults) -> None:
    """The messages must say what canonical says."""
    if expected != found:
        faults.add("flavours_differ", where, f"{side} is not as in canonical")
