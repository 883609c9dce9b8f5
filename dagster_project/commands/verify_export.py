"""`reliability verify-export`: the exporter's own verdict on a dataset folder."""

import tempfile
from pathlib import Path

import click
import msgspec
from rich.console import Console

from dagster_project.commands.show import document_options, print_document
from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.training.verification.dataset_folder import dataset_folders, verify_folder
from dagster_project.training.verification.faults import Fault
from dagster_project.training.verification.invalidated import Invalidated, invalidated_rows
from dagster_project.training.writing.object_store import Store, is_store_url


class Verdict(msgspec.Struct, omit_defaults=True):
    """What was found of one dataset. `invalidated` is None where nobody asked for it."""

    folder: str
    faults: list[Fault]
    invalidated: list[Invalidated] | None = None

    @property
    def is_good(self) -> bool:
        return not self.faults and not self.invalidated


class VerifyExportDocument(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="reliability.verify-export/1"
):
    """The verdict on every dataset of a folder."""

    is_whole: bool
    datasets: list[Verdict]


@click.command("verify-export")
@click.argument("place", metavar="DIR")
@click.option("--published", "with_published", is_flag=True, help="Also list rows that may no longer be used.")
@document_options(VerifyExportDocument)
@click.pass_context
def command(ctx: click.Context, place: str, *, with_published: bool, as_json: bool) -> None:
    """Read every file of a dataset, or of every dataset directly below DIR (or s3://bucket/prefix); list each fault.

    With --published also each row whose run is deleted by now in the published snapshot, whose texts expired or whose
    consent was withdrawn. Exit 1 on any fault or such row, 2 when DIR holds no dataset.
    """
    settings = Settings.from_environment() if with_published else None
    if is_store_url(place):
        with tempfile.TemporaryDirectory() as scratch:
            Store(place).fetch_datasets(Path(scratch))
            try:
                verdicts = _verdicts(Path(scratch), settings)
            except UsageError as error:
                raise UsageError(error.culprit.replace(scratch, place), remedy=error.remedy) from error
        for verdict in verdicts:
            verdict.folder = verdict.folder.replace(scratch, place.rstrip("/"), 1)
    elif not Path(place).is_dir():
        raise UsageError(f"There is no folder {place}.", remedy="Name the folder that `reliability export` wrote.")
    else:
        verdicts = _verdicts(Path(place), settings)
    is_good = all(verdict.is_good for verdict in verdicts)
    if as_json:
        print_document(VerifyExportDocument(is_whole=is_good, datasets=verdicts))
    else:
        click.echo("\n".join(line for verdict in verdicts for line in _lines(verdict)))
    ctx.exit(0 if is_good else 1)


def _verdicts(folder: Path, settings: Settings | None) -> list[Verdict]:
    verdicts = []
    with Console(stderr=True).status("") as status:
        for dataset in dataset_folders(folder):
            status.update(f"reading {dataset.name} ...")
            faults = verify_folder(dataset)
            gone = invalidated_rows(settings, dataset) if settings and not faults else None
            verdicts.append(Verdict(str(dataset), faults, gone))
    return verdicts


def _lines(verdict: Verdict) -> list[str]:
    said = "whole" if not verdict.faults else f"{len(verdict.faults)} faults"
    gone = verdict.invalidated or []
    return [
        f"{verdict.folder}: {said}" + (f", {len(gone)} rows may no longer be used" if gone else ""),
        *(f"  {fault}" for fault in verdict.faults),
        *(f"  {row.lineage_id}: {row.reason} (run {row.run_id!r} of {row.organization_id!r})" for row in gone),
    ]
