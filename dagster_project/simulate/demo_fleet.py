"""The demo's fleet below a data root: written once, taken up again by every later demo."""

import shutil
from pathlib import Path

from dagster_project import durable
from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.simulate.simulator import LOGS, simulate
from dagster_project.simulate.truth import Truth, read_truth


def demo_folder(settings: Settings) -> Path:
    """Where the demo's raw logs, declarations and truth lie."""
    return settings.home / "demo"


def demo_logs(settings: Settings) -> Path:
    """The demo's raw logs."""
    return demo_folder(settings) / LOGS


def demo_benchmarks(settings: Settings) -> Path:
    """The lines of the demo's own benchmark: real runs of a scripted agent."""
    return demo_folder(settings) / "benchmarks"


def prepare_demo_fleet(settings: Settings, *, seed: int) -> Truth:
    """The fleet of that seed, simulated unless it lies there already, and its declarations in force.

    Raises UsageError when the data root holds a demo of another seed, or declares other agents or variants.
    """
    folder = demo_folder(settings)
    if not folder.is_dir():
        # Written aside and renamed: a demo killed here leaves nothing half done behind.
        unfinished = folder.with_name(folder.name + durable.TEMPORARY_SUFFIX)
        shutil.rmtree(unfinished, ignore_errors=True)
        simulate(unfinished, seed=seed)
        unfinished.rename(folder)
    truth = read_truth(folder)
    if truth.seed != seed:
        raise UsageError(
            f"{folder}: holds the fleet of seed {truth.seed}, not {seed}.",
            remedy="Leave --seed out, or point RELIABILITY_HOME to an empty folder.",
        )
    _declare(settings, folder / "declarations")
    return truth


def _declare(settings: Settings, source: Path) -> None:
    for path in sorted(source.iterdir()):
        declared, content = settings.declarations / path.name, path.read_bytes()
        if not declared.exists():
            durable.write_bytes(declared, content)
        elif declared.read_bytes() != content:
            raise UsageError(
                f"{declared}: declares something else than the demo's fleet.",
                remedy="Point RELIABILITY_HOME to an empty folder for the demo.",
            )
