"""Inspect: which files are logs, what is refused with a reason, and the published numbers of real logs."""

import csv
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dagster_project.formats.base import Event, Rejected, Unit
from dagster_project.formats.inspect.log import InspectEval, InspectJson
from dagster_project.landing.decoding.gate import Gate
from dagster_project.landing.reading.archives import Archive
from dagster_project.landing.reading.framing import Piece, pieces
from dagster_project.landing.reading.framing.archive import split
from dagster_project.landing.reading.heads import read_head
from tests.formats.inspect_samples import made, said, sample
from tests.formats.units import LIMITS, head, rows, run


@pytest.mark.parametrize(
    ("content", "header", "reason"),
    [
        (sample(), b"", "missing_required"),
        (sample(), b"{", "bad_json"),
        (sample(), {"eval": {"task": "t"}}, "missing_required"),
        (sample(epoch=0), None, "bad_value"),
        (sample(id=None), None, "bad_type"),
        (sample(messages=[said("robot")]), None, "bad_enum"),
        (sample(messages=[said("user", 5)]), None, "bad_type"),
        (sample(total_time=-1), None, "bad_number"),
        (sample(started_at="today"), None, "bad_timestamp"),
        (sample(events=5), None, "bad_type"),
        (sample(id="x" * 600), None, "bad_id"),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_a_sample_that_cannot_be_read_is_refused_with_a_reason(content: Any, header: Any, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        log = InspectJson(LIMITS)
        unit = made(content, header=header) if header != b"" else msgspec.structs.replace(made(content), enclosure=None)
        log.decode(unit, log.facts(head("x.json", b"{}")))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "content", [b"[]", b"{}", b'{"eval": 1}', b'{"status": "x", "eval": {"task": "t"}}', b"PK\x03\x04", b"x"], ids=repr
)
def test_another_file_is_refused(content: bytes) -> None:
    assert InspectJson(LIMITS).refusal(head("x.json", content)) is not None
    assert InspectEval(LIMITS).refusal(head("x.eval", content)) is not None


def test_a_log_longer_than_the_head_is_recognised_by_how_it_begins() -> None:
    spec = {"run_id": "R", "created": "", "task": "t", "dataset": {"sample_ids": [1]}, "model": "m"}
    for begun in ({"version": 2, "status": "success", "eval": spec}, {"eval": spec, "samples": []}):
        start = json.dumps(begun).encode()[:-1]
        assert InspectJson(LIMITS).refusal(head("x.json", start, is_whole=False)) is None
    assert InspectJson(LIMITS).refusal(head("x.json", b'{"eval": {"task": 1', is_whole=False)) is not None
    assert InspectJson(LIMITS).refusal(head("x.json", b'{"other": 1, ', is_whole=False)) is not None


def events_of_file(path: Path) -> list[Event]:
    """Events of a log as landing would decode it, each passed by the gate."""
    size = path.stat().st_size
    log = InspectEval(LIMITS) if path.suffix == ".eval" else InspectJson(LIMITS)
    file_head = read_head(path, display=path.name, file_bytes=size, settings=LIMITS)
    assert log.refusal(file_head) is None
    found: list[Piece]
    with path.open("rb") as handle:
        if isinstance(log, InspectEval):
            archive = Archive(handle, file_bytes=size, settings=LIMITS)
            found = list(split(archive, layout=log.layout, limits=LIMITS))
        else:
            found = list(pieces(log.framing, [handle.read()], limits=LIMITS))
    events = [log.decode(piece, log.facts(file_head)) for piece in found if isinstance(piece, Unit)]
    assert len(events) == len(found)
    for event in events:
        Gate(LIMITS).check(event)
    return events


# Its one log's metrics were not made by its one sample.
EDITED = "log/test_eval_log/log_tool_call_error.json"


def test_every_log_gives_its_published_numbers(shared: Path) -> None:
    pack = shared / "data-packs" / "inspect-ai"
    contents: dict[str, Any] = {}
    with (pack / "expected.csv").open(encoding="utf-8", newline="") as handle:
        for wanted in csv.DictReader(handle):
            events = events_of_file(pack / "data" / wanted["file"])
            runs = [run(event) for event in events]
            messages = [row for event in events for row in rows(event, "messages")]
            assert (len(runs), len(messages)) == (int(wanted["samples"]), int(wanted["messages"]))
            for event in events:
                # The same log in both formats, and under other names.
                assert contents.setdefault(event.event_id, event.content) == event.content
            if not runs or wanted["file"] == EDITED:
                continue
            assert {(found["suite_id"], found["model"]) for found in runs} == {(wanted["task"], wanted["model"])}
            calls = [row for event in events for row in rows(event, "llm_calls")]
            used = [value for row in calls for name, value in row.items() if name.endswith("_tokens") and value]
            limits = [row["max_tokens"] for row in calls if row.get("max_tokens")]
            assert sum(used) - sum(limits) == int(wanted["total_tokens"])
            metrics = json.loads(wanted["metrics"])
            values = [found.get("outcome_value") for found in runs]
            accuracies = [metric["accuracy"] for metric in metrics.values()] or [None]
            assert [sum(values) / len(values) if metrics else values[0]] == pytest.approx(accuracies)
    # 45 samples, three of them told twice.
    assert len(contents) == 42


def test_failed_tool_calls_of_every_kind_are_told(shared: Path) -> None:
    [event] = events_of_file(shared / "data-packs" / "inspect-ai" / "data" / EDITED)
    assert [row["status"] for row in rows(event, "tool_calls")] == ["error", "timeout"] + ["error"] * 9
    assert [row["error_type"] for row in rows(event, "errors")][-2:] == ["unknown", "output_limit"]
