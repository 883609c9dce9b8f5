"""A code location over the small dbt project: building and publishing are real, what is before and after stands in."""

from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import msgspec
import pytest

from dagster_project import pipeline
from dagster_project.definitions import build_definitions
from dagster_project.publishing.build import prepare_build
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from tests.publishing.small_project import knob, make_small_project


class Exported(msgspec.Struct):
    dataset: str
    row_count: int


class Written(msgspec.Struct):
    artifact: str


@dataclass
class Location:
    """The definitions, and what their runs called. Set `number` to -1 to break the blocking test of the next build."""

    settings: Settings
    definitions: dg.Definitions
    number: int = 1
    landed_paths: list[Path] = field(default_factory=list)
    landing_errors: list[Exception] = field(default_factory=list)
    export_count: int = 0
    report_count: int = 0

    def run(self, instance: dg.DagsterInstance, **given: object) -> dg.ExecuteInProcessResult:
        job = self.definitions.resolve_job_def("everything")
        return job.execute_in_process(instance=instance, raise_on_error=False, **given)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_small_project(tmp_path_factory.mktemp("small") / "dbt")


def make_location(home: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Location:
    """A code location of its own; the stand-ins stay as long as the monkeypatch."""
    settings = Settings(home=home, dbt_dir=project, workers=1)
    given = {"data_root": {"home": str(settings.home), "dbt_dir": str(settings.dbt_dir)}}
    location = Location(settings, build_definitions(given))

    def land(_settings: Settings, paths: list[Path]) -> None:
        if location.landing_errors:
            raise location.landing_errors.pop()
        location.landed_paths += paths

    def prepare(_settings: Settings) -> str:
        return prepare_build(settings, read_snapshot(settings), declared=knob(location.number))

    def report(_settings: Settings) -> None:
        location.report_count += 1

    def export(_settings: Settings) -> tuple[Exported, ...]:
        location.export_count += 1
        return tuple(Exported(name, 1) for name in ("sft", "preferences", "efficiency", "unpaired", "prompts"))

    def artifacts(_settings: Settings) -> tuple[Written, ...]:
        return tuple(Written(name) for name in ("labels", "hiring_signals", "cards", "ranker"))

    monkeypatch.setattr(pipeline, "land", land)
    monkeypatch.setattr(pipeline, "prepare", prepare)
    monkeypatch.setattr(pipeline, "write_report", report)
    monkeypatch.setattr(pipeline, "keep_judgements", lambda _settings: None)
    monkeypatch.setattr(pipeline, "export", export)
    monkeypatch.setattr(pipeline, "export_artifacts", artifacts)
    monkeypatch.setattr(pipeline, "check_exports", lambda _settings: {})
    return location


@pytest.fixture
def location(small_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Location:
    return make_location(tmp_path / "home", small_project, monkeypatch)
