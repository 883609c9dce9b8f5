"""The demo's benchmark: a scripted agent, careful and hasty, on small tasks. Nothing of it is simulated."""

import shutil
from pathlib import Path

from dagster_project import durable
from dagster_project.benchmarking.runner import Agent, run_suite
from dagster_project.benchmarking.suite import load_suite

FOLDER = Path(__file__).resolve().parent / "scripted"
SUITE_FILE = FOLDER / "suite.yaml"
VARIANTS = ("careful", "hasty")
WORKERS = 4


def run_scripted_suite(lines_folder: Path) -> None:
    """Run it with both variants and leave the lines in that folder, unless it is there already."""
    if lines_folder.is_dir():
        return
    # Written aside and renamed: a demo killed here leaves nothing half done behind.
    unfinished = lines_folder.with_name(lines_folder.name + durable.TEMPORARY_SUFFIX)
    shutil.rmtree(unfinished, ignore_errors=True)
    suite = load_suite(SUITE_FILE)
    for variant in VARIANTS:
        agent = Agent(
            command=("{python}", "-I", "-S", "{suite}/agent.py", variant),
            agent_id="scripted",
            organization_id="benchmarks",
            variant_id=variant,
        )
        run_suite(suite, agent, suite_folder=FOLDER, lines_folder=unfinished, workers=WORKERS)
    unfinished.rename(lines_folder)
