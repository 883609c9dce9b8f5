"""What has been compiled is loaded where many lines are to be read, and where it is not, they land all the same."""

import dataclasses
from pathlib import Path

import msgspec
import pytest

from dagster_project.formats.native.scanning import by_llvm, library, loaded
from dagster_project.landing.decoding import workers
from dagster_project.landing.decoding.workers import Workers
from dagster_project.settings import Settings


@pytest.mark.parametrize(("work_bytes", "loads"), [(1 << 20, 0), (64 << 20, 1)], ids=["small", "large"])
def test_one_process_loads_it_for_a_large_landing_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, work_bytes: int, loads: int
) -> None:
    asked: list[None] = []
    monkeypatch.setattr(workers, "load_compiled", lambda: asked.append(None))
    Workers(dataclasses.replace(settings, workers=1)).start(work_bytes=work_bytes)
    assert len(asked) == loads


def test_nothing_is_loaded_where_nothing_was_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "TARGET", tmp_path)
    monkeypatch.setattr(loaded, "_library", None)
    loaded.load()
    assert loaded.compiled() is None


def test_where_the_system_executes_no_code_of_ours_nothing_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_linked: library.Linked) -> library.Library:
        raise PermissionError("mprotect")

    place = tmp_path / "code.linked"
    place.write_bytes(msgspec.msgpack.encode(library.Linked(b"\xc3", [], [], {})))
    monkeypatch.setattr(library, "linked_file", lambda: place)
    monkeypatch.setattr(library, "Library", refused)
    monkeypatch.setattr(loaded, "_library", None)
    loaded.load()
    assert loaded.compiled() is None


def test_the_code_of_another_processor_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    linked, loaded_by_llvm = library.linked_file(), by_llvm.object_file()
    monkeypatch.setattr(library, "processor", lambda: b"another")
    monkeypatch.setattr(by_llvm.llvm, "get_host_cpu_name", lambda: "another")
    assert library.linked_file() != linked
    assert by_llvm.object_file() != loaded_by_llvm
