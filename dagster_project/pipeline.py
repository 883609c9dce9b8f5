"""The stages in flow order: land, build, audit, publish, export; `full_pass` runs them all.

Commands and Dagster assets call these functions, so that both do the same work in the same way. Belongs
here: which library function follows which. Does not: doing the work, printing, scheduling.
"""

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from dagster_project import landed_store
from dagster_project.checks.exports import check_export
from dagster_project.checks.landed import check_landed as judge_landed
from dagster_project.checks.outcomes import CheckOutcome
from dagster_project.declarations import Declarations, land_declarations, load_declarations
from dagster_project.failures.history import keep_codes
from dagster_project.failures.model.judgement import Verdict, judge, keep_verdict
from dagster_project.failures.model.labels import own_labels_file, read_labels
from dagster_project.failures.sql import failure_functions_sql
from dagster_project.failures.tables import failure_tables
from dagster_project.failures.validation import load_taxonomy
from dagster_project.landing import LandingSummary
from dagster_project.landing import Progress as LandingProgress
from dagster_project.landing import land as land_files
from dagster_project.landing.compacting import Compaction
from dagster_project.landing.compacting import compact as compact_files
from dagster_project.landing.retention.retaining import Retention
from dagster_project.landing.retention.retaining import retain as retain_landed
from dagster_project.publishing.build import (
    BuildResult,
    build_warehouse,
    models_started,
    prepare_build,
    read_build_result,
)
from dagster_project.publishing.identity import build_id_of
from dagster_project.publishing.lock import warehouse_writer
from dagster_project.publishing.publish import Published, current_build_id
from dagster_project.publishing.publish import publish as publish_build
from dagster_project.publishing.read import run_query
from dagster_project.publishing.warehouse import open_landed
from dagster_project.reporting.page import is_report_of, write_report
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from dagster_project.training import ExportSummary
from dagster_project.training.artifacts import ArtifactSummary
from dagster_project.training.artifacts import export_artifacts as write_artifacts
from dagster_project.training.datasets import DATASETS
from dagster_project.training.writing.standing import export_unless_standing

Progress: TypeAlias = Callable[[str], None]
"""Called with a few words as each stage starts."""


def land(
    settings: Settings,
    paths: Sequence[Path],
    *,
    source: str | None = None,
    map_files: Sequence[Path] = (),
    keep_payloads: bool = False,
    progress: Progress | None = None,
    stays_open: bool = False,
) -> LandingSummary:
    """Land log files: bytes → immutable Parquet, quarantine and ledger. Raises UsageError for unusable input.

    `stays_open` until `end_landing`: see `landing.land`. With a landed store, what others landed there comes first, and
    what is new goes there.
    """
    began = time.monotonic()
    _follow_store(settings)

    def say_files(done: LandingProgress) -> None:
        if progress:
            progress(f"landing: {done.words(seconds=time.monotonic() - began)}")

    landed = land_files(
        settings,
        paths,
        source=source,
        map_files=map_files,
        keep_payloads=keep_payloads,
        declarations=load_declarations(settings),
        progress=say_files,
        stays_open=stays_open,
    )
    if settings.landed_store:
        landed_store.share(settings)
    return landed


def _follow_store(settings: Settings) -> None:
    if settings.landed_store:
        landed_store.follow(settings)


def compact(settings: Settings, *, fewest_files: int) -> Compaction:
    """Merge small landed files of each table and day. Waits for a running build, which reads them."""
    with warehouse_writer(settings):
        return compact_files(settings, fewest_files=fewest_files)


def retain(settings: Settings, *, as_of: dt.date | None = None) -> Retention:
    """Remove what may live no longer, by the declared consent. Waits for a running build, which reads it.

    With a landed store, what others did there comes first, and what is gone here goes there too.
    """
    with warehouse_writer(settings):
        _follow_store(settings)
        consent = load_declarations(settings).tables["consent"]
        done = retain_landed(settings, consent=consent, today=dt.datetime.now(tz=dt.UTC).date(), as_of=as_of)
        if settings.landed_store:
            landed_store.share(settings)
    return done


def build_inputs(settings: Settings) -> tuple[Mapping[str, pa.Table], str]:
    """What a build reads beside the landed tables: the declared tables, and the SQL of generated functions."""
    declarations: Declarations = load_declarations(settings)
    land_declarations(settings, declarations)
    return {**declarations.tables, **failure_tables(settings)}, failure_functions_sql(settings)


