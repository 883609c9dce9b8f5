"""Sessions, arrays of results, records of a map and native lines land the same in any order and in any files."""

import gzip
import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import zstandard

from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.landing import landed
from tests.landing.landed import line
from tests.landing.test_arrival_order import Facts, facts, units_of_files

ORDERS = 20
QUICK = 3
RELIABILITY = Path(sys.executable).with_name("reliability")
MAP = """
name: desk
version: "1"
framing: csv
required: {ticket: string, won: string}
event_id: [ticket]
fields:
  agent_id: {constant: clerk}
  task_id: ticket
  outcome: {from: won, values: {"1": success, "0": failure}}
  outcome_source: {constant: verifier}
texts: {message: note}
"""
COLUMNS = b"ticket,won,note\n"

Kinds = dict[str, list[bytes]]
"""Units by kind of file: each is a line, a record or an element, as bytes."""


def said(session: int, number: int, kind: str, content: Any, **message: Any) -> bytes:
    """A line of a Claude Code session; every line follows the one before it."""
    value = {
        "type": kind, "uuid": f"u{session}-{number}", "parentUuid": f"u{session}-{number - 1}" if number else None,
        "sessionId": f"s{session}", "timestamp": f"2026-03-0{1 + session}T10:{number:02d}:00.000Z", "version": "2.0.1",
        "isSidechain": False, "cwd": "/home/me", "message": {"role": kind, "content": content} | message,
    }  # fmt: skip
    return json.dumps(value).encode()


def session(number: int) -> list[bytes]:
    """A question, calls of tools and their answers, one of them an error, and what it cost."""
    lines = [said(number, 0, "user", f"question {number}")]
    for turn in range(4):
        usage = {"input_tokens": 10 + turn, "output_tokens": 5, "cache_read_input_tokens": 100 * turn}
        call = {"type": "tool_use", "id": f"toolu_{number}_{turn}", "name": "Bash", "input": {"command": f"ls {turn}"}}
        about = {"id": f"msg_{number}_{turn}", "model": "claude-x", "usage": usage}
        lines.append(said(number, 2 * turn + 1, "assistant", [{"type": "text", "text": "Let me see"}, call], **about))
        result = {"type": "tool_result", "tool_use_id": call["id"], "content": f"out {turn}", "is_error": turn == 2}
        lines.append(said(number, 2 * turn + 2, "user", [result]))
    return lines


def trial(task: int, number: int) -> bytes:
    turns = [{"role": "user", "content": f"Hi {task}"}, {"role": "assistant", "content": f"Hello {number}"}]
    return json.dumps({"task_id": task, "trial": number, "reward": number % 2, "info": {}, "traj": turns}).encode()


@pytest.fixture(scope="module")
def logs() -> Kinds:
    """No two units conflict; some of every kind are broken."""
    return {
        "native": [line(number).encode().rstrip() for number in range(60)] + [b"broken", b'{"event_type":"run"}'],
        "claude": [one for number in range(4) for one in session(number)] + [b"broken session"],
        "tau": [trial(task, number) for task in range(8) for number in range(3)] + [b'{"task_id": 99}'],
        "desk": [b"t%d,%d,note %d" % (number, number % 2, number) for number in range(40)] + [b"t99,maybe,no"],
    }  # fmt: skip


def write(folder: Path, kind: str, units: Sequence[bytes], *, name: str) -> Path:
    """A file of these units, in a folder of its own; of a name that decides nothing but for arrays of results."""
    names = {"native": f"{name}.jsonl", "claude": f"{name}.jsonl", "tau": "gpt-4o-airline.json", "desk": f"{name}.csv"}
    content = b"\n".join(units) + b"\n"
    if kind == "tau":
        content = b"[" + b",\n".join(units) + b"]"
    if kind == "desk":
        content = COLUMNS + content
    packed = {"gz": gzip.compress(content, mtime=0), "zst": zstandard.compress(content)}
    path = folder / name / names[kind]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed.get(name.rpartition("-")[2], content))
    return path


def map_file(folder: Path) -> Path:
    path = folder / "desk.yaml"
    path.write_text(MAP, encoding="utf-8")
    return path


def quarantined(settings: Settings) -> set[tuple[str, bytes]]:
    return {(row["reason"], row["raw_bytes"]) for row in landed.rows(settings, "quarantine")}


State = tuple[Facts, set[tuple[str, bytes]]]


def state(settings: Settings) -> State:
    return facts(settings), quarantined(settings)


