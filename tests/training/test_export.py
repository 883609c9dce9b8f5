"""Guards: an export is complete, says so, is the same every time, and never leaves half a dataset behind."""

import hashlib
import json
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from dagster_project.errors import CheckFailed, UsageError
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from dagster_project.training import export, export_all, export_dataset
from dagster_project.training.datasets import DATASETS
from dagster_project.training.verification.faults import Fault
from dagster_project.training.verification.invalidated import invalidated_rows
from dagster_project.training.writing import shards
from tests.landed_rows import land_rows
from tests.training.scenario import ASKED, LEDGER_RUNS, Run, landed_tables, publish_landed, publish_runs

pytestmark = pytest.mark.xdist_group("training")


def content(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_bytes())


def test_the_folder_holds_what_the_documents_name(world: Settings) -> None:
    shard = "train-00000-of-00001"
    assert set(content(world.exports / "sft")) == {
        "README.md",
        "manifest.json",
        "lineage.parquet",
        "refusals.parquet",
        f"canonical/{shard}.parquet",
        f"trl/{shard}.parquet",
        f"openai/{shard}.jsonl",
    }


def test_every_pass_counts_what_came_in_and_what_went_out(world: Settings) -> None:
    passes = [(one["name"], one["count_in"], one["count_out"]) for one in manifest(world.exports / "sft")["passes"]]
    assert passes == [
        ("select", 24, 10),
        ("join payload", 10, 10),
        ("normalise", 10, 9),
        ("scrub", 9, 9),
        ("exact dedupe", 9, 8),
        ("near dedupe", 8, 8),
        ("decontaminate", 8, 8),
        ("cap", 8, 8),
        ("split", 8, 8),
        ("write", 8, 8),
        ("verify", 8, 8),
    ]


def test_every_run_is_used_or_refused_with_the_pass_that_found_it(world: Settings) -> None:
    refusals = pq.read_table(world.exports / "sft" / "refusals.parquet").to_pylist()
    assert len(refusals) + 8 == len(LEDGER_RUNS)
    late = {(row["run_id"], row["pass"], row["reason"]) for row in refusals if row["pass"] != "select"}
    twin = next(row["run_id"] for row in refusals if row["reason"] == "exact_duplicate")
    assert twin in {"twin-a", "twin-b"}
    assert late == {
        ("bad-arguments", "normalise", "arguments_not_an_object"),
        (twin, "exact dedupe", "exact_duplicate"),
    }


def test_lineage_names_the_bytes_of_every_record_of_the_run(world: Settings) -> None:
    lineage = pq.read_table(world.exports / "sft" / "lineage.parquet").to_pylist()
    rows = [row for row in lineage if row["run_id"] == "good"]
    # The scenario gives each landed row 100 bytes: the run's own, its six messages', its one call's. The first of
    # each table has offset 0, so that run, first message and first call are one stretch.
    assert [(row["source_path"], row["byte_offset"], row["byte_length"]) for row in rows] == [
        ("inbox/1.jsonl", offset, 100) for offset in (0, 100, 200, 300, 400, 500)
    ]


