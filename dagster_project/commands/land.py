"""`reliability land`: log files into immutable Parquet, with a ledger that adds up."""

import datetime as dt
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from dagster_project import pipeline
from dagster_project.commands.show import document_options, print_document
from dagster_project.errors import UsageError
from dagster_project.landing import LandingSummary
from dagster_project.landing.reading.sources import Skipped
from dagster_project.landing.summary import LandedFile
from dagster_project.settings import Settings

SHOWN_FILES = 10


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """What a landing did: the fields of its summary, and the files that could not be read."""

    skipped: list[Skipped]
    files: list[LandedFile]
    repeated: list[LandedFile]
    older: list[str]
    without_workers: str | None
    units: dict[str, int]
    quarantined: dict[str, int]
    records: dict[str, int]
    file_bytes: int
    first_event_date: dt.date | None
    last_event_date: dt.date | None
    snapshot_number: int
    unreadable: list[Skipped]
    files_landed: int
    files_repeated: int
    files_skipped: int


class LandDocument(Landing, frozen=True, kw_only=True, tag_field="schema", tag="reliability.land/1"):
    """What `reliability land` did."""


@click.command("land")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, readable=False))
@click.option("--source", help="Read every file as this format, whatever it looks like.")
@click.option("--map", "map_files", multiple=True, type=click.Path(path_type=Path), help="A map of your own (YAML).")
@click.option("--payloads", "keep_payloads", is_flag=True, help="Keep message and tool texts, for exports.")
@document_options(LandDocument)
def command(
    *, paths: tuple[Path, ...], source: str | None, map_files: tuple[Path, ...], keep_payloads: bool, as_json: bool
) -> None:
    """Land log files, folders or globs.

    Units that cannot land are quarantined and counted: that is normal, and exit 0. Exit 2 when a named file
    is of no known format or cannot be read; everything else has landed by then.
    """
    settings = Settings.from_environment()
    with progress_on_terminal("landing") as progress:
        summary = pipeline.land(
            settings,
            paths,
            source=source,
            map_files=map_files,
            keep_payloads=keep_payloads,
            progress=progress,
        )
    if as_json:
        print_document(msgspec.convert(summary, LandDocument, from_attributes=True))
    else:
        for line in summary_lines(summary):
            click.echo(line)
    refuse_unreadable(summary)


@contextmanager
def progress_on_terminal(stage: str) -> Generator[Callable[[str], None]]:
    """What tells a person the stage that a command is in; quiet in a pipe."""
    stderr = Console(stderr=True)
    with Bar(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=stderr, transient=True, disable=not stderr.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task(stage)
        yield lambda said: bar.update(task, description=said)


def refuse_unreadable(summary: LandingSummary) -> None:
    """Raise UsageError, with every file and why, when files did not land; everything else has."""
    if summary.unreadable:
        culprits = "; ".join(f"{file.path} did not land: {file.why}" for file in summary.unreadable)
        raise UsageError(f"{culprits}.", remedy="Everything else did; describe a format of your own with --map FILE.")


def summary_lines(summary: LandingSummary) -> list[str]:
    """The landing in a few lines: what landed, what did not and why."""
    counts = summary.units
    lines = [
        f"{summary.files_landed} files landed, {len(summary.repeated)} known already, {len(summary.skipped)} skipped; "
        f"snapshot {summary.snapshot_number}",
    ]
    if counts:
        kinds = ("landed", "quarantined", "duplicate", "blank", "pending")
        lines.append(f"{counts.get('unit', 0)} units: " + ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in kinds))
    if summary.records:
        lines.append("records: " + ", ".join(f"{count} {table}" for table, count in summary.records.items()))
    if summary.quarantined:
        lines.append("quarantined: " + ", ".join(f"{count} {reason}" for reason, count in summary.quarantined.items()))
    if summary.older:
        lines.append(f"{len(summary.older)} files landed by another version of their map or format: what landed stands")
    if summary.without_workers:
        lines.append(f"warning: landed in one process, slowly: {summary.without_workers}")
    lines += [f"problem: {file.path}: {file.problem}" for file in summary.problems]
    lines += [f"empty: {file.path}" for file in summary.empty[:SHOWN_FILES]]
    passed_over = [skipped for skipped in summary.skipped if not skipped.is_named]
    lines += [f"skipped: {skipped.path}: {skipped.why.partition('; ')[0]}" for skipped in passed_over[:SHOWN_FILES]]
    if passed_over:
        more = f"{len(passed_over) - SHOWN_FILES} more; " if len(passed_over) > SHOWN_FILES else ""
        lines.append(f"skipped: {more}--json lists all, with what each format missed in them")
    return lines
