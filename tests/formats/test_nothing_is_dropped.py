"""A key that nobody knows, put into any object of a unit, is told: it changes a record or makes one of drift. A value
that no place expects is no reason to stop: the unit lands or is refused.

Units are those of the packs, so that every shape of a format is tried. Objects whose keys are no fields (names of
attachments, of attributes) and those that an export says twice are named below, with the reason.
"""

import copy
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import pytest

from dagster_project.formats.base import Event, Head, Rejected, Unit
from dagster_project.formats.registry import load_formats
from dagster_project.landing.reading.framing import pieces
from tests.formats import made_up_samples
from tests.formats.made_up_samples import MADE_UP
from tests.formats.units import LIMITS

FORMATS = {log_format.name: log_format for log_format in load_formats(LIMITS)}
SAMPLES = [
    ("atif", "format-samples/data/atif-nemo/exmp0[16]_atif.json"),
    ("atof", "format-samples/data/atif-nemo/exmp01_atof.jsonl"),
    ("claude-code", "format-samples/data/claude-code-daaain/representative_messages.jsonl"),
    ("claude-code-export", "format-samples/data/claude-code-simonw/sample_session.json"),
    ("inspect-json", "inspect-ai/data/log/test_eval_log/log_*.json"),
    ("langfuse", "langfuse-traces/data/*tools*.trace.json"),
    ("mini-swe-agent", "swe-agent/data/mini-swe-agent/*.traj.json"),
    ("otlp-json", "format-samples/data/otlp-open-agent-traces/*.json"),
    ("swe-agent", "swe-agent/data/**/function_calling_simple.traj"),
    ("tau-bench", "tau-bench/data/historical_trajectories/*.json"),
    ("tau2-bench", "tau2-bench/data/simulations/*/results.json"),
    ("tau2-simulation", "tau2-bench/data/voice_experiment/experiment/simulations/*.json"),
    ("tau2-experiment", "tau2-bench/data/voice_experiment/experiment/results.json"),
    ("tau2-submission", "tau2-bench/data/leaderboard_submissions/[a-c]*.json"),
]
# Format → places whose keys are not fields.
NO_FIELDS = {
    "inspect-json": {
        "attachments": "texts by their hash, kept where they are referred to",
        "transcript": "an older version's events, told by their kinds",
        "transcript.content": "the same texts",
    },
    "langfuse": {
        "trace.observations.[]": "the observations again",
        "trace.observations.[].usageDetails": "the same", "trace.observations.[].costDetails": "the same",
        "trace.observations.[].providedCostDetails": "the same", "trace.observations.[].toolDefinitions": "the same",
        "trace.observations.[].modelParameters": "the same",
        "observations.[].costDetails": "parts of totalCost", "observations.[].providedCostDetails": "the same",
    },
    "otlp-json": {"attributes.[]": "a pair of key and value", "events.[].attributes.[]": "the same"},
}  # fmt: skip
UNITS_OF_A_FILE = 4
FILES = 8


