"""Export one dataset: its passes in order, then put it in place.

Everything is written beside the final folder and moved there in one step: readers see the old dataset or the new.
"""

import hashlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa

from dagster_project import durable
from dagster_project.declarations import load_declarations
from dagster_project.errors import CheckFailed, UsageError
from dagster_project.settings import Settings
from dagster_project.training.artifacts import ARTIFACTS, ArtifactSummary, export_artifact
from dagster_project.training.card import card_text
from dagster_project.training.comparing import Caps, compare_rows
from dagster_project.training.contamination import Protection, declared_items, items_of_rows
from dagster_project.training.datasets import DATASETS, SPLITS, Dataset
from dagster_project.training.manifest import (
    FORMAT_VERSION,
    MANIFEST_NAME,
    Inputs,
    Manifest,
    PassCounts,
    Runs,
    Scrubbed,
    TokenFit,
    Yield,
    code_version,
    encode_manifest,
    query_sha256,
    settings_sha256,
)
from dagster_project.training.near_duplicates import Facts
from dagster_project.training.object_store import Store
from dagster_project.training.placing import exporter_lock, put_in_place, sync_tree
from dagster_project.training.pool import Pool, start_pool
from dagster_project.training.scrubbing import scrubbing_version
from dagster_project.training.shards import file_facts, shard_tasks, write_shard
from dagster_project.training.sidecars import add_verdicts, run_counts, write_lineage, write_refusals
from dagster_project.training.sketches import Frame
from dagster_project.training.text_pass import ChunkResult, ChunkTask, Dropped, frame_of_chunk, work_on_chunk
from dagster_project.training.verify import verify_folder
from dagster_project.training.workbench import Workbench, open_workbench

ROW_PASSES: tuple[str, ...] = (
    "join payload",
    "normalise",
    "scrub",
    "exact dedupe",
    "near dedupe",
    "decontaminate",
    "cap",
    "split",
    "write",
    "verify",
)
"""The passes over rows, after `select` has chosen them, in order."""

THREADS = 4
CHUNK_ROWS = 2_000
"""Rows worked on at once: with conversations of 20 kB some 40 MB."""


class ExportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What one export wrote. `runs_used` of `runs_in` runs are in its rows; the others are in refusals.parquet."""

    dataset: str
    folder: str
    row_count: int
    splits: dict[str, int]
    runs_in: int
    runs_used: int
    refused: dict[str, int]
    file_count: int
    byte_count: int
    build_id: str
    is_changed: bool


def export_dataset(
    settings: Settings, dataset: str, *, out: Path | None = None, threads: int = THREADS
) -> ExportSummary:
    """Write the dataset below `out` (default: the data root's exports), replacing an older one in one step.

    Raises UsageError for an unknown name or when nothing is published, CheckFailed when the result does not
    pass its own verification; then the older dataset stays.
    """
    if dataset not in DATASETS:
        raise UsageError(f"There is no dataset {dataset!r}.", remedy=f"Choose one of {', '.join(DATASETS)}.")
    out = out or settings.exports
    with exporter_lock(out):
        scratch = out / f".{dataset}.partial"
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            return _export(settings, DATASETS[dataset], out=out, scratch=scratch, threads=threads)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def export_to_store(
    settings: Settings, name: str, *, url: str, threads: int = THREADS
) -> ExportSummary | ArtifactSummary:
    """Write the dataset, or the artifact, below `url` (s3://bucket/prefix): made here first, the manifest last.

    Returns its summary. Errors as in `export_dataset`; UsageError when the store cannot be written.
    """
    store = Store(url)
    summary: ExportSummary | ArtifactSummary
    durable.make_folder(settings.home)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=settings.home) as scratch:
        out = Path(scratch)
        if name in ARTIFACTS:
            summary = export_artifact(settings, name, out=out)
        else:
            summary = export_dataset(settings, name, out=out, threads=threads)
        is_changed = store.put_dataset(out / name)
    return msgspec.structs.replace(summary, folder=f"{store.url}/{name}", is_changed=is_changed)


def export_all(settings: Settings, *, out: Path | None = None, threads: int = THREADS) -> list[ExportSummary]:
    """Write every dataset; errors as in `export_dataset`."""
    return [export_dataset(settings, name, out=out, threads=threads) for name in DATASETS]


def _export(settings: Settings, dataset: Dataset, *, out: Path, scratch: Path, threads: int) -> ExportSummary:
    folder, work = scratch / dataset.name, scratch / "work"
    durable.make_folder(folder)
    work.mkdir()
    with open_workbench(settings, dataset, folder=work, threads=threads) as bench:
        ((rows,),) = bench.rows("select count(*) from examples")
        with start_pool(threads, rows=rows) as pool:
            manifest = _write(settings, dataset, bench, pool, folder=folder, work=work)
            faults = verify_folder(folder, pool=pool)
    if faults:
        raise CheckFailed(
            f"The dataset {dataset.name} does not pass its own verification: "
            + "; ".join(str(fault) for fault in faults[:5]),
            remedy="Nothing was replaced. Please report this with the message above.",
        )
    is_changed = _content(out / dataset.name / MANIFEST_NAME) != encode_manifest(manifest)
    sync_tree(folder)
    put_in_place(folder, out / dataset.name)
    return _summary(manifest, out / dataset.name, is_changed=is_changed)


def _write(settings: Settings, dataset: Dataset, bench: Workbench, pool: Pool, *, folder: Path, work: Path) -> Manifest:
    """Every pass but the last; the manifest last."""
    protection = Protection([*declared_items(settings), *items_of_rows(bench.protected_texts())])
    caps = export_caps(settings)
    results = list(pool.map(work_on_chunk, _chunk_tasks(dataset, bench, protection, work=work)))
    hit_positions = [position for result in results for position in result.hits]
    facts = Facts(work, len(results))
    tasks_met = bench.tasks_of(hit_positions)
    kept, dropped = compare_rows(
        dataset, results, facts=facts, folder=work, protection=protection, tasks=tasks_met, caps=caps
    )
    dropped = [*(one for result in results for one in result.dropped), *dropped]
    if "label" in dataset.facts and not _has_both_labels(bench, kept):
        dropped += [Dropped(int(position), "split", "one_label_only") for position in kept]
        kept = kept[:0]
    placed = _place(bench, kept, dropped, work=work)
    tasks = shard_tasks(dataset, placed, chunk_rows=CHUNK_ROWS, scratch=work, folder=folder)
    files = [one for written in pool.map(write_shard, tasks) for one in written]
    for name, write in (("lineage.parquet", write_lineage), ("refusals.parquet", write_refusals)):
        files.append(file_facts(folder / name, folder=folder, rows=write(bench, folder / name)))
    manifest = Manifest(
        dataset=dataset.name,
        format_version=FORMAT_VERSION,
        code_version=code_version(),
        settings_sha256=settings_sha256(dataset),
        query_sha256=query_sha256(),
        inputs=_inputs(bench),
        splits={split: len(positions) for split, positions in placed.items()},
        kinds=_yields(dataset, bench),
        caps=caps,
        scrubbed=_scrubbed(results),
        protected_item_count=len(protection.suites),
        models=_models(dataset, bench),
        tokens=TokenFit.of(facts.tokens(kept)),
        passes=[_selection_pass(bench), *_pass_counts(bench, dropped)],
        runs=_runs(bench),
        files=sorted(files, key=lambda facts: facts.path),
    )
    return _with_card(dataset, manifest, folder)


def _chunk_tasks(dataset: Dataset, bench: Workbench, protection: Protection, *, work: Path) -> Iterator[ChunkTask]:
    grams = protection.grams()
    frame = Frame()
    for number, (examples, parts) in enumerate(bench.chunks(CHUNK_ROWS)):
        streams = _stream(examples), _stream(parts)
        if number == 0:
            # Rows come in the order of a hash: the first are a fair sample of all.
            frame = frame_of_chunk(*streams, bench.texts)
        yield ChunkTask(
            number=number,
            dataset=dataset.name,
            examples=streams[0],
            parts=streams[1],
            texts=bench.texts,
            folder=work,
            protected=grams,
            frame=frame,
        )


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def export_caps(settings: Settings) -> Caps:
    """The declared caps; 0 is no limit."""
    table = load_declarations(settings).tables["thresholds"]
    declared = dict(zip(table["name"].to_pylist(), table["value"].to_pylist(), strict=True))
    limits = {kind: declared.get(f"export_{kind}_cap") for kind in ("agent", "failure_code", "tool")}
    return Caps(**{kind: int(value) for kind, value in limits.items() if value})


def _has_both_labels(bench: Workbench, kept: np.ndarray) -> bool:
    """Whether the rows of train teach what is right and what is wrong; with one label alone they teach neither."""
    positions = pa.table({"position": kept})
    labels = "select distinct label from examples semi join asked using (position) where split = 'train'"
    return len(bench.rows(labels, asked=positions)) == 2


def _place(bench: Workbench, kept: np.ndarray, dropped: list[Dropped], *, work: Path) -> dict[str, np.ndarray]:
    """Positions of the rows that stay by split, ascending; tell the workbench and the writers of them."""
    (split_numbers,) = bench.columns(
        "select list_position($splits, split) - 1 from examples order by position", splits=SPLITS
    )
    is_kept = np.zeros(len(split_numbers), bool)
    is_kept[kept] = True
    np.save(work / "kept.npy", is_kept)
    placed = {split: kept[split_numbers[kept] == number] for number, split in enumerate(SPLITS)}
    rows = [(one.position, one.in_pass, ROW_PASSES.index(one.in_pass), one.reason) for one in dropped]
    types = {"position": pa.int64(), "pass": pa.string(), "pass_number": pa.int64(), "reason": pa.string()}
    columns = [pa.array([row[place] for row in rows], type_) for place, type_ in enumerate(types.values())]
    add_verdicts(bench, kept=pa.table({"position": kept}), dropped=pa.table(columns, names=list(types)))
    return placed


def _pass_counts(bench: Workbench, dropped: list[Dropped]) -> list[PassCounts]:
    """Rows in and out of each pass, in order."""
    by_pass = {name: Counter(one.reason for one in dropped if one.in_pass == name) for name in ROW_PASSES}
    ((rows,),) = bench.rows("select count(*) from examples")
    counts = []
    for name, reasons in by_pass.items():
        left = rows - reasons.total()
        counts.append(
            PassCounts(name=name, unit="rows", count_in=rows, count_out=left, dropped=dict(sorted(reasons.items())))
        )
        rows = left
    return counts


def _with_card(dataset: Dataset, manifest: Manifest, folder: Path) -> Manifest:
    """Write the card, and the manifest with the card's hash."""
    card = folder / "README.md"
    card.write_text(card_text(dataset, manifest), encoding="utf-8")
    card_facts = file_facts(card, folder=folder, rows=None)
    manifest = msgspec.structs.replace(manifest, files=sorted([*manifest.files, card_facts], key=lambda f: f.path))
    (folder / MANIFEST_NAME).write_bytes(encode_manifest(manifest))
    return manifest


def _scrubbed(results: list[ChunkResult]) -> Scrubbed:
    counts: Counter[str] = Counter()
    for result in results:
        counts.update(result.scrubbed)
    return Scrubbed(
        rules=scrubbing_version(),
        rows=sum(result.scrubbed_rows for result in results),
        counts=dict(sorted(counts.items())),
    )


def _yields(dataset: Dataset, bench: Workbench) -> dict[str, Yield]:
    if dataset.kind_column is None:
        return {}
    found = bench.rows(
        f"select {dataset.kind_column}, count(*), count(kept.lineage_id), "  # noqa: S608 - a column of ours
        "count(distinct examples.task_hash) filter (where kept.lineage_id is not null) "
        "from examples left join kept on examples.lineage_id = kept.lineage_id group by all"
    )
    yields = {kind: Yield(selected=selected, kept=kept, tasks=tasks) for kind, selected, kept, tasks in found}
    return {kind: yields.get(kind, Yield(selected=0, kept=0, tasks=0)) for kind in dataset.kinds}


def _models(dataset: Dataset, bench: Workbench) -> dict[str, int]:
    """Kept rows by the model that wrote them; one that no log names is `unknown`."""
    counts: Counter[str] = Counter()
    for column in ("model", "chosen_model", "rejected_model"):
        if column in dataset.facts:
            kept = "examples semi join kept using (lineage_id)"
            sql = f"select coalesce({column}, 'unknown'), count(*) from {kept} group by 1"  # noqa: S608
            counts.update(dict(bench.rows(sql)))
    return dict(sorted(counts.items()))


def _inputs(bench: Workbench) -> Inputs:
    ((build_id, snapshot_sha256),) = bench.rows("select distinct build_id, snapshot_sha256 from build")
    digest = hashlib.sha256()
    for batch in bench.batches("select lineage_id, sort_key, split from examples order by position"):
        lines = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        digest.update("".join(f"{a} {b} {c}\n" for a, b, c in lines).encode())
    return Inputs(build_id=build_id, snapshot_sha256=snapshot_sha256, selection_sha256=digest.hexdigest())


def _selection_pass(bench: Workbench) -> PassCounts:
    ((count_in,),) = bench.rows("select count(*) from runs")
    ((count_out,),) = bench.rows("select count(*) from (select distinct organization_id, run_id from row_runs)")
    dropped = dict(bench.rows("select reason, count(*) from refusals group by reason order by reason"))
    return PassCounts(name="select", unit="runs", count_in=count_in, count_out=count_out, dropped=dropped)


def _runs(bench: Workbench) -> Runs:
    runs_in, used = run_counts(bench)
    refused = dict(bench.rows("select reason, count(*) from refused_runs group by reason order by reason"))
    if runs_in != used + sum(refused.values()):
        raise CheckFailed(
            f"Of {runs_in} runs {used} are exported and {sum(refused.values())} refused, which does not add up.",
            remedy="Build and publish again; if it stays so, please report it.",
        )
    return Runs(runs_in=runs_in, used=used, refused=refused)


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _summary(manifest: Manifest, folder: Path, *, is_changed: bool) -> ExportSummary:
    return ExportSummary(
        dataset=manifest.dataset,
        folder=os.fspath(folder),
        row_count=manifest.row_count,
        splits=manifest.splits,
        runs_in=manifest.runs.runs_in,
        runs_used=manifest.runs.used,
        refused=manifest.runs.refused,
        file_count=len(manifest.files) + 1,
        byte_count=sum(facts.bytes for facts in manifest.files),
        build_id=manifest.inputs.build_id,
        is_changed=is_changed,
    )
