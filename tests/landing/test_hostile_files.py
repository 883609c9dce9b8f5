"""Whatever a file is made of, its good units land, all others are accounted for, and no neighbour suffers."""

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from dagster_project.landing import LandingSummary, land
from dagster_project.settings import Settings
from tests.landing import hostile, landed
from tests.landing.hostile import Case
from tests.landing.landed import line

SECONDS = 10
FOLDERS: dict[str, tuple[str, tuple[Case, ...]]] = {
    "lines": ("log.jsonl", hostile.LINES),
    "packed": ("log.jsonl.gz", hostile.PACKED),
    "archives": ("log.eval", hostile.ARCHIVES),
    "arrays": ("gpt-4o-airline.json", hostile.ARRAYS),
}
NEIGHBOUR = 999_999


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LandingSummary, dict[str, dict[str, Any]]]:
    """All cases landed at once, each a file in a folder of its own, with a good neighbour that is last."""
    folder = tmp_path_factory.mktemp("hostile")
    first = 1
    for kind, (file_name, cases) in FOLDERS.items():
        for case in cases:
            path = folder / "logs" / kind / case.name / file_name
            path.parent.mkdir(parents=True)
            path.write_bytes(case.make([line(number).encode() for number in range(first, first + 5)]))
            first += 5
    (folder / "logs" / "z.jsonl").write_text(line(NEIGHBOUR), encoding="utf-8")
    settings = Settings(home=folder / "home", workers=1)
    summary = land(settings, [folder / "logs"])
    rows = landed.rows(settings, "ledger")
    return folder / "logs", summary, {row["source_path"]: row for row in rows}


@pytest.mark.parametrize(
    ("kind", "case"),
    [pytest.param(kind, case, id=f"{kind}-{case.name}") for kind, (_, cases) in FOLDERS.items() for case in cases],
)
def test_every_file_has_its_verdict(outcome, kind: str, case: Case) -> None:
    folder, summary, ledger = outcome
    path = str(folder / kind / case.name / FOLDERS[kind][0])
    if case.units is None:
        (skipped,) = [skipped for skipped in summary.skipped if skipped.path == path]
        assert case.why in skipped.why
        return
    row = ledger[path]
    kinds = ("unit", "landed", "quarantined", "duplicate", "blank", "pending")
    assert {kind: row[f"{kind}_count"] for kind in kinds if row[f"{kind}_count"]} == case.units
    assert (case.problem or "") in (row["problem"] or "")
    assert (case.problem is None) == (row["problem"] is None)


def test_the_neighbour_of_all_lands(outcome) -> None:
    folder, _, ledger = outcome
    assert ledger[str(folder / "z.jsonl")]["landed_count"] == 1
    assert len(FOLDERS) == 4 and sum(len(cases) for _, cases in FOLDERS.values()) > 90


def landed_within_time(settings: Settings, *paths: Path) -> LandingSummary:
    began = time.monotonic()
    summary = land(settings, list(paths))
    assert time.monotonic() - began < SECONDS
    return summary


def test_a_folder_may_hold_anything(settings: Settings, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    (logs / "folder.jsonl").mkdir(parents=True)
    (logs / "folder.jsonl" / "log.jsonl").write_text(line(1), encoding="utf-8")
    os.mkfifo(logs / "pipe.jsonl")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(logs / "socket.jsonl"))
    (logs / "loop.jsonl").symlink_to("loop.jsonl")
    (logs / "there.jsonl").symlink_to("back.jsonl")
    (logs / "back.jsonl").symlink_to("there.jsonl")
    (logs / "up").symlink_to("..", target_is_directory=True)
    (logs / "itself").symlink_to(".", target_is_directory=True)
    (logs / "device.jsonl").symlink_to("/dev/zero")
    (logs / "process.jsonl").symlink_to("/proc/self/environ")
    summary = landed_within_time(settings, logs)
    assert summary.units == {"landed": 1, "unit": 1}
    why = {Path(skipped.path).name: skipped.why for skipped in summary.skipped}
    assert why == {
        "pipe.jsonl": "it is no regular file",
        "socket.jsonl": "it is no regular file",
        "loop.jsonl": "it is a link that leads nowhere",
        "there.jsonl": "it is a link that leads nowhere",
        "back.jsonl": "it is a link that leads nowhere",
        "up": "it is a link that leaves the given folder",
        "itself": "it is a link inside the folder; what it names is landed as itself",
        "device.jsonl": "it is a link that leaves the given folder",
        "process.jsonl": "it is a link that leaves the given folder",
    }


