"""`reliability triage`: errors that nothing recognises, and the way from there into the taxonomy."""

import difflib
from pathlib import Path

import click

from dagster_project import durable
from dagster_project.commands.show import document_options, organization_option, show_document
from dagster_project.errors import UsageError
from dagster_project.failures.promotion import promoted, suggested_pattern
from dagster_project.failures.taxonomy import FILE_NAME, taxonomy_file
from dagster_project.reporting.documents import open_reader
from dagster_project.reporting.tables import UNKNOWN, count, number, text_table
from dagster_project.reporting.triage import (
    TriageDocument,
    alias_migration,
    approved_aliases,
    triage_document,
    unknown_message,
)
from dagster_project.settings import Settings


@click.group()
def command() -> None:
    """List unknown errors, promote one into the taxonomy; print approved aliases of fields."""


@command.command("list")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many to list.")
@organization_option
@document_options(TriageDocument)
def list_unknown(*, limit: int, organization_id: str | None, as_json: bool) -> None:
    """List unknown errors with the code whose examples read most like them."""
    show_document(
        lambda reader: triage_document(reader, limit=limit, organization_id=organization_id), _lines, as_json=as_json
    )


@command.command()
@click.argument("fingerprint")
@click.argument("code")
@click.option("--pattern", metavar="RE2", help="What recognises it; default: its masked message.")
@click.option("--example", metavar="TEXT", help="A message it must match; default: the masked message.")
@click.option(
    "--taxonomy",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The YAML file to change; default: your own among the declarations, made of the shipped one if you have none.",
)
@click.option("--dry-run", is_flag=True, help="Print the change without writing it.")
def promote(
    fingerprint: str, code: str, *, pattern: str | None, example: str | None, path: Path | None, dry_run: bool
) -> None:
    """Write a pattern for an unknown FINGERPRINT (or its first characters) under CODE, and print the change.

    Review and commit the change; the next build classifies history anew.
    """
    settings = Settings.from_environment()
    with open_reader(settings) as reader:
        message = unknown_message(reader, fingerprint)
    source = path or taxonomy_file(settings)
    path = path or settings.declarations / FILE_NAME
    pattern = pattern or suggested_pattern(message)
    if not pattern:
        raise UsageError("The message is all masks: it suggests no pattern.", remedy="Give one: --pattern.")
    before = source.read_text(encoding="utf-8")
    after = promoted(before, code=code, pattern=pattern, example=example or message, name=str(path))
    if not dry_run:
        durable.make_folder(path.parent)
        durable.write_bytes(path, after.encode())
        if source != path:
            click.echo(f"{path} is now your taxonomy, a copy of the shipped one, which it replaces.", err=True)
    change = difflib.unified_diff(before.splitlines(), after.splitlines(), str(source), str(path), lineterm="")
    click.echo("\n".join(change))


@command.command()
@organization_option
@click.option("--sql", "as_sql", is_flag=True, help="Print a migration of the table parameter_aliases instead.")
def aliases(*, organization_id: str | None, as_sql: bool) -> None:
    """Print the approved aliases of schema_proposals as YAML: by tool, the name that came and the one expected.

    With --sql, print statements that any SQL database runs, and may run twice, for a migration runner.
    """
    import yaml

    with open_reader(Settings.from_environment()) as reader:
        approved = approved_aliases(reader, organization_id=organization_id)
    click.echo(alias_migration(approved) if as_sql else yaml.safe_dump(approved), nl=False)


def _lines(document: TriageDocument) -> list[str]:
    if not document.unknown:
        return ["Every error has a code.", ""]
    is_one = len({row.organization_id for row in document.unknown}) == 1
    rows = [
        [
            *([] if is_one else [row.organization_id]),
            row.fingerprint[:12], row.message_normalized[:80], row.source or UNKNOWN, row.nearest_code or UNKNOWN,
            number(row.nearest_distance), count(row.error_count), count(row.run_count), count(row.agent_count),
            number(row.age_days, 0),
        ]
        for row in document.unknown
    ]  # fmt: skip
    headers = ["fingerprint", "message", "source", "reads like", "distance", "errors", "runs", "agents", "days"]
    summary = f"{document.unknown_count:,} of {document.error_count:,} errors are unknown"
    return [text_table(headers if is_one else ["organization", *headers], rows, left=4 if is_one else 5), "", summary]