def test_the_card_declares_the_files_and_says_what_is_not_promised(world: Settings) -> None:
    card = (world.exports / "sft" / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(re.match(r"---\n(.*?)---\n", card, re.DOTALL)[1])
    assert [config["config_name"] for config in front["configs"]] == ["canonical", "trl"]
    assert front["configs"][1]["data_files"] == [{"split": "train", "path": "trl/train-*.parquet"}]
    assert "no promise is made about them" in card
    # The scenario names one model; its provider's terms bind all eight rows.
    assert "| cedar-1 | 8 |" in card


def test_card_and_manifest_tell_what_each_kind_of_pair_yields(world: Settings) -> None:
    one, two = ({"selected": rows, "kept": rows, "tasks": 1} for rows in (1, 2))
    found = manifest(world.exports / "preferences")
    # One of the two pairs after the same calls differs in a blank alone.
    assert found["kinds"] == {"first_divergence": two, "same_state": {**two, "kept": 1}, "output": {**two, "tasks": 2}}
    assert {one["name"]: one["dropped"] for one in found["passes"]}["exact dedupe"] == {"equal_sides": 1}
    assert manifest(world.exports / "efficiency")["kinds"] == {"efficiency": one}
    card = (world.exports / "preferences" / "README.md").read_text(encoding="utf-8")
    assert "| same_state | 2 | 1 | 1 |" in card


def test_what_a_verification_printed_stands_scrubbed_beside_the_messages(world: Settings) -> None:
    rows = [row for path in (world.exports / "sft" / "canonical").iterdir() for row in pq.read_table(path).to_pylist()]
    assert {row["task_id"]: row["verification_output"] for row in rows if row["verification"]} == {
        "t17": "4 passed, see [EMAIL_1]"
    }
    assert all("passed" not in (message["content"] or "") for row in rows for message in row["messages"])


@pytest.mark.parametrize("threads", [1, 4, pytest.param(2, marks=pytest.mark.slow)])
def test_the_same_bytes_come_out_at_any_number_of_threads(world: Settings, tmp_path: Path, threads: int) -> None:
    export_all(world, out=tmp_path, threads=threads)
    for dataset in DATASETS:
        assert content(tmp_path / dataset) == content(world.exports / dataset)


def test_an_export_into_the_same_place_replaces_and_leaves_nothing_beside(world: Settings, tmp_path: Path) -> None:
    first = export_dataset(world, "sft", out=tmp_path)
    (tmp_path / "sft" / "canonical" / "stray.parquet").write_bytes(b"left by somebody")
    second = export_dataset(world, "sft", out=tmp_path)
    assert (first.is_changed, second.is_changed) == (True, False)
    assert content(tmp_path / "sft") == content(world.exports / "sft")
    assert {path.name for path in tmp_path.iterdir()} == {".export.lock", "sft"}


def test_a_killed_export_leaves_nothing_that_the_next_one_trips_over(world: Settings, tmp_path: Path) -> None:
    (tmp_path / ".sft.partial" / "sft" / "canonical").mkdir(parents=True)
    (tmp_path / ".sft.partial" / "sft" / "canonical" / "train-00000.partial").write_bytes(b"torn")
    export_dataset(world, "sft", out=tmp_path)
    assert content(tmp_path / "sft") == content(world.exports / "sft")


def test_a_dataset_that_fails_its_own_verification_replaces_nothing(
    world: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_dataset(world, "sft", out=tmp_path)
    before = content(tmp_path / "sft")
    fault = Fault(code="null_content", where="train row 0", detail="planted")
    monkeypatch.setattr(export, "verify_folder", lambda _folder, **_options: [fault])
    with pytest.raises(CheckFailed, match="null_content in train row 0: planted"):
        export_dataset(world, "sft", out=tmp_path)
    assert content(tmp_path / "sft") == before


def test_rows_beyond_one_file_go_on_in_the_next(
    world: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "ROWS_PER_FILE", 2)
    monkeypatch.setattr(shards, "ROWS_PER_GROUP", 1)
    export_dataset(world, "sft", out=tmp_path)
    names = sorted(path.name for path in (tmp_path / "sft" / "trl").iterdir())
    assert names == [f"train-0000{number}-of-00004.parquet" for number in range(4)]
    assert pq.read_metadata(tmp_path / "sft" / "trl" / names[0]).num_row_groups == 2


def test_an_unknown_dataset_is_a_mistake_of_usage(world: Settings) -> None:
    with pytest.raises(UsageError, match="no dataset 'rlhf'"):
        export_dataset(world, "rlhf")


def test_without_a_published_snapshot_there_is_nothing_to_export(settings: Settings) -> None:
    with pytest.raises(UsageError, match="Nothing has been published"):
        export_dataset(settings, "sft")


@pytest.mark.slow
def test_a_text_that_no_longer_has_its_hash_is_not_exported(settings: Settings) -> None:
    publish_runs(settings, [Run(run_id="r", turns=(ASKED, ("assistant", "All is well.")))])
    path = settings.home / read_snapshot(settings).files("payloads")[0].path
    spoilt = pq.read_table(path).to_pylist()
    changed = [row | {"text": row["text"].replace("well", "lost")} for row in spoilt]
    pq.write_table(pq.read_table(path).from_pylist(changed, schema=pq.read_schema(path)), path)
    summary = export_dataset(settings, "sft")
    assert (summary.row_count, summary.refused) == (0, {"text_missing": 1})


@pytest.mark.slow
def test_a_deleted_run_leaves_rows_and_pairs_and_invalidates_those_exported(
    settings: Settings, world: Settings
) -> None:
    deletion = {"event_type": "deletion", "run_id": "bad", "event_id": "d", "payload": "{}"}
    land_rows(settings, landed_tables(LEDGER_RUNS))
    land_rows(settings, {"events": [deletion]})
    publish_landed(settings, snapshot_number=2)
    summaries = {summary.dataset: summary for summary in export_all(settings)}
    gone = invalidated_rows(settings, world.exports / "preferences")
    assert {(row.run_id, row.reason) for row in gone} == {("bad", "run_deleted")}
    assert len({row.lineage_id for row in gone}) == 2
    assert invalidated_rows(settings, settings.exports / "preferences") == []
    # What is left is the two pairs of patches.
    assert (summaries["preferences"].row_count, summaries["preferences"].runs_in) == (2, len(LEDGER_RUNS) - 1)
