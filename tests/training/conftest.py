"""One published world for all tests of this folder: building it takes seconds."""

import shutil
from pathlib import Path

import pytest

from dagster_project.settings import Settings
from dagster_project.training import export_all
from tests.training.scenario import ASKED_FOR, LEDGER_RUNS, publish_runs


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The scenario's runs, published and exported. Read only."""
    settings = Settings(home=tmp_path_factory.mktemp("world"), workers=1)
    publish_runs(settings, LEDGER_RUNS, declared=ASKED_FOR)
    export_all(settings)
    return settings


@pytest.fixture
def sft(world: Settings, tmp_path: Path) -> Path:
    """A copy of the exported SFT dataset, to be spoilt."""
    return Path(shutil.copytree(world.exports / "sft", tmp_path / "sft"))


@pytest.fixture
def unpaired(world: Settings, tmp_path: Path) -> Path:
    """A copy of the exported unpaired dataset, to be spoilt."""
    return Path(shutil.copytree(world.exports / "unpaired", tmp_path / "unpaired"))


@pytest.fixture
def prompts(world: Settings, tmp_path: Path) -> Path:
    """A copy of the exported prompts, to be spoilt."""
    return Path(shutil.copytree(world.exports / "prompts", tmp_path / "prompts"))


@pytest.fixture
def preferences(world: Settings, tmp_path: Path) -> Path:
    """A copy of the exported preference dataset, to be spoilt."""
    return Path(shutil.copytree(world.exports / "preferences", tmp_path / "preferences"))


@pytest.fixture
def efficiency(world: Settings, tmp_path: Path) -> Path:
    """A copy of the exported efficiency pairs, to be spoilt."""
    return Path(shutil.copytree(world.exports / "efficiency", tmp_path / "efficiency"))
