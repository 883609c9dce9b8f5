"""Guards: what is exported of real logs is what those logs hold, message by message, and nothing else.

Expected rows are read from the source file itself, by its own field names.
"""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dagster_project.declarations import load_declarations
from dagster_project.landing import land
from dagster_project.landing.trace import original_bytes
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from dagster_project.training import export_all
from tests.training.scenario import publish_landed

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("training tau-bench")]
TRAJECTORIES = "data-packs/tau-bench/data/historical_trajectories"


@pytest.fixture(scope="module")
def tau(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("tau"), workers=1)
    land(settings, [shared / TRAJECTORIES], keep_payloads=True)
    declared = {name: table.to_pylist() for name, table in load_declarations(settings).tables.items()}
    publish_landed(settings, declared=declared, snapshot_number=read_snapshot(settings).number)
    export_all(settings)
    return settings


@pytest.fixture(scope="module")
def source(shared: Path) -> list[dict[str, Any]]:
    return json.loads((shared / TRAJECTORIES / "gpt-4o-airline.json").read_text(encoding="utf-8"))


def rows(settings: Settings) -> list[dict[str, Any]]:
    return [
        row
        for path in sorted((settings.exports / "sft" / "canonical").iterdir())
        for row in pq.read_table(path).to_pylist()
    ]


def test_one_row_for_each_task_that_was_ever_solved(tau: Settings, source: list[dict[str, Any]]) -> None:
    solved = {str(run["task_id"]) for run in source if run["reward"] >= 1}
    assert len(solved) == 36
    whole = [row["task_id"] for row in rows(tau) if row["example_kind"] == "conversation"]
    assert sorted(whole) == sorted(solved)


def test_recoveries_are_rows_of_their_own_one_a_task(tau: Settings) -> None:
    recovered = [row for row in rows(tau) if row["example_kind"] == "recovery"]
    assert len(recovered) > 0
    assert len({row["task_id"] for row in recovered}) == len(recovered)
    assert all(row["messages"][-1]["tool_calls"] for row in recovered)


def test_a_row_says_and_calls_what_the_trajectory_does_up_to_its_last_assistant_turn(
    tau: Settings, source: list[dict[str, Any]]
) -> None:
    def spoken(message: dict[str, Any]) -> tuple:
        calls = [call["function"] for call in message.get("tool_calls") or ()]
        return message["role"], message["content"], [(call["name"], call["arguments"]) for call in calls]

    solved = [run["traj"] for run in source if run["reward"] >= 1]
    last = [max(i for i, message in enumerate(run) if message["role"] == "assistant") for run in solved]
    expected = [[spoken(message) for message in run[: end + 1]] for run, end in zip(solved, last, strict=True)]
    for row in rows(tau):
        found = [spoken(message) for message in row["messages"]]
        whole = row["example_kind"] == "conversation"
        runs = [run for run in expected if len(run) == len(found) or (not whole and len(run) > len(found))]
        assert any(all(map(says_the_same, found, run)) for run in runs)
        assert not any("@example.com" in str(message) for message in found)


def says_the_same(found: tuple, original: tuple) -> bool:
    """Whether a message is the original one, placeholders standing for anything."""
    pattern = re.sub(r"\\\[[A-Z_]+_\d+\\\]", ".+?", re.escape(repr(found)))
    return re.fullmatch(pattern, repr(original)) is not None


def test_a_talking_user_leaves_no_two_equal_prompts(tau: Settings) -> None:
    manifest = json.loads((tau.exports / "preferences" / "manifest.json").read_bytes())
    assert sum(manifest["splits"].values()) == 0
    refused = manifest["runs"]["refused"]
    assert sum(refused.values()) == 200
    # Which failures are infrastructure's is the taxonomy's to say.
    assert set(refused) <= {"no_opposite_outcome", "no_shared_prompt", "infrastructure_failure"}


def test_every_row_traces_back_to_its_bytes(tau: Settings) -> None:
    lineage = pq.read_table(tau.exports / "sft" / "lineage.parquet").to_pylist()
    task_of = {row["lineage_id"]: row["task_id"] for row in rows(tau)}
    assert {one["lineage_id"] for one in lineage} == set(task_of)
    where = ("source_path", "source_file_sha256", "byte_offset", "byte_length")
    for one in lineage:
        run = json.loads(original_bytes(tau, **{name: one[name] for name in where}))
        assert (str(run["task_id"]), run["reward"]) == (task_of[one["lineage_id"]], 1.0)
