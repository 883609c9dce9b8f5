"""The verdict on a dataset folder: every file is read again, nothing is taken on trust.

Belongs here: files, counts, lineage, refusals, splits. What must hold of rows and messages is in `verify_rows`.
"""

import re
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import yaml

from dagster_project.errors import UsageError
from dagster_project.training.datasets import DATASETS, FLAVOURS, SPLITS, Dataset
from dagster_project.training.faults import Fault, Faults
from dagster_project.training.manifest import MANIFEST_NAME, Manifest, decode_manifest
from dagster_project.training.pool import Pool
from dagster_project.training.shards import file_facts, shard_name
from dagster_project.training.verify_rows import judge_rows
from dagster_project.training.workbench import MEMORY_LIMIT

_CARD = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)


def verify_folder(folder: Path, *, pool: Pool | None = None) -> list[Fault]:
    """Every fault of one dataset folder; none means that it is whole. Raises UsageError when it is no dataset."""
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
    _judge_card(folder, manifest, faults)
    try:
        judge_rows(folder, dataset, manifest, faults, pool=pool or Pool(None, 1))
        _judge_tables(folder, dataset, manifest, faults)
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


def _judge_card(folder: Path, manifest: Manifest, faults: Faults) -> None:
    """The card's configurations name exactly the Parquet files there are."""
    path = folder / "README.md"
    found = _CARD.match(path.read_text(encoding="utf-8")) if path.is_file() else None
    try:
        configs = yaml.safe_load(found.group(1))["configs"] if found else []
        named = {(part["path"], part["split"]) for config in configs for part in config["data_files"]}
    except (yaml.YAMLError, KeyError, TypeError):
        named = set()
    expected = {
        (f"{flavour}/{split}-*.{suffix}", split)
        for flavour, suffix in FLAVOURS.items()
        for split, rows in manifest.splits.items()
        if rows and suffix == "parquet"
    }
    if named != expected:
        faults.add("bad_card", "README.md", "its configurations do not name the files of the folder")


def _judge_tables(folder: Path, dataset: Dataset, manifest: Manifest, faults: Faults) -> None:
    """What must hold between rows, lineage and refusals."""
    rows = [str(folder / facts.path) for facts in manifest.files if facts.path.startswith("canonical/")]
    with tempfile.TemporaryDirectory(prefix="verify-") as spill, _database(Path(spill)) as connection:
        connection.execute(_LINEAGE, [str(folder / "lineage.parquet")])
        connection.execute("create table refusals as from read_parquet(?)", [str(folder / "refusals.parquet")])
        if rows:
            connection.execute(_ROWS.format(runs=", ".join(dataset.run_columns)), [rows])
        else:
            connection.execute(_NO_ROWS)
        for code, where, detail, sql in _TABLE_CHECKS:
            for (found,) in connection.execute(sql).fetchall():
                faults.add(code, where, f"{detail}: {found}")
        refused = dict(connection.execute("select reason, count(*) from refusals group by 1 order by 1").fetchall())
        if rows and "label" in dataset.facts and connection.execute(_TRAIN_LABELS, [rows]).fetchall() != [(2,)]:
            faults.add("one_class", "canonical", "the rows of train do not have both labels")
        used = _count(connection, "select count(*) from (select distinct organization_id, run_id from lineage)")
    runs = manifest.runs
    if refused != runs.refused:
        faults.add("refusals_differ", "refusals.parquet", "the reasons are not counted as the manifest says")
    if used != runs.used or runs.runs_in != used + sum(refused.values()):
        faults.add(
            "refusals_differ",
            "refusals.parquet",
            f"{runs.runs_in} runs are not {used} used and {sum(refused.values())} refused",
        )


def _database(spill: Path) -> duckdb.DuckDBPyConnection:
    """A database whose memory is bounded, however many rows there are."""
    return duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(spill), "threads": "2"})


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return connection.execute(sql).fetchall()[0][0]


# Of a run's stretches of bytes only that all of them are whole has to be known.
_LINEAGE = """
    create table lineage as
    select
        lineage_id, organization_id, split, run_id,
        bool_or(
            source_path is null or byte_offset is null or byte_offset < 0 or byte_length is null or byte_length <= 0
            or not coalesce(regexp_full_match(source_file_sha256, '[0-9a-f]{64}'), false)
        ) as is_incomplete
    from read_parquet(?)
    group by all
"""

_ROWS = """
    create table dataset_rows as
    select
        lineage_id, organization_id, task_hash, split_group, list_value({runs}) as run_ids,
        regexp_extract(filename, '([a-z]+)-[0-9]+-of-[0-9]+[.]parquet$', 1) as split
    from read_parquet(?, filename = true)
"""

_TRAIN_LABELS = """
    select count(distinct label) from read_parquet(?, filename = true) where filename like '%/train-%'
"""

_NO_ROWS = """
    create table dataset_rows (
        lineage_id varchar, organization_id varchar, task_hash varchar, split_group varchar, run_ids varchar[],
        split varchar
    )
"""

_TABLE_CHECKS: tuple[tuple[str, str, str, str], ...] = (
    (
        "repeated_lineage_id", "canonical", "two rows have the same lineage_id",
        "select lineage_id from dataset_rows group by 1 having count(*) > 1 order by 1",
    ),
    (
        "split_shares_group", "canonical", "a group is in two splits",
        "select split_group from dataset_rows group by 1 having count(distinct split) > 1 order by 1",
    ),
    (
        "split_shares_group", "canonical", "a task is in two splits",
        "select task_hash from dataset_rows group by 1 having count(distinct split) > 1 order by 1",
    ),
    (
        "wrong_split", "canonical", "the hash of this row's group belongs to another split",
        # The first 15 hexadecimal digits of the group's SHA-256, modulo 1000.
        "select lineage_id from (select *, cast('0x' || substr(sha256(split_group), 1, 15) as bigint) % 1000 as bucket "
        "from dataset_rows) as bucketed where split <> case when bucket < 900 then 'train' "
        "when bucket < 950 then 'validation' else 'test' end order by 1",
    ),
    (
        "lineage_missing", "lineage.parquet", "a row, or a run of it, has no lineage",
        "select distinct lineage_id from (select lineage_id, organization_id, split, unnest(run_ids) as run_id "
        "from dataset_rows) as row_runs anti join lineage using (lineage_id, organization_id, split, run_id) "
        "order by 1",
    ),
    (
        "lineage_stray", "lineage.parquet", "lineage of a row that is not there",
        "select distinct lineage_id from lineage anti join dataset_rows using (lineage_id, split) order by 1",
    ),
    (
        "lineage_incomplete", "lineage.parquet", "no file, hash, offset or length",
        "select distinct lineage_id from lineage where is_incomplete order by 1",
    ),
    (
        "refused_twice", "refusals.parquet", "a run is refused more than once",
        "select run_id from refusals group by organization_id, run_id having count(*) > 1 order by 1",
    ),
    (
        "refused_and_used", "refusals.parquet", "a run is refused and used",
        "select distinct run_id from refusals semi join lineage using (organization_id, run_id) order by 1",
    ),
    (
        "refusal_without_reason", "refusals.parquet", "no reason",
        "select run_id from refusals where reason is null or reason = '' order by 1",
    ),
)  # fmt: skip
"""(kind, file, what is wrong, a query that names the offenders)"""