@pytest.fixture(scope="module")
def reference(logs: Kinds, tmp_path_factory: pytest.TempPathFactory) -> State:
    folder = tmp_path_factory.mktemp("reference")
    settings = Settings(home=folder / "home", workers=1)
    for kind, units in logs.items():
        write(folder / "logs", kind, units, name=kind)
    summary = land(settings, [folder / "logs"], map_files=[map_file(folder)], keep_payloads=True)
    assert sorted(file.format for file in summary.files) == ["claude-code", "desk", "native", "tau-bench"]
    found = state(settings)
    # By hand: 60 runs, 9 lines of each of 4 sessions, 24 trials, 40 records; one broken unit of each, two of native.
    assert (len(found[0]["units"]), len(found[1])) == (60 + 36 + 24 + 40, 5)
    assert units_of_files(settings) == sum(map(len, logs.values()))
    return found


def dealt(units: Sequence[bytes], draw: random.Random) -> list[list[bytes]]:
    """The units cut into one to four files, none of a broken unit alone; one may hold what others have too."""
    shuffled = draw.sample(list(units), len(units))
    cuts = sorted(3 * cut for cut in draw.sample(range(1, len(units) // 3), draw.randint(0, 3)))
    files = [shuffled[start:end] for start, end in itertools.pairwise([0, *cuts, len(units)])]
    return [*files, shuffled[: len(units) // 3]] if draw.random() < 0.5 else files


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[] if seed < QUICK else pytest.mark.slow) for seed in range(ORDERS)]
)
def test_any_order_and_any_files_land_the_same_records(
    logs: Kinds, reference: State, settings: Settings, tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    paths = [
        write(tmp_path / "logs", kind, part, name=f"{draw.randrange(10**9)}-{draw.choice(('plain', 'gz', 'zst'))}")
        for kind, units in logs.items()
        for part in dealt(units, draw)
    ]
    draw.shuffle(paths)
    maps = [map_file(tmp_path)]
    for start, end in itertools.pairwise(sorted({0, len(paths), *draw.sample(range(len(paths)), 3)})):
        land(settings, paths[start:end], map_files=maps, keep_payloads=True)
        units_of_files(settings)
    assert state(settings) == reference
    before = landed.tree(settings)
    land(settings, [tmp_path / "logs"], map_files=maps, keep_payloads=True)
    assert landed.tree(settings) == before
    for number, path in enumerate(paths):
        path.parent.rename(path.parent.with_name(f"moved {number}"))
    land(settings, [tmp_path / "logs"], map_files=maps, keep_payloads=True)
    assert state(settings) == reference


def test_a_session_that_grows_between_landings_lands_once(
    logs: Kinds, reference: State, settings: Settings, tmp_path: Path
) -> None:
    maps = [map_file(tmp_path)]
    whole = b"\n".join(logs["claude"]) + b"\n"
    path = tmp_path / "logs" / "session.jsonl"
    path.parent.mkdir()
    for end in (len(whole) // 3, 2 * len(whole) // 3, len(whole)):  # within a line, but for the last
        path.write_bytes(whole[:end])
        land(settings, [path.parent], map_files=maps, keep_payloads=True)
        units_of_files(settings)
    for kind in ("native", "tau", "desk"):
        write(tmp_path / "logs", kind, logs[kind], name=kind)
    land(settings, [tmp_path / "logs"], map_files=maps, keep_payloads=True)
    assert state(settings) == reference
    assert landed.ledger(settings)["session.jsonl"]["unit_count"] == len(logs["claude"])


@pytest.mark.slow
def test_two_backfills_at_once_land_every_record_once(
    logs: Kinds, reference: State, settings: Settings, tmp_path: Path
) -> None:
    draw = random.Random(7)
    for folder in ("one", "other"):
        for kind, units in logs.items():
            for number, part in enumerate(dealt(units, draw)):
                write(tmp_path / folder, kind, part, name=f"{kind} {number}")
    command = [RELIABILITY, "land", "--payloads", "--map", map_file(tmp_path)]
    environment = os.environ | {"RELIABILITY_HOME": str(settings.home)}
    folders = [tmp_path / name for name in ("one", "other", "one")]
    at_once = [
        subprocess.Popen([*command, folder], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for folder in folders
    ]
    for process in at_once:
        _, said_wrong = process.communicate(timeout=120)
        assert process.returncode == 0, said_wrong
    units_of_files(settings)
    assert state(settings) == reference
