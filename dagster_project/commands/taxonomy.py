"""`reliability taxonomy`: is the taxonomy of failure codes whole, what lies behind each code, does the model help?"""

from pathlib import Path

import click
import msgspec

from dagster_project import pipeline
from dagster_project.commands.show import document_options, print_document
from dagster_project.errors import CheckFailed, UsageError
from dagster_project.failures.drift import STALE_AFTER_DAYS, Drift, SeenErrors, drift_of
from dagster_project.failures.model.judgement import Verdict
from dagster_project.failures.runbooks import FOLDER, index_page, runbook_problems
from dagster_project.failures.taxonomy import Taxonomy, parse_taxonomy, taxonomy_file
from dagster_project.failures.validation import Overlap, dead_patterns, load_taxonomy, overlaps, taxonomy_problems
from dagster_project.settings import Settings

_RUNBOOKS = click.option(
    "--runbooks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of runbooks; default: the shipped ones, unless the taxonomy is your own.",
)


class TaxonomyCheckDocument(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="reliability.taxonomy.check/1"
):
    """What is wrong with a taxonomy, and what is worth knowing of it; `drift` is NULL while nothing is published."""

    taxonomy: str
    version: str
    codes: int
    patterns: int
    problems: list[str]
    overlaps: list[Overlap]
    drift: Drift | None


class TaxonomyTrainDocument(Verdict, frozen=True, kw_only=True, tag_field="schema", tag="reliability.taxonomy.train/1"):
    """How patterns alone and patterns with the model did."""


@click.group()
def command() -> None:
    """Check the taxonomy of failure codes, judge its model, or write the index of its runbooks."""


@command.command()
@_RUNBOOKS
@document_options(TaxonomyCheckDocument)
def check(runbooks: Path | None, *, as_json: bool) -> None:
    """Judge schema, codes, RE2, examples, dead patterns and runbooks; report overlaps and drift. Exit 1 on a fault.

    Overlaps (an example that patterns of two codes match: the order decides) and drift (what the published snapshot
    says of the patterns) are reported, and are no fault.
    """
    settings = Settings.from_environment()
    path = taxonomy_file(settings)
    taxonomy = parse_taxonomy(path.read_bytes(), name=str(path))
    problems = taxonomy_problems(taxonomy)
    problems += [f"{name}: dead: earlier patterns take all its examples" for name in dead_patterns(taxonomy)]
    folder = _runbook_folder(settings, runbooks)
    problems += runbook_problems(taxonomy, folder) if folder else []
    overlapping = overlaps(taxonomy)
    drift = _drift(settings, taxonomy)
    if as_json:
        print_document(
            TaxonomyCheckDocument(
                taxonomy=str(path),
                version=taxonomy.version,
                codes=len(taxonomy.modes),
                patterns=len(taxonomy.patterns),
                problems=problems,
                overlaps=overlapping,
                drift=drift,
            )
        )
    else:
        click.echo(f"{path}: {len(taxonomy.modes)} codes, {len(taxonomy.patterns)} patterns, {taxonomy.version}")
        click.echo(f"{len(overlapping)} examples are matched by patterns of several codes; the order decides")
        _show_drift(drift, pattern_count=len(taxonomy.patterns))
    if problems:
        shown = "\n  ".join(problems)
        raise CheckFailed(f"{len(problems)} problem(s):\n  {shown}\n", remedy="Correct each and check again.")


