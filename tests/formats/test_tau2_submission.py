"""Leaderboard submissions: percent become shares, a null is no score, and nothing becomes a run."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from dagster_project.formats.base import Event, Rejected
from dagster_project.formats.tau_bench.tau2_submission import Tau2Submission
from tests.formats.units import LIMITS, decode_file, head, rows


def decode(path: str = "leaderboard/m_s.json", **changes: Any) -> Event:
    document = {
        "model_name": "M", "model_organization": "O", "submitting_organization": "S", "submission_date": "2026-05-05",
        "results": {"airline": {"pass_1": 62.5, "pass_2": None, "pass_4": 48, "cost": None}, "retail": None},
    } | changes  # fmt: skip
    [event] = decode_file(Tau2Submission(LIMITS), path, json.dumps(document).encode())
    return event


def test_given_figures_are_scores_of_the_suite_as_shares() -> None:
    event = decode()
    assert [(row["target_id"], row["name"], row["value"], row["label"]) for row in rows(event, "scores")] == [
        ("tau2-bench-airline", "pass_hat_1", 0.625, "M"), ("tau2-bench-airline", "pass_hat_4", 0.48, "M"),
    ]  # fmt: skip
    assert rows(event, "runs") == []
    assert (event.event_id, event.event_date) == ("tau2-submission/m_s/2026-05-05", dt.date(2026, 5, 5))


def test_submissions_of_one_day_are_told_apart_by_their_folder() -> None:
    """The leaderboard itself names every file submission.json, in a folder each."""
    found = decode("submissions/m_s/submission.json")
    assert found.event_id == "tau2-submission/m_s/2026-05-05"
    assert decode("submission.json").event_id == "tau2-submission/submission/2026-05-05"


def test_what_no_field_takes_is_drift() -> None:
    event = decode(results={"airline": {"pass_1": 1, "cost": 0.1}})
    assert [row["field_name"] for row in rows(event, "unmapped_fields")] == [
        "model_organization",
        "results.airline.cost",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"results": {"airline": {"pass_1": 101}}}, "bad_value"), ({"submission_date": "May 5"}, "bad_timestamp"),
     ({"results": []}, "bad_type")],
    ids=str,
)  # fmt: skip
def test_a_submission_that_cannot_be_read_is_refused_with_a_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode(**changes)
    assert caught.value.reason == reason


def test_another_file_is_refused_in_words() -> None:
    assert "'model_name'" in (Tau2Submission(LIMITS).refusal(head("x.json", b'{"results": {}}')) or "")


def test_all_published_submissions_land(shared: Path) -> None:
    folder = shared / "data-packs" / "tau2-bench" / "data" / "leaderboard_submissions"
    paths = sorted(folder.glob("*.json"))
    events = [decode_file(Tau2Submission(LIMITS), path.name, path.read_bytes())[0] for path in paths]
    assert len({event.event_id for event in events}) == len(paths) == 65
    # Counted in the files: 151 figures of pass^1, 77 of pass^2, 74 of pass^3, 77 of pass^4.
    assert sum(len(rows(event, "scores")) for event in events) == 151 + 77 + 74 + 77
