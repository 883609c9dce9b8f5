"""An export writes nothing where its datasets stand: of the same inputs, every file as its manifest lists it."""

import fcntl
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.settings import Settings
from dagster_project.training.choices import Caps, Choices
from dagster_project.training.datasets import DATASETS
from dagster_project.training.writing import standing
from dagster_project.training.writing.standing import export_unless_standing


@pytest.fixture
def written(world: Settings, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where datasets were written. They are copies of those of the scenario."""
    places: list[Path] = []

    def export_all(_settings: Settings, *, out: Path) -> list[object]:
        places.append(out)
        for name in DATASETS:
            shutil.rmtree(out / name, ignore_errors=True)
            shutil.copytree(world.exports / name, out / name)
        return []

    monkeypatch.setattr(standing, "export_all", export_all)
    return places


def test_datasets_that_stand_are_not_written_again(world: Settings, tmp_path: Path, written: list[Path]) -> None:
    export_unless_standing(world, out=tmp_path)
    told = export_unless_standing(world, out=tmp_path)

    assert written == [tmp_path]
    assert [(one.dataset, one.is_changed) for one in told] == [(name, False) for name in DATASETS]
    assert sum(one.row_count for one in told if one.dataset == "sft") == 8


def test_no_other_exporter_replaces_what_is_looked_at(
    world: Settings, tmp_path: Path, written: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_at(folder: Path, _manifest: object) -> bool:
        with (tmp_path / ".export.lock").open("wb") as handle, pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return folder.is_dir()

    export_unless_standing(world, out=tmp_path)
    monkeypatch.setattr(standing, "_is_whole", looked_at)
    export_unless_standing(world, out=tmp_path)

    assert written == [tmp_path]


@pytest.mark.parametrize("fault", ["changed", "gone", "stray", "no manifest", "bad record"])
def test_a_folder_that_is_not_as_it_was_written_is_written_again(
    world: Settings, tmp_path: Path, written: list[Path], fault: str
) -> None:
    export_unless_standing(world, out=tmp_path)
    card = tmp_path / "sft" / "README.md"
    if fault == "changed":
        card.write_bytes(card.read_bytes() + b" ")
    elif fault == "gone":
        card.unlink()
    elif fault == "stray":
        (tmp_path / "sft" / "canonical" / "stray.parquet").touch()
    elif fault == "no manifest":
        (tmp_path / "sft" / "manifest.json").unlink()
    else:
        (tmp_path / ".exported.json").write_text("{", encoding="utf-8")

    export_unless_standing(world, out=tmp_path)
    export_unless_standing(world, out=tmp_path)

    assert len(written) == 2


def test_what_a_published_build_does_not_hold_is_looked_at_too(
    world: Settings, tmp_path: Path, written: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    export_unless_standing(world, out=tmp_path)
    chosen = Choices(caps=Caps(agent=1), keeps_reasoning=False)
    monkeypatch.setattr(standing, "declared_choices", lambda _settings: chosen)
    export_unless_standing(world, out=tmp_path)
    monkeypatch.setattr(standing, "current_build_id", lambda _settings: "0" * 32)
    export_unless_standing(world, out=tmp_path)

    assert len(written) == 3


def test_protected_texts_are_looked_at_too(world: Settings, tmp_path: Path, written: list[Path]) -> None:
    home = tmp_path / "home"
    own = replace(world, home=home)
    shutil.copytree(world.published, own.published, symlinks=True)
    export_unless_standing(own, out=tmp_path / "out")
    own.declarations.mkdir()
    (own.declarations / "protected_texts.jsonl").write_text('{"suite_id": "s", "task_id": "t", "text": "x"}\n')
    export_unless_standing(own, out=tmp_path / "out")

    assert len(written) == 2
