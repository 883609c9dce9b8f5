"""A small fleet, landed once with its texts: what both engines build."""

import shutil
from pathlib import Path

import pytest

from dagster_project import pipeline
from dagster_project.publishing.engine import spark_lack
from dagster_project.settings import Settings
from dagster_project.simulate.simulator import simulate


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings over the landed fleet; skips where Spark cannot start, and says what is missing."""
    if lack := spark_lack():
        pytest.skip(lack)
    folder = tmp_path_factory.mktemp("spark")
    fleet = folder / "fleet"
    simulate(
        fleet, seed=7, agent_count=6, day_count=12, run_count=600, suite_tasks=10, suite_attempts=3, with_text=True
    )
    settings = Settings(home=folder / "home", workers=1)
    shutil.copytree(fleet / "declarations", settings.declarations)
    pipeline.land(settings, [fleet / "logs"], keep_payloads=True)
    return settings


def copy_of(landed: Settings, home: Path) -> Settings:
    """The landed data in another data root: a build there leaves this one's alone."""
    shutil.copytree(landed.landed, home / "landed")
    shutil.copytree(landed.payloads, home / "payloads")
    shutil.copytree(landed.ledger, home / "ledger")
    shutil.copytree(landed.quarantine, home / "quarantine")
    shutil.copytree(landed.declarations, home / "declarations")
    return Settings(home=home, workers=1)