def objects(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all objects; of a list, those in its first elements."""
    if isinstance(value, dict):
        yield way
        for key, inner in value.items():
            yield from objects(inner, (*way, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value[:4]):
            yield from objects(inner, (*way, at))


def spelled(way: tuple[Any, ...]) -> str:
    return ".".join("[]" if isinstance(step, int) else step for step in way)


def told(event: Event) -> str:
    return repr([(table, sorted(fields.items(), key=str)) for table, fields in event.records])


def with_a_key(content: Any, way: tuple[Any, ...]) -> bytes:
    changed = copy.deepcopy(content)
    here = changed
    for step in way:
        here = here[step]
    here["unheard_of"] = "value"
    return msgspec.json.encode(changed)


@pytest.mark.parametrize(("name", "pattern"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_a_key_that_nobody_knows_is_told_wherever_it_stands(shared: Path, name: str, pattern: str) -> None:
    log_format, silent, tried = FORMATS[name], set(), set()
    for path in sorted((shared / "data-packs").glob(pattern))[:FILES]:
        content = path.read_bytes()
        head = Head(path=PurePosixPath(path), start=content[:65536], is_whole=len(content) <= 65536)
        facts = log_format.facts(head)
        units = [piece for piece in pieces(log_format.framing, [content], limits=LIMITS) if isinstance(piece, Unit)]
        for unit in units[:: max(1, len(units) // UNITS_OF_A_FILE)][:UNITS_OF_A_FILE]:
            parsed = msgspec.json.decode(unit.raw)
            try:
                before = told(log_format.decode(unit, facts))
            except Rejected:
                continue
            for way in objects(parsed):
                if spelled(way) in tried:
                    continue
                tried.add(spelled(way))
                changed = msgspec.structs.replace(unit, raw=with_a_key(parsed, way))
                try:
                    after = told(log_format.decode(changed, facts))
                except Rejected:
                    continue
                if after == before:
                    silent.add(spelled(way))
    assert tried
    assert silent - set(NO_FIELDS.get(name, {})) == set()


def told_of_file(name: str, content: bytes) -> list[str]:
    """What is told of each unit of a file; raises Rejected when one is refused."""
    log_format = FORMATS[name]
    head = Head(path=PurePosixPath("x.jsonl"), start=content[:65536], is_whole=True)
    assert log_format.refusal(head) is None
    facts = log_format.facts(head)
    units = [piece for piece in pieces(log_format.framing, [content], limits=LIMITS) if isinstance(piece, Unit)]
    return [told(log_format.decode(unit, facts)) for unit in units]


@pytest.mark.parametrize(("name", "document"), MADE_UP, ids=[name for name, _ in MADE_UP])
def test_a_key_that_nobody_knows_is_told_or_refused_in_what_writers_without_a_pack_make(
    name: str, document: dict[str, Any]
) -> None:
    before = told_of_file(name, msgspec.json.encode(document))
    silent, refused = set(), 0
    for way in objects(document):
        try:
            after = told_of_file(name, with_a_key(document, way))
        except Rejected:
            refused += 1
            continue
        if after == before and not spelled(way).endswith(made_up_samples.NO_FIELDS.get(name, ("no such way",))):
            silent.add(spelled(way))
    assert silent == set()
    assert refused < len(list(objects(document))) / 2 + 1


# Values of every type, of which most stand where none of theirs may.
STRANGERS: list[Any] = [None, -1, "", True, [], [None], [[5]], {}, {"a": {}}]
TRIED = 120
REASONS = {
    "bad_json", "not_object", "bad_encoding", "bad_number", "bad_type", "bad_enum", "bad_timestamp", "bad_id",
    "missing_required", "duplicate_key", "too_large", "too_deep", "bad_value", "nul", "too_wide", "format_error",
}  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to all values; of a list, those in its first elements."""
    if way:
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for step, below in inner:
        yield from places(below, (*way, step))


def with_a_stranger(content: Any, way: tuple[Any, ...], stranger: Any) -> bytes:
    changed = copy.deepcopy(content)
    here = changed
    for step in way[:-1]:
        here = here[step]
    here[way[-1]] = stranger
    return msgspec.json.encode(changed)


# A simulation alone is read as one among others is, and is ten times as large.
SMALL = [sample for sample in SAMPLES if sample[0] != "tau2-simulation"]


@pytest.mark.parametrize(("name", "pattern"), SMALL, ids=[name for name, _ in SMALL])
def test_whatever_stands_wherever_a_unit_lands_or_is_refused_with_a_reason(
    shared: Path, name: str, pattern: str
) -> None:
    log_format = FORMATS[name]
    path = min((shared / "data-packs").glob(pattern), key=lambda found: found.stat().st_size)
    content = path.read_bytes()
    facts = log_format.facts(Head(path=PurePosixPath(path), start=content[:65536], is_whole=len(content) <= 65536))
    first = next(piece for piece in pieces(log_format.framing, [content], limits=LIMITS) if isinstance(piece, Unit))
    parsed = msgspec.json.decode(first.raw)
    tried = [(way, stranger) for way in places(parsed) for stranger in STRANGERS]
    refused = 0
    for way, stranger in tried[:: max(1, len(tried) // TRIED)]:
        try:
            log_format.decode(msgspec.structs.replace(first, raw=with_a_stranger(parsed, way, stranger)), facts)
        except Rejected as rejected:
            assert rejected.reason in REASONS
            refused += 1
    assert refused
