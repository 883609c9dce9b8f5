"""Export one dataset: its passes in order, then put it in place.

Everything is written beside the final folder and moved there in one step: readers see the old dataset or the new.
"""

import shutil
import tempfile
from pathlib import Path

import msgspec
import numpy as np

from dagster_project import durable
from dagster_project.errors import CheckFailed, UsageError
from dagster_project.settings import Settings
from dagster_project.training.artifacts import ARTIFACTS, ArtifactSummary, export_artifact
from dagster_project.training.choices import declared_choices
from dagster_project.training.chunks import CHUNK_ROWS, chunk_tasks, taken_together
from dagster_project.training.comparing.all_rows import compare_rows
from dagster_project.training.comparing.contamination import Protection, declared_items, items_of_rows
from dagster_project.training.comparing.row_facts import Facts
from dagster_project.training.comparing.verdicts import Verdicts, positions_by_split
from dagster_project.training.counts import (
    ROW_PASSES,
    inputs_of,
    pass_counts,
    rows_by_model,
    runs_of,
    scrubbed_texts,
    selection_pass,
    yields_by_kind,
)
from dagster_project.training.datasets import DATASETS, SPLITS, Dataset
from dagster_project.training.pool import release_memory, start_pool
from dagster_project.training.summary import ExportSummary, summary_of
from dagster_project.training.texts.text_pass import work_on_chunk
from dagster_project.training.verification.dataset_folder import verify_folder
from dagster_project.training.workbench import JOIN_LIMIT, Workbench, open_workbench
from dagster_project.training.writing import shards
from dagster_project.training.writing.card import card_text
from dagster_project.training.writing.manifest import (
    FORMAT_VERSION,
    MANIFEST_NAME,
    Manifest,
    TokenFit,
    code_version,
    encode_manifest,
    query_sha256,
    settings_sha256,
)
from dagster_project.training.writing.object_store import Store
from dagster_project.training.writing.placing import exporter_lock, put_in_place, sync_tree
from dagster_project.training.writing.shards import file_facts, shard_tasks, write_shard
from dagster_project.training.writing.sidecars import add_verdicts, write_lineage, write_refusals

THREADS = 4


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
        manifest = _write(settings, dataset, bench, threads=threads, rows=rows, folder=folder, work=work)
    # What wrote the rows is gone by now, and its memory.
    shutil.rmtree(work)
    release_memory()
    faults = verify_folder(folder, threads=threads, scrubbed_again=False)
    if faults:
        raise CheckFailed(
            f"The dataset {dataset.name} does not pass its own verification: "
            + "; ".join(str(fault) for fault in faults[:5]),
            remedy="Nothing was replaced. Please report this with the message above.",
        )
    is_changed = _content(out / dataset.name / MANIFEST_NAME) != encode_manifest(manifest)
    sync_tree(folder)
    put_in_place(folder, out / dataset.name)
    return summary_of(manifest, out / dataset.name, is_changed=is_changed)


def _write(
    settings: Settings, dataset: Dataset, bench: Workbench, *, threads: int, rows: int, folder: Path, work: Path
) -> Manifest:
    """Every pass but the last; the manifest last.

    Processes end with the work they are for: while this one compares or writes tables, they would hold memory.
    """
    protection = Protection([*declared_items(settings), *items_of_rows(bench.protected_texts())])
    choices = declared_choices(settings)
    with bench.at_rest(), start_pool(threads, rows=rows) as pool:
        chunks = chunk_tasks(dataset, bench, protection, choices, work=work)
        passed = taken_together(pool.map(work_on_chunk, chunks), rows=rows)
    bench.forget_texts()
    facts = Facts(work, passed.chunks, rows=rows)
    verdicts = compare_rows(
        dataset,
        passed,
        facts=facts,
        folder=work,
        protection=protection,
        tasks=bench.tasks_of(list(passed.hits)),
        caps=choices.caps,
    )
    if "label" in dataset.facts and not _has_both_labels(bench, verdicts):
        verdicts.drop(np.flatnonzero(verdicts.kept()), "split", "one_label_only")
    with bench.at_rest(JOIN_LIMIT):
        add_verdicts(bench, dataset, verdicts.table(ROW_PASSES))
    np.save(work / "kept.npy", verdicts.kept())
    placed = positions_by_split(verdicts.kept(), facts.split, size=shards.ROWS_PER_FILE)
    tasks = shard_tasks(dataset, placed, chunk_rows=CHUNK_ROWS, scratch=work, folder=folder)
    with bench.at_rest(), start_pool(threads, rows=rows) as pool:
        files = [one for written in pool.map(write_shard, tasks) for one in written]
    for path in work.glob("rows-*"):
        path.unlink()  # as large as the dataset, while lineage is sorted on disk
    lineage, refusals = folder / "lineage.parquet", folder / "refusals.parquet"
    with bench.at_rest(JOIN_LIMIT):
        files.append(file_facts(lineage, folder=folder, rows=write_lineage(bench, lineage)))
    files.append(file_facts(refusals, folder=folder, rows=write_refusals(bench, refusals)))
    with bench.at_rest(JOIN_LIMIT):
        manifest = Manifest(
            dataset=dataset.name,
            format_version=FORMAT_VERSION,
            code_version=code_version(),
            settings_sha256=settings_sha256(dataset),
            query_sha256=query_sha256(),
            inputs=inputs_of(bench),
            splits={split: sum(task.rows for task in tasks if task.split == split) for split in SPLITS},
            kinds=yields_by_kind(dataset, bench),
            caps=choices.caps,
            keeps_reasoning=choices.keeps_reasoning,
            scrubbed=scrubbed_texts(passed),
            protected_item_count=len(protection.suites),
            models=rows_by_model(dataset, bench),
            tokens=TokenFit.of(facts.tokens(verdicts.kept())),
            passes=[selection_pass(bench), *pass_counts(verdicts)],
            runs=runs_of(bench),
            files=sorted(files, key=lambda facts: facts.path),
        )
    return _with_card(dataset, manifest, folder)


def _has_both_labels(bench: Workbench, verdicts: Verdicts) -> bool:
    """Whether the rows of train teach what is right and what is wrong; with one label alone they teach neither."""
    labels = "select distinct label from examples anti join dropped using (position) where split = 'train'"
    return len(bench.rows(labels, dropped=verdicts.table(ROW_PASSES))) == 2


def _with_card(dataset: Dataset, manifest: Manifest, folder: Path) -> Manifest:
    """Write the card, and the manifest with the card's hash."""
    card = folder / "README.md"
    card.write_text(card_text(dataset, manifest), encoding="utf-8")
    card_facts = file_facts(card, folder=folder, rows=None)
    manifest = msgspec.structs.replace(manifest, files=sorted([*manifest.files, card_facts], key=lambda f: f.path))
    (folder / MANIFEST_NAME).write_bytes(encode_manifest(manifest))
    return manifest


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