def prepare(settings: Settings, *, as_of: dt.date | None = None) -> str:
    """Make the private warehouse with its inputs, ready for dbt; the build_id."""
    _follow_store(settings)
    declared, functions = build_inputs(settings)
    return prepare_build(settings, read_snapshot(settings), declared=declared, functions=functions, as_of=as_of)


def build(
    settings: Settings,
    *,
    as_of: dt.date | None = None,
    full_refresh: bool = False,
    with_unit_tests: bool = False,
) -> BuildResult:
    """Derive and audit every model from the current snapshot, in the private warehouse.

    Only the dates that changed since the last build are derived again, unless `full_refresh`.
    Unit tests judge the formulas, whatever the data: `check` and the test suite ask for them.
    """
    _follow_store(settings)
    with warehouse_writer(settings), models_started(settings, with_unit_tests=with_unit_tests) as started:
        declared, functions = build_inputs(settings)
        return build_warehouse(
            settings,
            read_snapshot(settings),
            declared=declared,
            functions=functions,
            as_of=as_of,
            full_refresh=full_refresh,
            with_unit_tests=with_unit_tests,
            started=started,
        )


def judge_model(settings: Settings) -> Verdict:
    """Judge the model of the labelled messages and keep the verdict, by which it may speak from now on or not.

    Raises UsageError when a label has a code that the taxonomy does not know.
    """
    verdict = judge(load_taxonomy(settings), read_labels(own_labels_file(settings)))
    keep_verdict(settings, verdict)
    return verdict


def is_published(settings: Settings, *, as_of: dt.date | None = None) -> bool:
    """Whether readers already see exactly what a build of the current inputs would give."""
    declared, functions = build_inputs(settings)
    snapshot = read_snapshot(settings)
    wanted = build_id_of(settings, snapshot, declared=declared, functions=functions, as_of=as_of)
    return current_build_id(settings) == wanted


def publish(settings: Settings) -> Published:
    """Switch readers to the build that lies in the private warehouse, and write its report, unless both are done.

    Raises CheckFailed when the build failed its audit.
    """
    published = publish_build(settings, read_build_result(settings))
    follow_publication(settings, published.build_id)
    return published


def follow_publication(settings: Settings, build_id: str, *, progress: Progress | None = None) -> None:
    """Keep what the published build's classifier said and write its report, once; a second call does nothing.

    The report comes last: where the process died before it, both are done again.
    """
    if is_report_of(settings, build_id):
        return
    keep_judgements(settings)
    if progress:
        progress("writing the report")
    write_report(settings)


def keep_judgements(settings: Settings) -> None:
    """For a later build to tell which errors have a new code."""
    versions = run_query(settings, "select min(classifier_version) as version from failure_modes").to_pylist()
    if version := versions[0]["version"]:
        codes = run_query(settings, "select organization_id, fingerprint, code from agent_errors order by all")
        keep_codes(settings, codes, classifier_version=version)


def export(settings: Settings, *, out: Path | None = None) -> tuple[ExportSummary, ...]:
    """Write every training dataset from the published snapshot below `out` (default: the data root's exports).

    Nothing is written where that is there already.
    """
    return tuple(export_unless_standing(settings, out=out or settings.exports))


def export_artifacts(settings: Settings, *, out: Path | None = None) -> tuple[ArtifactSummary, ...]:
    """Write labels, hiring signals, reliability cards and the ranker below `out` (default: as for datasets)."""
    return tuple(write_artifacts(settings, out=out or settings.exports))


def check_landed(settings: Settings) -> list[CheckOutcome]:
    """Judge what has landed; the report goes to the data root's `docs/landed`. Outcomes warn, they block nothing."""
    with open_landed(settings, read_snapshot(settings)) as connection:
        return judge_landed(connection, docs=settings.home / "docs" / "landed")


def check_exports(settings: Settings, *, out: Path | None = None) -> dict[str, list[CheckOutcome]]:
    """Judge each exported dataset below `out`, by name; the reports go to the data root's `docs/exports`."""
    if not read_snapshot(settings).files("payloads"):
        return {}  # no text was ever kept: the datasets are empty, and their refusals say why
    folders = [path.parent for path in sorted((out or settings.exports).glob("*/manifest.json"))]
    folders = [folder for folder in folders if folder.name in DATASETS]
    run_days = run_query(settings, "select organization_id, run_id, event_date from agent_runs")
    docs = settings.home / "docs" / "exports"
    return {folder.name: check_export(folder, run_days=run_days, docs=docs / folder.name) for folder in folders}
