"""`reliability run`: the main job, and a summary that says what was found and where it lies."""

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from dagster_project import full_pass
from dagster_project.commands import export as export_command
from dagster_project.commands.land import Landing, progress_on_terminal, refuse_unreadable, summary_lines
from dagster_project.commands.show import document_options, print_document
from dagster_project.commands.target import target_option, target_settings
from dagster_project.full_pass import RunSummary
from dagster_project.training import ExportSummary


class RunDocument(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="reliability.run/1"):
    """What one pass did; `is_new` is false when nothing had changed since the last one."""

    landing: Landing
    build_id: str
    published_file: str
    is_new: bool
    warnings: tuple[str, ...]
    exports: tuple[ExportSummary, ...]


@click.command("run")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--source", help="Read every file as this format, whatever it looks like.")
@click.option("--map", "map_files", multiple=True, type=click.Path(path_type=Path), help="A map of your own (YAML).")
@click.option("--payloads", "keep_payloads", is_flag=True, help="Keep message and tool texts, for exports.")
@click.option("--out", type=click.Path(path_type=Path), help="Where datasets go (default: the data root's exports).")
@target_option()
@document_options(RunDocument)
def command(
    *,
    paths: tuple[Path, ...],
    source: str | None,
    map_files: tuple[Path, ...],
    keep_payloads: bool,
    out: Path | None,
    target: str | None,
    as_json: bool,
) -> None:
    """Land log files, build and audit the warehouse, publish it and export training datasets.

    Running it again on the same files changes nothing. Exit 1 when a blocking check failed: nothing is then
    published. Exit 2 when a named file is of no known format or unreadable; the rest is published by then.
    """
    settings = target_settings(target)
    with progress_on_terminal("starting") as progress:
        summary = full_pass.run(
            settings,
            paths,
            source=source,
            map_files=map_files,
            keep_payloads=keep_payloads,
            export_to=out,
            progress=progress,
        )
    if as_json:
        print_document(document(summary))
    else:
        click.echo("\n".join(report_lines(summary, are_texts_kept=keep_payloads)))
    refuse_unreadable(summary.landing)


def document(summary: RunSummary) -> RunDocument:
    """The summary for machines."""
    return RunDocument(
        landing=msgspec.convert(summary.landing, Landing, from_attributes=True),
        build_id=summary.build_id,
        published_file=str(summary.published_file),
        is_new=summary.is_new,
        warnings=summary.warnings,
        exports=summary.exports,
    )


def report_lines(summary: RunSummary, *, are_texts_kept: bool = False) -> list[str]:
    """The summary for people: what landed, what was built, what was written, and what to do next."""
    built = "published" if summary.is_new else "nothing new: the published snapshot already says this"
    return [
        *summary_lines(summary.landing),
        f"build {summary.build_id}: {built}",
        *[f"warning: {warning}" for warning in summary.warnings],
        f"marts: {summary.published_file}",
        *[line for export in summary.exports for line in export_command.summary_lines(export)],
        *hint_at_texts(summary.exports, are_texts_kept=are_texts_kept),
        'next: reliability query "select * from agent_metrics"',
    ]


def hint_at_texts(exports: Sequence[ExportSummary], *, are_texts_kept: bool) -> list[str]:
    """Why a dataset is empty, when texts are missing: they were not kept, or no longer are."""
    if not any(export.refused.get("payload_missing") and not export.row_count for export in exports):
        return []
    if are_texts_kept:
        return ["hint: some texts are older than retention_days allows (consent.yaml among your declarations)"]
    return ["hint: texts are not kept by default; run again with --payloads to fill the datasets"]