@command.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the verdict here as well.")
@document_options(TaxonomyTrainDocument)
def train(out: Path | None, *, as_json: bool) -> None:
    """Judge the model that is asked where patterns are silent, on labels it has not seen, and keep the verdict.

    It is made of the shipped labelled messages and of `error_labels.csv` among your declarations. From now on builds
    and `reliability classify` ask it if more errors are right with it than without, and at most one healthy line in a
    hundred gets a code.
    """
    settings = Settings.from_environment()
    verdict = pipeline.judge_model(settings)
    if out is not None:
        out.write_bytes(msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")
    if as_json:
        print_document(TaxonomyTrainDocument(**msgspec.structs.asdict(verdict)))
        return
    click.echo(f"{verdict.model_version}: {'in force' if verdict.is_in_force else 'not in force'}")
    click.echo(f"{verdict.error_count} labelled errors        right  macro-F1  unknown")
    click.echo(
        f"patterns alone            {verdict.pattern_accuracy:.3f}     {verdict.pattern_macro_f1:.3f}    "
        f"{verdict.pattern_unknown_share:.3f}"
    )
    click.echo(
        f"patterns and model        {verdict.model_accuracy:.3f}     {verdict.model_macro_f1:.3f}    "
        f"{verdict.model_unknown_share:.3f}"
    )
    click.echo(f"{verdict.healthy_count} healthy lines, share with a code: {verdict.false_hit_share:.4f}")


@command.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it here instead of printing it.")
def index(out: Path | None) -> None:
    """Write the index of the runbooks as Markdown, with the counts of the published snapshot if there is one."""
    settings = Settings.from_environment()
    counts, as_of = _counts(settings)
    page = index_page(load_taxonomy(settings), counts, as_of=as_of)
    if out is None:
        click.echo(page, nl=False)
    else:
        out.write_text(page, encoding="utf-8")


def _runbook_folder(settings: Settings, given: Path | None) -> Path | None:
    is_shipped = taxonomy_file(settings).parent != settings.declarations
    return given or (FOLDER if is_shipped and FOLDER.is_dir() else None)


def _rows(settings: Settings, sql: str) -> list[dict] | None:
    """Rows of the published snapshot; None when nothing has been published."""
    from dagster_project.publishing.read import published_file, run_query

    try:
        published_file(settings)
    except UsageError:
        return None
    return run_query(settings, sql).to_pylist()


def _drift(settings: Settings, taxonomy: Taxonomy) -> Drift | None:
    rows = _rows(
        settings,
        "select organization_id, code, matched_pattern, cast(sum(error_count) as bigint) as error_count, "
        "cast(max(last_seen_at) as date) as last_seen from agent_errors group by all order by all",
    )
    if rows is None:
        return None
    versions = _rows(settings, "select distinct classifier_version from failure_modes") or []
    return drift_of(
        taxonomy,
        [SeenErrors(**row) for row in rows],
        built_versions=[row["classifier_version"] for row in versions],
    )


def _show_drift(drift: Drift | None, *, pattern_count: int) -> None:
    if drift is None or drift.unknown_share is None:
        click.echo("no errors are published: nothing to tell drift from")
        return
    click.echo(
        f"of {drift.error_count:,} published errors {drift.unknown_share:.1%} are unknown; "
        f"{len(drift.stale_patterns)} of {pattern_count} patterns had no hit in the {STALE_AFTER_DAYS} days before "
        "an organization's latest error"
    )
    if drift.undeclared_codes:
        click.echo(f"published, but declared no more: {', '.join(drift.undeclared_codes)}")
    if not drift.is_built_with_this_taxonomy:
        click.echo("the published snapshot was built with another taxonomy: build again")


def _counts(settings: Settings) -> tuple[dict[str, tuple[int, int]], str | None]:
    rows = _rows(
        settings,
        """
        with errors as (select code, sum(error_count) as error_count from agent_errors group by 1),
        runs as (select failure_code as code, count(*) as run_count from agent_runs where failure_code is not null
                 group by 1)
        select coalesce(errors.code, runs.code) as code, cast(coalesce(error_count, 0) as bigint) as error_count,
            coalesce(run_count, 0) as run_count, (select max(event_date) from agent_runs) as as_of
        from errors full join runs on errors.code = runs.code
        """,
    )
    if rows is None:
        return {}, None
    return {row["code"]: (row["error_count"], row["run_count"]) for row in rows}, next(
        (str(row["as_of"]) for row in rows), "no date"
    )
