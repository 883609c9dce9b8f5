"""Where a path is part of what an event is called, equal bytes at two paths are two events; a file that moved is one.

Where the content says it all, the path changes nothing. A format that takes an id from a path must say so.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.landing import landed

SAID = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
STEPS = [{"step_id": 1, "source": "user", "message": "Hi"}, {"step_id": 2, "source": "agent", "message": "Hello"}]
ATIF = {"schema_version": "ATIF-v1.4", "agent": {"name": "a", "version": "1"}, "steps": STEPS}
LOG_LINE = {"type": "user", "timestamp": "2026-03-01T06:00:00Z", "message": {"role": "user", "content": "Hi"}}
SIMULATION = {
    "id": "s1", "task_id": "7", "start_time": "2026-03-01T06:00:00", "end_time": "2026-03-01T06:01:00",
    "duration": 60.0, "termination_reason": "user_stop", "messages": [], "trial": 0,
}  # fmt: skip
INFO = {"timestamp": "2026-03-01T06:00:00", "info": {"agent_info": {"llm": "m"}, "environment_info": {}}}
SUBMISSION = {
    "model_name": "m", "model_organization": "x", "submitting_organization": "x", "submission_date": "2026-03-01",
    "results": {"retail": {"pass_1": 50.0}},
}  # fmt: skip

# Content, the file's path, and another path of the same form, by what is tried.
NAMED_BY_PATH: dict[str, tuple[Any, str, str]] = {
    "swe-agent folder": ({"history": [], "trajectory": [], "info": {}}, "one/t.traj", "two/t.traj"),
    "swe-agent task": ({"history": [], "trajectory": [], "info": {}}, "one/t.traj", "one/u.traj"),
    "mini-swe-agent folder": (
        {"messages": SAID, "trajectory_format": "mini-swe-agent-1.1", "instance_id": "i"},
        "one/i.traj.json",
        "two/i.traj.json",
    ),
    "mini-swe-agent task": ({"messages": SAID, "trajectory_format": "mini-swe-agent-1.1"}, "one/i.json", "one/j.json"),
    "ATIF": (ATIF, "one/trajectory.json", "two/trajectory.json"),
    "openai-chat": ({"messages": SAID}, "one.jsonl", "two.jsonl"),
    "openai-chat with numbers": ({"messages": SAID, "id": 7}, "one.jsonl", "two.jsonl"),
    "Claude export": ({"loglines": [LOG_LINE]}, "one.json", "two.json"),
    "tau2-submission": (SUBMISSION, "one/submission.json", "two/submission.json"),
    "tau2-experiment": (INFO, "one/results.json", "two/results.json"),
}
NAMED_BY_CONTENT: dict[str, tuple[Any, str, str]] = {
    "mini-swe-agent": (
        {"messages": SAID, "trajectory_format": "mini-swe-agent-1.1", "instance_id": "i"},
        "one/i.traj.json",
        "one/j.traj.json",
    ),
    "ATIF": (ATIF | {"session_id": "s"}, "one/trajectory.json", "two/other.json"),
    "openai-chat": ({"messages": SAID, "id": "c1"}, "one.jsonl", "two.jsonl"),
    "Claude export": (
        {"loglines": [LOG_LINE | {"sessionId": "s", "uuid": "u"}]},
        "one.json",
        "two.json",
    ),
    "tau2-simulation": (SIMULATION, "one/simulations/a.json", "two/simulations/b.json"),
}


def write(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")
    return path


def events(settings: Settings) -> list[str]:
    return sorted(unit["event_id"] for unit in landed.rows(settings, "units"))


@pytest.mark.parametrize("case", NAMED_BY_PATH)
def test_equal_files_whose_paths_name_other_events_all_land(settings: Settings, tmp_path: Path, case: str) -> None:
    content, one, other = NAMED_BY_PATH[case]
    logs = tmp_path / "logs"
    write(logs, one, content)
    assert land(settings, [logs]).units == {"landed": 1, "unit": 1}
    write(logs, other, content)
    assert land(settings, [logs]).units == {"landed": 1, "unit": 1}
    assert len(set(events(settings))) == 2
    before = landed.tree(settings)
    assert len(land(settings, [logs]).repeated) == 2
    assert landed.tree(settings) == before


@pytest.mark.parametrize("case", NAMED_BY_PATH)
def test_a_file_that_was_moved_is_known_whatever_its_new_name(settings: Settings, tmp_path: Path, case: str) -> None:
    content, one, other = NAMED_BY_PATH[case]
    path = write(tmp_path / "logs", one, content)
    land(settings, [path])
    before = landed.tree(settings)
    new = tmp_path / "logs" / other
    new.parent.mkdir(parents=True, exist_ok=True)
    path.rename(new)
    for _ in range(2):
        assert len(land(settings, [new]).repeated) == 1
    assert landed.tree(settings) == before


def test_of_two_copies_one_may_be_the_file_that_was_moved(settings: Settings, tmp_path: Path) -> None:
    content, one, other = NAMED_BY_PATH["swe-agent folder"]
    path = write(tmp_path / "logs", one, content)
    land(settings, [path])
    path.unlink()
    write(tmp_path / "logs", other, content)
    write(tmp_path / "logs", "three/t.traj", content)
    summary = land(settings, [tmp_path / "logs"])
    assert (len(summary.repeated), summary.units) == (1, {"landed": 1, "unit": 1})
    assert events(settings) == ["swe-agent/one/t", "swe-agent/two/t"]


@pytest.mark.parametrize("case", NAMED_BY_CONTENT)
def test_a_copy_of_a_file_that_names_its_events_itself_is_a_repeat(
    settings: Settings, tmp_path: Path, case: str
) -> None:
    content, one, other = NAMED_BY_CONTENT[case]
    land(settings, [write(tmp_path / "logs", one, content)])
    assert len(events(settings)) == 1
    before = landed.tree(settings)
    summary = land(settings, [write(tmp_path / "logs", other, content)])
    assert (len(summary.repeated), len(summary.files)) == (1, 0)
    assert landed.tree(settings) == before
