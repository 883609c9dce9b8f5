"""Guards: each defect that a trainer would silently accept is found, though the manifest vouches for it."""

from pathlib import Path
from typing import Any

import pytest

from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.training.datasets import DATASETS
from dagster_project.training.verification.dataset_folder import dataset_folders, verify_folder
from dagster_project.training.verification.faults import Faults
from tests.training.defects import (
    Spoil,
    add_labels,
    add_user_turn,
    bad_arguments,
    both_tables,
    canonical,
    dotted_name,
    drop,
    everywhere,
    lines,
    manifest,
    merge_groups,
    rename_shard,
    repeat_call_id,
    set_content,
    strip_tools,
    swap_split,
    table,
    trl_ids,
    trl_nulls,
    without_first_row,
    without_signing,
)
from tests.training.spoiling import SHARD, Rows, change_everywhere, sign

pytestmark = pytest.mark.xdist_group("training")


def codes(folder: Path) -> set[str]:
    return {fault.code for fault in verify_folder(folder)}


SFT_DEFECTS: dict[str, tuple[Spoil, str]] = {
    "an answer is the last message": (everywhere(drop(-1)), "not_ending_on_assistant"),
    "a call is never answered": (everywhere(drop(2), run_id="reuse"), "call_unanswered"),
    "an answer has no call": (everywhere(drop(1), run_id="reuse"), "answer_without_call"),
    "two calls share an id": (everywhere(repeat_call_id, run_id="reuse"), "repeated_call_id"),
    "arguments are no object": (everywhere(bad_arguments, run_id="reuse"), "bad_arguments"),
    "a user says null": (everywhere(set_content(0, None)), "null_content"),
    "the assistant says nothing": (everywhere(set_content(4, "")), "empty_turn"),
    "a role is unknown": (everywhere(lambda _, messages: messages[0].update(role="function")), "bad_role"),
    "the assistant speaks first": (everywhere(drop(0), run_id="reuse"), "no_prompt"),
    "a row is empty": (everywhere(lambda _, messages: messages.clear()), "empty_row"),
    "tools is no JSON": (both_tables(strip_tools), "bad_tools"),
    "a flavour says something else": (
        canonical(lambda rows: rows[0]["messages"][0].update(content="Bye")),
        "flavours_differ",
    ),
    "a flavour has other facts": (canonical(lambda rows: rows[0].update(agent_id="else")), "flavours_differ"),
    "trl has a null": (table(f"trl/{SHARD}.parquet", trl_nulls), "null_or_empty_key"),
    "an id is not as strict templates take it": (table(f"trl/{SHARD}.parquet", trl_ids), "bad_call_id"),
    "openai has a function name that is refused": (lines(dotted_name), "bad_function_name"),
    "openai has an unknown key": (lines(lambda rows: rows[0]["messages"][0].update(name="Ann")), "unknown_key"),
    "openai has an unknown column": (lines(lambda rows: rows[0].update(weight=1)), "unknown_key"),
    "openai has empty tool calls": (
        lines(lambda rows: rows[0]["messages"][1].update(tool_calls=[])),
        "null_or_empty_key",
    ),
    "openai is short of a row": (lines(lambda rows: rows[1:]), "row_counts_differ"),
    "rows are in another order": (lines(lambda rows: rows[::-1]), "flavours_differ"),
    "a column name misleads trainers": (add_labels, "forbidden_column"),
    "a lineage_id is null": (both_tables(lambda rows: rows[0].update(lineage_id=None)), "null_fact"),
    "a lineage_id is used twice": (
        both_tables(lambda rows: rows[0].update(lineage_id=rows[1]["lineage_id"])),
        "repeated_lineage_id",
    ),
    "a row has no lineage": (table("lineage.parquet", without_first_row), "lineage_missing"),
    "lineage has no offset": (
        table("lineage.parquet", lambda rows: rows[0].update(byte_offset=None)),
        "lineage_incomplete",
    ),
    "lineage has no hash": (
        table("lineage.parquet", lambda rows: rows[0].update(source_file_sha256="?")),
        "lineage_incomplete",
    ),
    "lineage of a row that is gone": (
        table("lineage.parquet", lambda rows: [*rows, rows[0] | {"lineage_id": "0" * 64}]),
        "lineage_stray",
    ),
    "a refusal is dropped": (table("refusals.parquet", lambda rows: rows[1:]), "refusals_differ"),
    "a run is refused twice": (table("refusals.parquet", lambda rows: [*rows[1:], rows[1]]), "refused_twice"),
    "a refusal has no reason": (
        table("refusals.parquet", lambda rows: rows[0].update(reason="")),
        "refusal_without_reason",
    ),
    "a used run is refused": (
        table("refusals.parquet", lambda rows: rows[0].update(run_id="good")),
        "refused_and_used",
    ),
    "a group belongs to another split": (both_tables(merge_groups), "wrong_split"),
    "train is given out as test": (swap_split, "wrong_split"),
    "a thought is left between marks": (everywhere(set_content(-1, "<think>Hm.</think>Done")), "reasoning_left"),
    "a thought is left as a part": (
        everywhere(set_content(-1, '[{"type":"thinking","thinking":"Hm."},{"type":"text","text":"Done"}]')),
        "reasoning_left",
    ),
    "a message is not counted": (both_tables(lambda rows: rows[0].update(message_count=9)), "message_count_differs"),
    "a shard has another number": (rename_shard, "bad_file_name"),
    "the passes do not add up": (
        manifest(lambda found: found["passes"][1].update(count_in=99)),
        "pass_counts_differ",
    ),
    "the manifest is of another shape": (manifest(lambda found: found.pop("splits")), "bad_manifest"),
    "the manifest counts other rows": (manifest(lambda found: found["splits"].update(train=9)), "row_counts_differ"),
    "the manifest counts other kinds": (
        manifest(lambda found: found["kinds"]["recovery"].update(kept=9)),
        "row_counts_differ",
    ),
    "the manifest names other kinds": (manifest(lambda found: found["kinds"].pop("recovery")), "bad_manifest"),
    "the card names other files": (
        without_signing(lambda folder: (folder / "README.md").write_text("# Data")),
        "bad_card",
    ),
    "a file was changed": (
        without_signing(lambda folder: (folder / "README.md").open("a").write("\n")),
        "hash_differs",
    ),
    "a file is gone": (without_signing(lambda folder: (folder / "refusals.parquet").unlink()), "file_missing"),
    "a file was added": (without_signing(lambda folder: (folder / "notes.txt").write_text("x")), "file_not_listed"),
    "a file is torn": (
        without_signing(lambda folder: (folder / "canonical" / f"{SHARD}.parquet").write_bytes(b"PAR1")),
        "unreadable",
    ),
}

