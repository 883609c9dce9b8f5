"""What nobody let us read is named, however it was given, its neighbours land, and it is never said to be done."""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.commands.land import command, refuse_unreadable
from dagster_project.errors import UsageError
from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.landing.landed import line

_VERSION = 0x20080522
_OVERRIDES = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH: what lets root read all


def _effective(change: int | None) -> int:
    """Our effective capabilities; set to `change` if there is one."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    before = sets[0]
    if change is not None:
        sets[0] = change
        assert libc.capset(header, sets) == 0
    return before


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Path]:
    """A readable file among closed ones, and a process that modes can stop though root runs it."""
    folder = tmp_path / "logs"
    for place, name in enumerate(("ok", "file", "closed/in", "listed/in", "passed/in")):
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(line(place), encoding="utf-8")
    modes = {"file.jsonl": 0o000, "closed": 0o000, "listed": 0o444, "passed": 0o111}
    for name, mode in modes.items():
        (folder / name).chmod(mode)
    before = _effective(None)
    _effective(before & ~_OVERRIDES)
    yield folder
    _effective(before)
    for name in modes:
        (folder / name).chmod(0o700)


CLOSED = {
    "closed": "the folder cannot be read: Permission denied", "passed": "the folder cannot be read: Permission denied",
    "file.jsonl": "it cannot be read: Permission denied", "listed/in.jsonl": "it cannot be read: Permission denied",
}  # fmt: skip
NO_FOLDER, NO_FILE = "the folder cannot be read", "it cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("given", "landed", "told"),
    [
        ([""], 1, CLOSED),
        (["file.jsonl", "ok.jsonl"], 1, {"file.jsonl": NO_FILE}),
        (["closed/in.jsonl"], 0, {"closed/in.jsonl": NO_FILE}),
        (["passed/in.jsonl"], 1, {}),
        (["closed/*.jsonl"], 0, {"closed": NO_FOLDER}),
        (["*/*.jsonl"], 0, {"closed": NO_FOLDER, "listed": NO_FOLDER, "passed": NO_FOLDER, "listed/in.jsonl": NO_FILE}),
        (["o*.jsonl"], 1, {}),
    ],
    ids=["a folder", "a file and its neighbour", "below a closed folder", "in one that lets pass", "a glob in one",
         "a glob over them", "a glob that needs none of them"],
)  # fmt: skip
def test_it_is_told_and_what_can_be_read_lands(
    logs: Path, tmp_path: Path, given: list[str], landed: int, told: dict[str, str]
) -> None:
    summary = land(Settings(home=tmp_path / "home"), [logs / name for name in given])
    assert {str(Path(skipped.path).relative_to(logs)): skipped.why for skipped in summary.unreadable} == told
    assert summary.units.get("landed", 0) == landed
    if told:
        with pytest.raises(UsageError):
            refuse_unreadable(summary)


def test_the_command_leaves_it_to_the_landing_which_goes_on_with_the_others(logs: Path) -> None:
    [paths] = [parameter for parameter in command.params if parameter.name == "paths"]
    assert not os.access(logs / "file.jsonl", os.R_OK, effective_ids=True)
    assert paths.type.convert(str(logs / "file.jsonl"), paths, None) == logs / "file.jsonl"
