"""`reliability verify-export`: the exporter's own verdict on a dataset folder."""

import tempfile
from pathlib import Path

import click
import msgspec
from rich.console import Console

from dagster_project.errors import UsageError
from dagster_project.training.faults import Fault
from dagster_project.training.object_store import Store, is_store_url
from dagster_project.training.verify import dataset_folders, verify_folder


@click.command("verify-export")
@click.argument("place", metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as one JSON document.")
@click.pass_context
def command(ctx: click.Context, place: str, *, as_json: bool) -> None:
    """Read every file of a dataset, or of every dataset directly below DIR (or s3://bucket/prefix); list each fault.

    Exit 1 on any fault, 2 when DIR holds no dataset.
    """
    if is_store_url(place):
        with tempfile.TemporaryDirectory() as scratch:
            Store(place).fetch_datasets(Path(scratch))
            found = _verdicts(Path(scratch))
        verdicts = {name.replace(scratch, place.rstrip("/"), 1): faults for name, faults in found.items()}
    elif not Path(place).is_dir():
        raise UsageError(f"There is no folder {place}.", remedy="Name the folder that `reliability export` wrote.")
    else:
        verdicts = _verdicts(Path(place))
    if as_json:
        document = {
            "is_whole": not any(verdicts.values()),
            "datasets": [{"folder": name, "faults": faults} for name, faults in verdicts.items()],
        }
        click.echo(msgspec.json.encode(document))
    else:
        for name, faults in verdicts.items():
            click.echo(f"{name}: {'whole' if not faults else f'{len(faults)} faults'}")
            for fault in faults:
                click.echo(f"  {fault}")
    ctx.exit(1 if any(verdicts.values()) else 0)


def _verdicts(folder: Path) -> dict[str, list[Fault]]:
    verdicts = {}
    with Console(stderr=True).status("") as status:
        for dataset in dataset_folders(folder):
            status.update(f"reading {dataset.name} ...")
            verdicts[str(dataset)] = verify_folder(dataset)
    return verdicts
