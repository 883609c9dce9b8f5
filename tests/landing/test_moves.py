"""Files of a commit are synced side by side, and get their names together: all of them, or none."""

from pathlib import Path

import pytest

from dagster_project import durable
from dagster_project.landing.writing.moves import Move, Moves


def written(folder: Path, *names: str) -> list[Move]:
    scratch = folder / "scratch"
    scratch.mkdir()
    for name in names:
        (scratch / name).write_text(name, encoding="utf-8")
    return [Move(scratch / name, folder / f"day={name}" / "named") for name in names]


@pytest.mark.parametrize("beside", [False, True])
def test_bytes_are_synced_before_any_name_is_given_and_names_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, beside: bool
) -> None:
    done: list[str] = []
    monkeypatch.setattr(durable, "sync_file", lambda path, *, mode: done.append(f"bytes of {path.name}"))
    monkeypatch.setattr(durable, "sync_folder", lambda folder: done.append(f"names in {folder.name}"))
    moves = written(tmp_path, "a", "b")
    with Moves(beside=beside) as making:
        for move in moves:
            making.add(move)
        assert not any(move.path.exists() for move in moves)
    assert [move.path.read_text(encoding="utf-8") for move in moves] == ["a", "b"]
    assert sorted(done[:2]) == ["bytes of a", "bytes of b"]
    assert sorted(done[2:]) == sorted(["names in day=a", "names in day=b", f"names in {tmp_path.name}"])


@pytest.mark.parametrize("beside", [False, True])
def test_a_file_that_cannot_be_synced_leaves_all_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, beside: bool
) -> None:
    def fail(path: Path, *, mode: int) -> None:
        if path.name == "b":
            raise OSError("the disk is full")

    monkeypatch.setattr(durable, "sync_file", fail)
    moves = written(tmp_path, "a", "b")
    with pytest.raises(OSError, match="the disk is full"), Moves(beside=beside) as making:
        for move in moves:
            making.add(move)
    assert not any(move.path.exists() for move in moves)


def test_what_fails_meanwhile_leaves_all_without_a_name(tmp_path: Path) -> None:
    moves = written(tmp_path, "a")
    with pytest.raises(ValueError, match="elsewhere"), Moves(beside=True) as making:
        making.add(moves[0])
        raise ValueError("elsewhere")
    assert not moves[0].path.exists()
