"""The verdict on a dataset folder: every file is read again, nothing is taken on trust.

Belongs here: files, names, counts, card. What must hold between rows, lineage and refusals is in `verify_tables`, of
rows and messages in `verify_rows`.
"""

import re
from itertools import pairwise
from pathlib import Path

import duckdb
import msgspec
import yaml

from dagster_project.errors import UsageError
from dagster_project.training.datasets import DATASETS, FLAVOURS, SPLITS, Dataset
from dagster_project.training.pool import release_memory, start_pool
from dagster_project.training.verification.faults import Fault, Faults
from dagster_project.training.verification.rows import judge_rows
from dagster_project.training.verification.stated import judge_stated_counts
from dagster_project.training.verification.tables import judge_tables
from dagster_project.training.writing.manifest import MANIFEST_NAME, Manifest, decode_manifest
from dagster_project.training.writing.shards import file_facts, shard_name

_CARD = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)


def verify_folder(folder: Path, *, threads: int = 1, scrubbed_again: bool = True) -> list[Fault]:
    """Every fault of one dataset folder; none means that it is whole. Raises UsageError when it is no dataset.

    `scrubbed_again`: whether its texts are held against the rules of the scrubber; who has just scrubbed them need not.
    """
    path = folder / MANIFEST_NAME
    if not path.is_file():
        raise UsageError(
            f"{folder} has no {MANIFEST_NAME}.",
            remedy="Name a dataset folder, such as data/exports/sft, or its parent.",
        )
    faults = Faults()
    try:
        manifest = decode_manifest(path.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        faults.add("bad_manifest", MANIFEST_NAME, str(error))
        return faults.found()
    dataset = DATASETS.get(manifest.dataset)
    if dataset is None:
        faults.add("bad_manifest", MANIFEST_NAME, f"unknown dataset {manifest.dataset!r}")
        return faults.found()
    _judge_files(folder, manifest, faults)
    _judge_names(manifest, faults)
    _judge_counts(manifest, faults)
    _judge_card(folder, dataset, manifest, faults)
    judge_stated_counts(folder, manifest, faults)
    try:
        with start_pool(threads, rows=manifest.row_count) as pool:
            judge_rows(folder, dataset, manifest, faults, pool=pool, scrubbed_again=scrubbed_again)
        release_memory()
        judge_tables(folder, dataset, manifest, faults)
    except (OSError, duckdb.Error) as error:
        faults.add("unreadable", str(folder.name), str(error).splitlines()[0])
    return faults.found()


def dataset_folders(folder: Path) -> list[Path]:
    """The folder itself if it is a dataset, else the datasets directly below it. Raises UsageError for none."""
    if (folder / MANIFEST_NAME).is_file():
        return [folder]
    below = [folder / name for name in DATASETS if (folder / name / MANIFEST_NAME).is_file()]
    if not below:
        raise UsageError(
            f"{folder} holds no exported dataset.",
            remedy="Run `reliability export all --out DIR` first, or name its DIR.",
        )
    return below


def _judge_files(folder: Path, manifest: Manifest, faults: Faults) -> None:
    listed = {facts.path for facts in manifest.files}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    if len(listed) < len(manifest.files):
        faults.add("bad_manifest", MANIFEST_NAME, "it lists a file twice")
    for path in sorted(listed - present):
        faults.add("file_missing", path, "listed in the manifest, not in the folder")
    for path in sorted(present - listed - {MANIFEST_NAME}):
        faults.add("file_not_listed", path, "in the folder, not listed in the manifest")
    for name in ("README.md", "lineage.parquet", "refusals.parquet"):
        if name not in listed:
            faults.add("file_missing", name, "every dataset has it")
    for facts in manifest.files:
        if facts.path in present and file_facts(folder / facts.path, folder=folder, rows=facts.rows) != facts:
            faults.add("hash_differs", facts.path, "size or SHA-256 is not what the manifest says")


def _judge_names(manifest: Manifest, faults: Faults) -> None:
    """Each flavour has files 0 to n - 1 of n, of the same rows; a split without rows has none."""
    if list(manifest.splits) != list(SPLITS):
        faults.add("bad_manifest", MANIFEST_NAME, f"the splits are {', '.join(manifest.splits)}")
    for split, rows in manifest.splits.items():
        for flavour in FLAVOURS:
            files = [facts for facts in manifest.files if facts.path.startswith(f"{flavour}/{split}-")]
            expected = [f"{flavour}/{shard_name(split, i, len(files), flavour)}" for i in range(len(files))]
            if [facts.path for facts in files] != expected:
                faults.add("bad_file_name", f"{flavour}/{split}", "files are not numbered 0 to n - 1 of n")
            if sum(facts.rows or 0 for facts in files) != rows:
                faults.add("row_counts_differ", f"{flavour}/{split}", f"the manifest says {rows} rows")


def _judge_counts(manifest: Manifest, faults: Faults) -> None:
    """in = out + sum of the reasons in each pass, and each pass takes what the one before left."""
    passes = manifest.passes
    for one in passes:
        if one.count_in != one.count_out + sum(one.dropped.values()):
            faults.add("pass_counts_differ", MANIFEST_NAME, f"{one.name}: in is not out plus dropped")
    for earlier, later in pairwise(passes[1:]):
        if earlier.count_out != later.count_in:
            faults.add("pass_counts_differ", MANIFEST_NAME, f"{later.name} does not take what {earlier.name} left")
    dataset = DATASETS[manifest.dataset]
    if tuple(manifest.kinds) != dataset.kinds:
        faults.add("bad_manifest", MANIFEST_NAME, f"the kinds are {', '.join(manifest.kinds)}")
    elif dataset.kinds and sum(one.kept for one in manifest.kinds.values()) != manifest.row_count:
        faults.add("row_counts_differ", MANIFEST_NAME, "the kinds do not add up to the rows")
    if not passes or passes[-1].count_out != manifest.row_count or passes[0].count_in != manifest.runs.runs_in:
        faults.add("pass_counts_differ", MANIFEST_NAME, "the passes do not lead from all runs to the rows")


def _judge_card(folder: Path, dataset: Dataset, manifest: Manifest, faults: Faults) -> None:
    """The card's configurations name exactly the Parquet files there are, and the columns of canonical."""
    path = folder / "README.md"
    found = _CARD.match(path.read_text(encoding="utf-8")) if path.is_file() else None
    try:
        matter = yaml.safe_load(found.group(1)) if found else {"configs": [], "dataset_info": []}
        named = {(part["path"], part["split"]) for config in matter["configs"] for part in config["data_files"]}
        columns = [[feature["name"] for feature in info["features"]] for info in matter["dataset_info"]]
    except (yaml.YAMLError, KeyError, TypeError):
        named, columns = set(), []
    expected = {
        (f"{flavour}/{split}-*.{suffix}", split)
        for flavour, suffix in FLAVOURS.items()
        for split, rows in manifest.splits.items()
        if rows and suffix == "parquet"
    }
    if named != expected:
        faults.add("bad_card", "README.md", "its configurations do not name the files of the folder")
    if columns != [dataset.schema("canonical").names]:
        faults.add("bad_card", "README.md", "its features are not the columns of canonical")
