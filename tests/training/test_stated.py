"""Guards: what manifest, card and lineage state of rows is counted again, and a row that teaches nothing is found."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from dagster_project.settings import Settings
from dagster_project.training.verification.dataset_folder import verify_folder
from tests.training.defects import Spoil, both_tables, everywhere, lines, manifest, set_content, table
from tests.training.spoiling import SHARD, Rows, change_lines, change_table, sign

pytestmark = pytest.mark.xdist_group("training")


def say_twice(folder: Path) -> None:
    """The first row once more, under another lineage_id, wherever rows are counted."""

    def again(rows: Rows) -> Rows:
        return [*rows, rows[0] | {"lineage_id": "f" * 64}]

    for flavour in ("canonical", "trl"):
        change_table(folder / flavour / f"{SHARD}.parquet", again)
    change_lines(folder / "openai" / f"{SHARD}.jsonl", lambda rows: [*rows, rows[0]])
    first = pq.read_table(folder / "canonical" / f"{SHARD}.parquet").to_pylist()[0]["lineage_id"]
    change_table(
        folder / "lineage.parquet",
        lambda rows: [*rows, *(row | {"lineage_id": "f" * 64} for row in rows if row["lineage_id"] == first)],
    )
    sign(folder)


def of_other_runs(rows: Rows) -> None:
    runs = [row["run_id"] for row in rows]
    rows[0]["run_id"] = next(run_id for run_id in runs if run_id != runs[0])


def card(old: str, new: str) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / "README.md"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        sign(folder)

    return spoil


def jsonl(old: bytes, new: bytes) -> Spoil:
    def spoil(folder: Path) -> None:
        path = folder / "openai" / f"{SHARD}.jsonl"
        path.write_bytes(path.read_bytes().replace(old, new))
        sign(folder)

    return spoil


def two_roles(rows: Rows) -> None:
    rows[0]["messages"][0] = rows[0]["messages"][0].replace("{", '{"role":"assistant",', 1)


def named_user(rows: Rows) -> None:
    rows[0]["messages"][0] = rows[0]["messages"][0].replace("{", '{"name":"Ann",', 1)


def instruct_twice(flavour: str, messages: list[Any]) -> None:
    absent = {"tool_calls": None, "tool_call_id": None, "name": None} if flavour == "canonical" else {}
    messages[:0] = [{"role": "system", "content": "Be kind."} | absent] * 2


def stated(change: Callable[[dict[str, Any]], Any]) -> Spoil:
    return manifest(lambda found: (change(found), None)[1])


DEFECTS: dict[str, tuple[str, Spoil, str]] = {
    "a row is there twice": ("sft", say_twice, "repeated_row"),
    "lineage names another place": (
        "sft",
        table("lineage.parquet", lambda rows: [row | {"row_number": row["row_number"] + 1} for row in rows]),
        "lineage_misplaced",
    ),
    "lineage leads to another run as well": ("sft", table("lineage.parquet", of_other_runs), "lineage_misplaced"),
    "lineage is there twice": (
        "sft",
        table("lineage.parquet", lambda rows: [rows[0], *rows]),
        "lineage_repeated",
    ),
    "lineage is there again at the end": (
        "sft",
        table("lineage.parquet", lambda rows: [*rows, rows[0]]),
        "lineage_unordered",
    ),
    "lines end as on another system": ("sft", jsonl(b"\n", b"\r\n"), "bad_line_end"),
    "a line says a key twice": ("sft", jsonl(b'{"messages":', b'{"messages":[],"messages":'), "repeated_key"),
    "a message says a key twice": ("sft", table(f"trl/{SHARD}.parquet", two_roles), "repeated_key"),
    "a user says blanks": ("sft", everywhere(set_content(0, " \n "), run_id="reuse"), "empty_turn"),
    "a user has a name": (
        "sft",
        table(f"canonical/{SHARD}.parquet", lambda rows: rows[0]["messages"][0].update(name="Ann")),
        "stray_name",
    ),
    "trl names a user": ("sft", table(f"trl/{SHARD}.parquet", named_user), "flavours_differ"),
    "instructions are given twice": ("sft", everywhere(instruct_twice), "repeated_instructions"),
    "what is rejected was scored higher": (
        "preferences",
        both_tables(lambda rows: rows[0].update(margin=-0.5)),
        "bad_margin",
    ),
    "a margin is no number": (
        "preferences",
        both_tables(lambda rows: rows[0].update(margin=float("inf"))),
        "bad_margin",
    ),
    "the assistant says blanks": ("sft", everywhere(set_content(4, " \n ")), "empty_turn"),
    "a secret was put back": ("sft", everywhere(set_content(4, "Mail ann@example.org.")), "not_scrubbed"),
    "tokens are not the manifest's": ("sft", both_tables(lambda rows: rows[0].update(tokens=9)), "tokens_differ"),
    "fewer rows fit": (
        "sft",
        stated(lambda found: found["tokens"]["rows_within"].update({"2048": 0})),
        "tokens_differ",
    ),
    "a kind is another": (
        "sft",
        both_tables(lambda rows: rows[0].update(example_kind="mystery")),
        "row_counts_differ",
    ),
    "a model is another": ("sft", stated(lambda found: found.update(models={"oak-2": 8})), "row_counts_differ"),
    "a file is listed twice": ("sft", stated(lambda found: found["files"].append(found["files"][0])), "bad_manifest"),
    "a refusal names no pass": (
        "sft",
        table("refusals.parquet", lambda rows: rows[0].update({"pass": "nowhere"})),
        "refusal_without_reason",
    ),
    "the card counts other rows": ("sft", card("| train | 8 |", "| train | 9 |"), "bad_card"),
    "the card counts other runs": ("sft", card("8 rows from 8 of", "8 rows from 9 of"), "bad_card"),
    "the card gives another reason": ("sft", card("| not_successful |", "| not_kept |"), "bad_card"),
    "the card lacks a column": ("sft", card("  - name: variant_id\n    dtype: string\n", ""), "bad_card"),
    "a weight is a boolean": (
        "unpaired",
        lines(
            lambda rows: [row["messages"][-1].update(weight=bool(row["messages"][-1]["weight"])) for row in rows][:0]
        ),
        "wrong_weight",
    ),
    "a rate is none of its counts": (
        "prompts",
        both_tables(lambda rows: rows[0].update(success_count=9)),
        "useless_success_rate",
    ),
    "a saving is larger than the cost": (
        "efficiency",
        both_tables(lambda rows: rows[0].update(margin=7.0)),
        "bad_margin",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_it_is_a_fault_when(defect: str, request: pytest.FixtureRequest) -> None:
    dataset, spoil, code = DEFECTS[defect]
    folder = request.getfixturevalue(dataset)
    spoil(folder)
    assert code in {fault.code for fault in verify_folder(folder)}


def test_a_prompt_is_not_answered_yet(prompts: Path) -> None:
    def answer(messages: list[Any]) -> None:
        messages.append(
            {"role": "assistant", "content": "Sure.", "tool_calls": None, "tool_call_id": None, "name": None}
        )

    change_table(prompts / "canonical" / f"{SHARD}.parquet", lambda rows: answer(rows[0]["prompt"]))
    sign(prompts)
    assert "answered_prompt" in {fault.code for fault in verify_folder(prompts)}


def test_a_card_names_the_bytes_of_each_flavour(world: Settings) -> None:
    """`datasets` gives what it read before to whoever loads a folder of the same name whose card is the same."""
    folder = world.exports / "sft"
    matter = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    for config in matter["configs"]:
        name = f"{config['config_name']}/{SHARD}.parquet"
        line = f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        assert config["description"] == f"sha256 {sha256(line.encode()).hexdigest()}"