PREFERENCE_DEFECTS: dict[str, tuple[Spoil, str]] = {
    "a user speaks in chosen": (everywhere(add_user_turn, side="chosen"), "turn_in_completion"),
    "chosen has two messages": (everywhere(lambda _, m: m.append(dict(m[0])), side="chosen"), "not_one_message"),
    "rejected is empty": (everywhere(lambda _, messages: messages.clear(), side="rejected"), "not_one_message"),
    "the prompt is empty": (everywhere(lambda _, messages: messages.clear(), side="prompt"), "empty_row"),
    "the margin is null": (both_tables(lambda rows: rows[0].update(margin=None)), "null_margin"),
    "both sides come from one run": (
        both_tables(lambda rows: rows[0].update(rejected_run_id=rows[0]["chosen_run_id"])),
        "same_run",
    ),
}


def one_class(folder: Path) -> None:
    both_tables(lambda rows: [row | {"label": True} for row in rows])(folder)
    lines(lambda rows: [row["messages"][-1].update(weight=1) for row in rows] and rows)(folder)


def weigh_everything(rows: Rows) -> None:
    for message in (message for row in rows for message in row["messages"] if "weight" in message):
        message["weight"] = 1


def add_user_message(rows: Rows) -> None:
    rows[0]["messages"].append({"role": "user", "content": "Go on."})


