"""Guards: folding parts into messages adds nothing, loses nothing, and refuses what trainers would misread."""

import pytest

from dagster_project.training.texts.conversations import Part, RefusedError, fold_messages


def said(seq: int, role: str, text: str | None, *, side: str = "messages", answers: str | None = None) -> Part:
    return Part(side, seq, 0, role, answers, None, text is not None, text)


def called(seq: int, number: int, call_id: str, arguments: str | None = "{}", *, side: str = "messages") -> Part:
    return Part(side, seq, number, "assistant", call_id, "look", arguments is not None, arguments)


def test_a_message_has_what_the_log_holds_and_nothing_else() -> None:
    assert fold_messages([said(1, "user", "Hi"), said(2, "assistant", "Hello")]) == {
        "messages": [
            {"role": "user", "content": "Hi", "tool_calls": None, "tool_call_id": None, "name": None},
            {"role": "assistant", "content": "Hello", "tool_calls": None, "tool_call_id": None, "name": None},
        ]
    }


def test_an_answer_gets_the_name_of_the_tool_and_the_id_of_its_call() -> None:
    parts = [said(1, "user", "?"), said(2, "assistant", None), called(2, 1, "c"), said(3, "tool", "ok", answers="c")]
    answer = fold_messages([*parts, said(4, "assistant", "Done")])["messages"][2]
    assert (answer["tool_call_id"], answer["name"], answer["content"]) == ("c", "look", "ok")


def test_a_call_id_used_again_is_made_unique_together_with_its_answer() -> None:
    parts = [said(0, "user", "?")]
    for seq in (1, 3, 5):
        parts += [said(seq, "assistant", None), called(seq, 1, "c"), said(seq + 1, "tool", "ok", answers="c")]
    messages = fold_messages([*parts, said(7, "assistant", "Done")])["messages"]
    assert [message["tool_calls"][0]["id"] for message in messages if message["tool_calls"]] == ["c", "c-2", "c-3"]
    assert [message["tool_call_id"] for message in messages if message["role"] == "tool"] == ["c", "c-2", "c-3"]


def test_both_sides_of_a_pair_follow_the_same_prompt() -> None:
    prompt = [
        said(1, "user", "?", side="prompt"),
        said(2, "assistant", None, side="prompt"),
        called(2, 1, "c", side="prompt"),
        said(3, "tool", "ok", side="prompt", answers="c"),
    ]
    chosen = [said(4, "assistant", None, side="chosen"), called(4, 1, "c", side="chosen")]
    rejected = [said(4, "assistant", None, side="rejected"), called(4, 1, "c", '{"a":1}', side="rejected")]
    sides = fold_messages([*prompt, *chosen, *rejected])
    assert [sides[side][0]["tool_calls"][0]["id"] for side in ("chosen", "rejected")] == ["c-2", "c-2"]


@pytest.mark.parametrize(
    ("call_id", "expected"),
    # From sha256sum.
    [("x" * 41, "call_3164596df4fdd018b2c567ec"), ("ann@example.org", "call_438c4c7afe600cdf1e455c36")],
)
def test_an_id_that_providers_would_refuse_or_that_tells_something_is_its_hash(call_id: str, expected: str) -> None:
    messages = fold_messages([said(1, "user", "?"), said(2, "assistant", None), called(2, 1, call_id)])["messages"]
    assert messages[1]["tool_calls"][0]["id"] == expected


@pytest.mark.parametrize("arguments", ["", None])
def test_a_call_without_arguments_has_an_empty_object(arguments: str | None) -> None:
    messages = fold_messages([said(1, "user", "?"), said(2, "assistant", None), called(2, 1, "c", arguments)])
    assert messages["messages"][1]["tool_calls"][0]["function"]["arguments"] == "{}"


def test_arguments_stay_the_very_text_they_were() -> None:
    text = '{ "b": 1.50,\n "a": 12345678901234567890 }'
    messages = fold_messages([said(1, "user", "?"), said(2, "assistant", None), called(2, 1, "c", text)])
    assert messages["messages"][1]["tool_calls"][0]["function"]["arguments"] == text


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([Part("messages", 1, 0, "user", None, None, True, None)], "text_missing"),
        ([said(1, "assistant", None), called(1, 1, "c", "[1]")], "arguments_not_an_object"),
        ([said(1, "assistant", None), called(1, 1, "c", "{'a': 1}")], "arguments_not_an_object"),
        ([said(1, "assistant", None), called(1, 1, "c", "[" * 100_000)], "arguments_not_an_object"),
        ([said(1, "user", "Hi"), said(2, "assistant", "")], "empty_message"),
        ([said(1, "user", "Hi"), said(2, "assistant", " \n")], "empty_message"),
        ([said(1, "user", None)], "empty_message"),
        ([said(1, "user", " \n"), said(2, "assistant", "Hello?")], "empty_message"),
        (
            [said(1, "system", "Be kind."), said(2, "user", "Hi"), said(3, "system", "Be kind.")],
            "repeated_instructions",
        ),
        ([said(1, "tool", "ok", answers="c")], "answer_without_call"),
    ],
    ids=[
        "no text",
        "array",
        "no JSON",
        "deep",
        "says nothing",
        "says blanks",
        "null",
        "user says blanks",
        "told twice",
        "answer to nothing",
    ],
)
def test_what_trainers_would_misread_is_refused(parts: list[Part], reason: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        fold_messages(parts)
    assert refusal.value.reason == reason
