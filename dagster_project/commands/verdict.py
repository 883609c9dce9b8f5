"""How commands show the verdict of checks: for a person, or as one JSON document."""

from typing import Any

import click
import msgspec

from dagster_project.commands.show import print_document
from dagster_project.publishing.audit import CheckFailure
from dagster_project.publishing.build import BuildResult
from dagster_project.settings import MEMORY_VARIABLE


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one build. `failures` block publication, `warnings` do not."""

    build_id: str
    succeeded: bool
    models: int
    tests: int
    failures: list[CheckFailure]
    warnings: list[CheckFailure]
    warehouse_file: str


class BuildDocument(Build, frozen=True, kw_only=True, tag_field="schema", tag="reliability.build/1"):
    """What `reliability build` found."""


class CheckDocument(Build, frozen=True, kw_only=True, tag_field="schema", tag="reliability.check/1"):
    """What `reliability check` found, and the pages that tell more."""

    reports: list[str]


def build_facts(result: BuildResult) -> dict[str, Any]:
    """The verdict as fields of `Build`."""
    return {
        "build_id": result.build_id,
        "succeeded": result.succeeded,
        "models": result.model_count,
        "tests": result.test_count,
        "failures": list(result.failures),
        "warnings": list(result.warnings),
        "warehouse_file": str(result.warehouse_file),
    }


def print_verdict(document: BuildDocument | CheckDocument, *, as_json: bool) -> None:
    """Print the document, or its failures and warnings line by line and one line of numbers."""
    if as_json:
        print_document(document)
        return
    for word, listed in (("FAILURE", document.failures), ("WARNING", document.warnings)):
        for item in listed:
            click.echo(f"{word:8}{item.name}: {item.message}")
    if any("Out of Memory" in failure.message for failure in document.failures):
        click.echo(f"Memory ran out: set {MEMORY_VARIABLE} higher (docs/scale.md), as 6GiB, and build again.")
    outcome = "passed" if document.succeeded else "FAILED"
    click.echo(
        f"Build {document.build_id} {outcome}: {document.models} models, {document.tests} tests, "
        f"{len(document.warnings)} warnings."
    )