UNPAIRED_DEFECTS: dict[str, tuple[Spoil, str]] = {
    "train has one label": (one_class, "one_class"),
    "a label is null": (both_tables(lambda rows: rows[0].update(label=None)), "null_fact"),
    "a label is turned": (both_tables(lambda rows: rows[0].update(label=not rows[0]["label"])), "wrong_weight"),
    "an earlier turn is weighed": (lines(weigh_everything), "wrong_weight"),
    "openai goes on after the completion": (lines(add_user_message), "flavours_differ"),
    "the prompt is counted wrong": (
        both_tables(lambda rows: rows[0].update(prompt_message_count=9)),
        "message_count_differs",
    ),
}

PROMPT_DEFECTS: dict[str, tuple[Spoil, str]] = {
    "a task is always solved": (both_tables(lambda rows: rows[0].update(success_rate=1.0)), "useless_success_rate"),
    "a task is never solved": (both_tables(lambda rows: rows[0].update(success_rate=0.0)), "useless_success_rate"),
    "nobody verifies": (both_tables(lambda rows: rows[0].update(verifier=None)), "null_fact"),
}


@pytest.mark.parametrize("dataset", DATASETS)
def test_an_exported_dataset_has_no_fault(world: Settings, dataset: str) -> None:
    assert verify_folder(world.exports / dataset) == []


@pytest.mark.parametrize("defect", UNPAIRED_DEFECTS)
def test_it_is_a_fault_of_an_unpaired_dataset_when(defect: str, unpaired: Path) -> None:
    spoil, code = UNPAIRED_DEFECTS[defect]
    spoil(unpaired)
    assert code in codes(unpaired)


@pytest.mark.parametrize("defect", PROMPT_DEFECTS)
def test_it_is_a_fault_of_prompts_when(defect: str, prompts: Path) -> None:
    spoil, code = PROMPT_DEFECTS[defect]
    spoil(prompts)
    assert code in codes(prompts)


def test_signing_alone_is_no_fault(sft: Path) -> None:
    """The tool of these tests does no harm by itself."""
    sign(sft)
    assert verify_folder(sft) == []


@pytest.mark.parametrize("defect", SFT_DEFECTS)
def test_it_is_a_fault_of_an_sft_dataset_when(defect: str, sft: Path) -> None:
    spoil, code = SFT_DEFECTS[defect]
    spoil(sft)
    assert code in codes(sft)


@pytest.mark.parametrize("defect", PREFERENCE_DEFECTS)
def test_it_is_a_fault_of_a_preference_dataset_when(defect: str, preferences: Path) -> None:
    spoil, code = PREFERENCE_DEFECTS[defect]
    spoil(preferences)
    assert code in codes(preferences)


def test_chosen_may_not_say_what_rejected_says_under_another_call_id(preferences: Path) -> None:
    def same_call(flavour: str, messages: list[Any]) -> None:
        arguments: Any = {"ticket": 7} if flavour == "trl" else '{"ticket": 7}'
        call = {"id": "other1234", "type": "function", "function": {"name": "lookup", "arguments": arguments}}
        said = {"role": "assistant", "content": "" if flavour == "trl" else None, "tool_calls": [call]}
        absent = {"tool_call_id": None, "name": None} if flavour == "canonical" else {}
        messages[:] = [said | absent]

    change_everywhere(preferences, same_call, side="rejected", run_id="good")
    assert codes(preferences) == {"chosen_equals_rejected"}


def test_of_many_equal_faults_the_first_are_shown_and_the_rest_counted() -> None:
    faults = Faults()
    for number in range(25):
        faults.add("null_content", f"row {number}", "no content")
    found = faults.found()
    assert len(found) == 21
    assert found[-1].detail == "5 more of this kind"


def test_a_folder_without_a_dataset_is_a_mistake_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no exported dataset"):
        dataset_folders(tmp_path)
