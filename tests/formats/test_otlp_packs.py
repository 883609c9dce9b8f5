"""Real spans land as their pack says, and no file of any other pack is taken for spans."""

import json
from pathlib import Path

import pytest

from dagster_project.formats.base import Head
from dagster_project.formats.otlp.json_export import OtlpJson
from dagster_project.formats.otlp.protobuf_export import OtlpProtobuf
from tests.formats.units import LIMITS, decode_file, run

FILE = "otlp-open-agent-traces/test-traces.json"


def test_the_open_agent_traces_give_their_published_counts(shared: Path) -> None:
    pack = shared / "data-packs" / "format-samples"
    expected = json.loads((pack / "expected.json").read_text(encoding="utf-8"))[FILE]
    events = decode_file(OtlpJson(LIMITS), FILE, (pack / "data" / FILE).read_bytes())
    runs = [run(event) for event in events]
    assert len(events) == expected["spans"]
    assert len({found["run_id"] for found in runs}) == expected["traces"] == expected["roots"]
    assert {name: sum(found["workflow_name"] == name for found in runs) for name in expected["names"]} == expected[
        "names"
    ]
    assert {found["agent_id"] for found in runs} == {"Agento-Module-1"}
    assert [(found["started_at"].isoformat(), found["latency_ms"]) for found in runs] == [
        ("2025-06-30T01:38:21.952174", 102), ("2025-06-30T01:38:37.252944", 105),
    ]  # fmt: skip


@pytest.mark.parametrize("log_format", [OtlpJson(LIMITS), OtlpProtobuf(LIMITS)], ids=lambda each: each.name)
def test_of_all_packs_only_spans_are_taken_for_spans(shared: Path, log_format: OtlpJson | OtlpProtobuf) -> None:
    taken = []
    for path in sorted((shared / "data-packs").rglob("*")):
        if path.is_file():
            with path.open("rb") as handle:
                start = handle.read(65536)
            whole = path.stat().st_size <= 65536
            if log_format.refusal(Head(path=path, start=start, is_whole=whole)) is None:
                taken.append(path.name)
    assert taken == (["test-traces.json"] if log_format.name == "otlp-json" else [])
