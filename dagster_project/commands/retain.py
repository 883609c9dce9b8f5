"""`reliability retain`: what may live no longer leaves the disk, and a tombstone stays."""

import datetime as dt

import click
import msgspec

from dagster_project import pipeline
from dagster_project.commands.show import document_options, print_document
from dagster_project.landing.retention.retaining import Retention
from dagster_project.settings import Settings


class RetainDocument(Retention, frozen=True, kw_only=True, tag_field="schema", tag="reliability.retain/1"):
    """What `reliability retain` did."""


@click.command()
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Days count back from this day (default: each organization's latest event date, if it is not in the future).",
)
@document_options(RetainDocument)
def command(*, as_of: dt.datetime | None, as_json: bool) -> None:
    """Remove landed records, texts and quarantined bytes whose time is over, and all of deleted runs.

    How long is declared in consent.yaml. Expired records go to RELIABILITY_ARCHIVE first, where it is set. Each
    removal leaves a row in retention_tombstones after the next build.
    Killed, nothing or all of it is removed from sight; give it again to free the disk.
    """
    settings = Settings.from_environment()
    done = pipeline.retain(settings, as_of=as_of.date() if as_of else None)
    if as_json:
        print_document(RetainDocument(**msgspec.structs.asdict(done)))
        return
    removed = ", ".join(f"{count} {reason}" for reason, count in sorted(done.removed.items())) or "nothing"
    click.echo(f"removed: {removed}")
    if done.rows_archived:
        click.echo(f"archived before: {done.rows_archived} rows in {settings.archive}")
    click.echo(
        f"{done.files_dropped} files dropped, {done.files_rewritten} written anew, {done.bytes_freed} bytes freed; "
        f"snapshot {done.snapshot_number}"
    )
    if done.removed:
        click.echo("The marts still show it until `reliability build && reliability publish`.")
