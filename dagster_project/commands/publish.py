"""`reliability publish`: switch readers to the audited build."""

import click

from dagster_project import pipeline
from dagster_project.commands.target import target_option, target_settings
from dagster_project.publishing.engine import built_last
from dagster_project.publishing.output import json_text


@click.command()
@target_option("Engine whose build to publish (default: RELIABILITY_TARGET, else the one that built last).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(target: str | None, *, as_json: bool) -> None:
    """Copy the marts of the last build into a closed file and switch readers to it in one step.

    Exit 1, and nothing changes, when the build failed a blocking check.
    """
    published = pipeline.publish(target_settings(target, default=built_last))
    if as_json:
        facts = {"build_id": published.build_id, "file": str(published.file), "is_new": published.is_new}
        click.echo(json_text(facts))
        return
    words = "Published" if published.is_new else "Already published:"
    click.echo(f"{words} build {published.build_id}\n{published.file}")
