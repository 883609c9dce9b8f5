"""`reliability export`: write training datasets from the published snapshot."""

from pathlib import Path

import click
from rich.console import Console

from dagster_project.commands.show import document_options, print_document
from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.training import ExportSummary, export_dataset, export_to_store
from dagster_project.training.artifacts import ARTIFACTS, ArtifactSummary, export_artifact
from dagster_project.training.datasets import DATASETS
from dagster_project.training.writing.object_store import is_store_url

SHOWN_REASONS = 4


@click.command("export")
@click.argument("what", type=click.Choice([*DATASETS, "all", *ARTIFACTS, "artifacts"]))
@click.option(
    "--out",
    help="Folder, or s3://bucket/prefix, that gets one folder per dataset (default: exports/ of the data root).",
)
@document_options(list[ExportSummary | ArtifactSummary])
def command(what: str, out: str | None, *, as_json: bool) -> None:
    """Write training datasets from the published snapshot, each in three flavours.

    sft: verified successes. preferences: pairs of a verified success and a verified failure. efficiency: pairs of a
    cheap and a dear success. unpaired: single turns, labelled right or wrong. prompts: tasks passed sometimes. An
    older dataset in the same place is replaced in one step, and only by one that passes its own verification.

    labels: errors and verdicts with their codes. hiring_signals and cards: what is known of each agent. ranker: which
    of two runs is better, with an honest report. `all` are the datasets, `artifacts` these four.
    """
    settings = Settings.from_environment()
    names = {"all": list(DATASETS), "artifacts": list(ARTIFACTS)}.get(what, [what])
    summaries: list[ExportSummary | ArtifactSummary] = []
    with Console(stderr=True).status("") as status:
        for name in names:
            status.update(f"exporting {name} ...")
            summaries.append(_export(settings, name, out=out))
    if as_json:
        print_document(summaries)
        return
    for summary in summaries:
        for line in summary_lines(summary):
            click.echo(line)


def _export(settings: Settings, name: str, *, out: str | None) -> ExportSummary | ArtifactSummary:
    if out is not None and is_store_url(out):
        return export_to_store(settings, name, url=out)
    if out is not None and "://" in out:
        # It would silently become a folder of that name.
        raise UsageError(f"--out {out} is no folder.", remedy="Name a folder, or s3://bucket/prefix.")
    place = Path(out).absolute() if out else None
    return (
        export_artifact(settings, name, out=place) if name in ARTIFACTS else export_dataset(settings, name, out=place)
    )


def summary_lines(summary: ExportSummary | ArtifactSummary) -> list[str]:
    """One export in a few lines: how much, from what, why not more, where."""
    if isinstance(summary, ArtifactSummary):
        counts = ", ".join(f"{name} {count:,}" for name, count in summary.counts.items())
        return [f"{summary.artifact}: {counts}: {summary.folder}"]
    splits = ", ".join(f"{rows:,} {split}" for split, rows in summary.splits.items())
    reasons = sorted(summary.refused.items(), key=lambda item: (-item[1], item[0]))
    shown = ", ".join(f"{reason} {count:,}" for reason, count in reasons[:SHOWN_REASONS])
    more = f", {len(reasons) - SHOWN_REASONS} more reasons" if len(reasons) > SHOWN_REASONS else ""
    lines = [
        f"{summary.dataset}: {summary.row_count:,} rows ({splits}) from {summary.runs_used:,} of "
        f"{summary.runs_in:,} runs: {summary.folder}"
    ]
    return lines + ([f"  not exported: {shown}{more}"] if reasons else [])