def test_what_is_no_file_is_refused_by_name_at_once(settings: Settings, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    (tmp_path / "good.jsonl").write_text(line(1), encoding="utf-8")
    summary = landed_within_time(
        settings, tmp_path / "pipe.jsonl", tmp_path / "loop.jsonl", Path("/dev/zero"), tmp_path / "good.jsonl"
    )
    assert summary.units == {"landed": 1, "unit": 1}
    assert [Path(skipped.path).name for skipped in summary.unreadable] == ["pipe.jsonl", "loop.jsonl", "zero"]


NAMES = (
    b"new\nline.jsonl", b"\xff\xfe.jsonl", b"n" * 249 + b".jsonl", b"'; drop table runs; --.jsonl",
    b"{{ env_var('HOME') }}.jsonl", b"%s%n.jsonl", b"* [a-z] ?.jsonl", b"-rf", b" .jsonl", b"\x1b[31m.jsonl",
    b"<script>alert(1)</script>.jsonl".replace(b"/", b"\\"), "\u202elnosj.exe".encode(), b"CON", b".hidden.jsonl",
    b"a=1", b"event_date=2026-01-01", "ｆｕｌｌ.jsonl".encode(), b"..jsonl", b"~", b"$HOME.jsonl", b"`id`.jsonl",
)  # fmt: skip


def test_a_file_may_be_called_anything(settings: Settings, tmp_path: Path) -> None:
    logs = os.fsencode(tmp_path) + b"/logs"
    os.mkdir(logs)  # noqa: PTH102
    for number, name in enumerate(NAMES):
        Path(os.fsdecode(logs + b"/" + name)).write_text(line(number) + "broken\n", encoding="utf-8")
    summary = landed_within_time(settings, tmp_path / "logs")
    assert summary.units == {"landed": len(NAMES), "quarantined": len(NAMES), "unit": 2 * len(NAMES)}
    assert len({row["source_path"] for row in landed.rows(settings, "ledger")}) == len(NAMES)
    again = landed_within_time(settings, *(Path(os.fsdecode(logs + b"/" + name)) for name in NAMES))
    assert (len(again.repeated), again.units) == (len(NAMES), {})


def test_a_file_that_may_not_be_read_is_named_and_its_neighbours_land(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, number in (("a.jsonl", 1), ("b.jsonl", 2), ("c.jsonl", 3)):
        (tmp_path / name).write_text(line(number), encoding="utf-8")
    opened = Path.open

    def refusing(path: Path, *arguments: Any, **keywords: Any) -> Any:
        if path.name == "b.jsonl":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **keywords)

    monkeypatch.setattr(Path, "open", refusing)  # whoever runs this may be root, whom no mode stops
    summary = landed_within_time(settings, tmp_path)
    assert [skipped.why for skipped in summary.unreadable] == ["it cannot be read: Permission denied"]
    assert summary.units == {"landed": 2, "unit": 2}


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n"], ids=["no newline", "a newline", "blank lines"])
def test_a_foreign_file_of_one_very_long_line_is_skipped(settings: Settings, tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "logs" / "blocks.json"
    path.parent.mkdir()
    path.write_bytes(b'{"blocks": ["' + b"x" * 3_000_000 + b'"]}' + end)
    summary = land(settings, [path.parent])
    assert (summary.units, [Path(skipped.path).name for skipped in summary.skipped]) == ({}, ["blocks.json"])
