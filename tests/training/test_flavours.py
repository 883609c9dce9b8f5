"""Guards: one row, three encodings; each holds exactly the keys its consumer documents."""

import json

import pyarrow.parquet as pq
import pytest

from dagster_project.settings import Settings
from dagster_project.training.writing.flavours import openai_message, trl_message
from tests.training.scenario import ISSUE, PATCH, read_json_lines

pytestmark = pytest.mark.xdist_group("training")
SHARD = "train-00000-of-00001"

FIRST = {"id": "x", "type": "function", "function": {"name": "lookup", "arguments": '{"ticket":7}'}}
SECOND = {"id": "x-2", "type": "function", "function": {"name": "search", "arguments": '{"q": "a b"}'}}
THIRD = {"id": "y", "type": "function", "function": {"name": "lookup", "arguments": '{"ticket":7}'}}
LAST = {"id": "x-3", "type": "function", "function": {"name": "close", "arguments": '{"ticket":7}'}}

# Nine letters and digits from the SHA-256 of the canonical ids, as sha256sum gives it, in base 62.
X, X_2, X_3, Y = "4Aeatcr32", "rXxAnn3kt", "O3uCqh6Sd", "icxpSDe8p"


def row_of(world: Settings, flavour: str, run_id: str) -> dict:
    rows = pq.read_table(world.exports / "sft" / flavour / f"{SHARD}.parquet").to_pylist()
    return next(row for row in rows if row["run_id"] == run_id)


def test_canonical_says_null_where_a_key_is_absent(world: Settings) -> None:
    def message(role: str, content: str | None, **more: object) -> dict:
        return {"role": role, "content": content, "tool_calls": None, "tool_call_id": None, "name": None, **more}

    assert row_of(world, "canonical", "reuse")["messages"] == [
        message("user", "Look three times."),
        message("assistant", "One.", tool_calls=[FIRST]),
        message("tool", "", tool_call_id="x", name="lookup"),
        message("assistant", None, tool_calls=[SECOND, THIRD]),
        message("tool", "found", tool_call_id="x-2", name="search"),
        message("tool", "found", tool_call_id="y", name="lookup"),
        message("assistant", None, tool_calls=[LAST]),
    ]


def test_trl_has_objects_and_no_null(world: Settings) -> None:
    def call(id_: str, name: str, arguments: dict) -> dict:
        return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}

    assert [json.loads(message) for message in row_of(world, "trl", "reuse")["messages"]] == [
        {"role": "user", "content": "Look three times."},
        {"role": "assistant", "content": "One.", "tool_calls": [call(X, "lookup", {"ticket": 7})]},
        {"role": "tool", "content": "", "tool_call_id": X, "name": "lookup"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [call(X_2, "search", {"q": "a b"}), call(Y, "lookup", {"ticket": 7})],
        },
        {"role": "tool", "content": "found", "tool_call_id": X_2, "name": "search"},
        {"role": "tool", "content": "found", "tool_call_id": Y, "name": "lookup"},
        {"role": "assistant", "content": "", "tool_calls": [call(X_3, "close", {"ticket": 7})]},
    ]


def test_openai_has_the_documented_keys_only(world: Settings) -> None:
    lines = read_json_lines(world.exports / "sft" / "openai" / f"{SHARD}.jsonl")
    assert {
        "messages": [
            {"role": "user", "content": "Look three times."},
            {"role": "assistant", "content": "One.", "tool_calls": [FIRST]},
            {"role": "tool", "content": "", "tool_call_id": "x"},
            {"role": "assistant", "content": None, "tool_calls": [SECOND, THIRD]},
            {"role": "tool", "content": "found", "tool_call_id": "x-2"},
            {"role": "tool", "content": "found", "tool_call_id": "y"},
            {"role": "assistant", "content": None, "tool_calls": [LAST]},
        ]
    } in lines


def test_an_openai_pair_has_one_assistant_message_a_side(world: Settings) -> None:
    lines = read_json_lines(world.exports / "preferences" / "openai" / f"{SHARD}.jsonl")
    call = {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": '{"ticket":7}'}}
    assert {
        "input": {
            "messages": [
                {"role": "system", "content": "You run a help desk."},
                {"role": "user", "content": "What is the state of ticket 7?"},
            ]
        },
        "preferred_output": [{"role": "assistant", "content": None, "tool_calls": [call]}],
        "non_preferred_output": [{"role": "assistant", "content": "I do not know."}],
    } in lines


def test_trl_messages_carry_the_json_type_that_loaders_know(world: Settings) -> None:
    schema = pq.read_schema(world.exports / "sft" / "trl" / f"{SHARD}.parquet")
    assert str(schema.field("messages").type) == "list<element: extension<arrow.json>>"
    assert schema.field("tools").type == "string"


def test_what_a_run_was_given_and_handed_in_is_a_conversation_of_two_turns(world: Settings) -> None:
    assert [
        (message["role"], message["content"]) for message in row_of(world, "canonical", "patch-good")["messages"]
    ] == [
        ("user", ISSUE),
        ("assistant", PATCH.format(limit=8)),
    ]


def test_a_patch_that_failed_is_rejected_for_one_that_passed(world: Settings) -> None:
    lines = read_json_lines(world.exports / "preferences" / "openai" / f"{SHARD}.jsonl")
    assert {
        "input": {"messages": [{"role": "user", "content": ISSUE}]},
        "preferred_output": [{"role": "assistant", "content": PATCH.format(limit=8)}],
        "non_preferred_output": [{"role": "assistant", "content": PATCH.format(limit=4)}],
    } in lines


def test_an_id_that_the_strictest_templates_take_stays_as_it_is() -> None:
    answer = {"role": "tool", "content": "ok", "tool_calls": None, "tool_call_id": "aB3dE6gH9", "name": "lookup"}
    assert json.loads(trl_message(answer))["tool_call_id"] == "aB3dE6gH9"


def test_openai_gets_function_names_that_it_accepts() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "mcp:files.read/" + "x" * 60, "arguments": "{}"}}
    said = {"role": "assistant", "content": None, "tool_calls": [call], "tool_call_id": None, "name": None}
    (written,) = openai_message(said)["tool_calls"]
    assert written["function"] == {"name": "mcp_files_read_" + "x" * 49, "arguments": "{}"}
    assert call["function"]["name"].startswith("mcp:files.read/")
