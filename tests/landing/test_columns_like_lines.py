"""Lines decoded as columns land exactly as they do one by one: same files, same verdicts, whatever the lines hold."""

import dataclasses
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.formats.native.block import BlockReader
from dagster_project.formats.native.columns import NativeColumns
from dagster_project.formats.native.lines import NativeFormat
from dagster_project.formats.native.scanning import compiling, library, loaded
from dagster_project.landing import LandingSummary, land
from dagster_project.settings import Settings

LINES = 400


def _run(draw: random.Random, number: int) -> dict:
    return {
        "run_id": f"r{number}", "agent_id": draw.choice(["a", "b", "c"]), "started_at": _time(draw),
        "status": draw.choice(["success", "failure", "partial", "error", "timeout", "cancelled"]),
        "cost_usd": draw.choice([0, 0.25, 1, 1.0, 3e-7]), "latency_ms": draw.randrange(10**6),
        "input_tokens": draw.randrange(50, 99), "cache_read_tokens": draw.randrange(60),
        "retries": draw.choice([None, 2]),
        "message": draw.choice(["", "plain", "naïve ☃", 'q"uo\\te', "line\nbreak", "\x1b[31mred", "unit\x1fmark"]),
        "error": draw.choice([None, {}, {"message": "boom", "error_type": "E", "http_status": 5}, {"odd": 1}]),
        "labels": draw.choice([None, {}, {"team": "x"}, {"tier": "1", "team": None}, {"tier": 1}, {"née": "y"}]),
        "outcome_value": draw.choice([None, 0, 1, 0.5]), "confidence": draw.choice([None, 0.1, 1]),
    }  # fmt: skip


def _step(draw: random.Random, number: int) -> dict:
    return {"run_id": f"r{number}", "step_id": f"s{number}", "seq": number, "kind": draw.choice(["llm", "tool"]),
            "started_at": _time(draw), "status": draw.choice(["ok", "error", None])}  # fmt: skip


def _llm_call(draw: random.Random, number: int) -> dict:
    return {"run_id": f"r{number}", "input_tokens": draw.choice([None, 9, 70]), "output_tokens": draw.choice([None, 7]),
            "cache_read_tokens": draw.choice([None, 8, 20]), "reasoning_tokens": draw.choice([None, 3]),
            "temperature": draw.choice([0, 0.7, 1.0])}  # fmt: skip


def _tool_call(draw: random.Random, number: int) -> dict:
    return {"run_id": f"r{number}", "tool_name": "grep", "status": draw.choice(["ok", "error"]),
            "arguments": draw.choice([None, "{}", "[1]", "torn {", '{"a":1.0}', {"a": 1.0}, {"a": None}]),
            "result": draw.choice([None, "", "found\tit"])}  # fmt: skip


def _message(draw: random.Random, number: int) -> dict:
    return {"run_id": f"r{number}", "seq": number, "role": draw.choice(["user", "tool"]),
            "content": draw.choice([None, "", "hé"]),
            "tool_call_ids": draw.choice([None, [], ["t1", "t2"]])}  # fmt: skip


def _score(draw: random.Random, number: int) -> dict:
    return {"name": "quality", "value": draw.choice([1, 0.5, 2**53, 2**53 + 1, 10**18]), **draw.choice(
        [{"run_id": f"r{number}"}, {"target_id": f"r{number}"}, {"target_type": "step", "target_id": "s1"}, {}]
    )}  # fmt: skip


def _error(draw: random.Random, number: int) -> dict:
    return {"run_id": f"r{number}", "message": draw.choice(["boom", "é" * 5000]), "code": draw.choice([None, "E1"]),
            "retryable": draw.choice([None, True, False])}  # fmt: skip


KINDS: dict[str, Callable[[random.Random, int], dict]] = {
    "run": _run, "step": _step, "llm_call": _llm_call, "tool_call": _tool_call, "message": _message, "score": _score,
    "error": _error,
}  # fmt: skip


REQUIRED = {
    "run": {"agent_id": "a"}, "step": {"step_id": "s"}, "tool_call": {"tool_name": "t"}, "score": {"name": "n"},
    "message": {"role": "user"},
}  # fmt: skip


def _time(draw: random.Random) -> str:
    return draw.choice(
        ["2026-03-01T06:01:56Z", "2026-03-02T23:59:59Z", "2026-03-01T06:01:56.1234567Z", "2026-03-01T01:30:00+02:00"]
    )


def line(draw: random.Random, kind: str, number: int) -> dict:
    common = {"event_type": kind, "event_id": f"e{number}", "organization_id": "acme", "occurred_at": _time(draw)}
    return common | KINDS[kind](draw, number)


# What may be wrong, or merely odd, with a line: each takes the good line and gives bytes.
TWISTS: list[Callable[[dict], bytes]] = [
    lambda line: json.dumps(dict(reversed(line.items()))).encode(),
    lambda line: json.dumps(line, separators=(" ,", " : ")).encode(),
    lambda line: json.dumps(line | {"unknown": None}).encode(),
    lambda line: json.dumps(line | {"unknown": [1.0, {"a": None}]}).encode(),
    lambda line: json.dumps(line | {"tool_name": "other table"}).encode(),
    lambda line: json.dumps(line | {"event_id": None}).encode(),
    lambda line: json.dumps(line | {"event_id": ""}).encode(),
    lambda line: json.dumps(line | {"event_id": "tab\there"}).encode(),
    lambda line: json.dumps(line | {"event_id": "é" * 300}).encode(),
    lambda line: json.dumps(line | {"organization_id": 7}).encode(),
    lambda line: json.dumps(line | {"occurred_at": "2026-02-30T00:00:00Z"}).encode(),
    lambda line: json.dumps(line | {"occurred_at": "2126-02-03T00:00:00Z"}).encode(),
    lambda line: json.dumps(line | {"occurred_at": "2026-02-03 00:00:00Z"}).encode(),
    lambda line: json.dumps(line | {"event_type": "unheard_of"}).encode(),
    lambda line: json.dumps(line | {"status": None}).encode(),
    lambda line: json.dumps(line | {"status": "unheard of"}).encode(),
    lambda line: json.dumps(line | {"seq": -1, "latency_ms": -1}).encode(),
    lambda line: json.dumps(line | {"seq": 1.0, "latency_ms": 1.0}).encode(),
    lambda line: json.dumps(line | {"seq": "1", "latency_ms": True}).encode(),
    lambda line: json.dumps(line | {"seq": 2**63, "latency_ms": 2**64, "value": 10**30}).encode(),
    lambda line: json.dumps(line | {"cost_usd": 2**63, "value": float("nan"), "temperature": float("inf")}).encode(),
    lambda line: json.dumps(line | {"cost_usd": -0.0, "value": -1e-400, "confidence": 1.5}).encode(),
    lambda line: json.dumps(line)[:-1].encode() + b',"run_id":"twice"}',
    lambda line: json.dumps(line)[:-1].encode() + b',"run\\u005fid":"twice"}',
    lambda line: json.dumps(line | {"error": {"message": 1}}).encode(),
    lambda line: json.dumps(line)[:-1].encode() + b',"name":"\xff"}',
    lambda line: json.dumps(line)[:-1].encode() + b',"name":"\\ud800"}',
    lambda line: json.dumps(line)[:-20].encode(),
    lambda line: json.dumps(line).encode() + json.dumps(line | {"event_id": "second of a line"}).encode(),
    lambda line: b"[" + json.dumps(line).encode() + b"]",
    lambda line: b"  " + json.dumps(line).encode() + b" \r",
    lambda line: json.dumps(line).encode() + b"\r",
    lambda line: json.dumps(line | {"name": "\x1d\x1e"}).encode(),
    lambda line: b"",
    lambda line: json.dumps(line | {"event_id": "same for all"}).encode(),
    lambda line: json.dumps({"labels": {"a": 1}} | line | {"event_type": "config"}).encode(),
]  # fmt: skip


def hostile_lines(seed: int, *, kinds: list[str], twisted: float) -> bytes:
    draw = random.Random(seed)
    lines = []
    for number in range(LINES):
        good = line(draw, draw.choice(kinds), number)
        if draw.random() < 0.7:  # labels and lists are never scanned
            good = {key: value for key, value in good.items() if key not in ("labels", "tool_call_ids")}
        twist = draw.choice(TWISTS) if draw.random() < twisted else None
        lines.append(twist(good) if twist else json.dumps(good, ensure_ascii=draw.random() < 0.5).encode())
        if draw.random() < 0.02:
            lines.append(lines[-1])
    return b"\n".join(lines) + b"\n"


@pytest.fixture
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Who reads lines first: what has been compiled, or Arrow, as where nothing has."""
    compiling.compile_here()  # nothing to do after `make setup`
    compiled = library.compiled_library() if request.param == "scanner" else None
    monkeypatch.setattr(loaded, "_library", compiled)
    return request.param


def landed(settings: Settings, home: Path, log: Path) -> tuple[LandingSummary, dict[str, bytes]]:
    own = dataclasses.replace(settings, home=home, workers=1)
    summary = land(own, [log], keep_payloads=True)
    files = {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*.parquet"))}
    return summary, files


@pytest.mark.parametrize(
    ("reader", "twisted"),
    [("scanner", 0.0), ("scanner", 0.02), ("scanner", 0.5), ("arrow", 0.02), ("arrow", 0.5)],
    indirect=["reader"],
)
@pytest.mark.parametrize("kinds", [["run"], sorted(KINDS)], ids=["runs", "mixed"])
@pytest.mark.usefixtures("reader")
def test_columns_and_single_lines_give_the_same_files(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kinds: list[str], twisted: float
) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(hostile_lines(len(kinds) + int(twisted * 100), kinds=kinds, twisted=twisted))
    assert_both_ways_give_the_same_files(settings, log, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("reader", ["scanner"], indirect=True)
@pytest.mark.parametrize("seed", range(120))
@pytest.mark.usefixtures("reader")
def test_lines_with_noise_in_their_bytes_give_the_same_files(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    log = tmp_path / "log.jsonl"
    lines = hostile_lines(seed, kinds=[["run"], sorted(KINDS)][seed % 2], twisted=0.0)
    log.write_bytes(with_noise(random.Random(seed), lines))
    assert_both_ways_give_the_same_files(settings, log, monkeypatch)


def with_noise(draw: random.Random, lines: bytes) -> bytes:
    """One byte in 2,000 replaced, dropped or doubled, mostly by what means something to JSON."""
    letters = list(lines)
    for _ in range(len(letters) // 2_000):
        place = draw.randrange(len(letters))
        noise = draw.choice([*b'"\\{}[],:0159eE.-+ntfuZT \t\r\n\x00\x1f\x7f\xc3\xa9\xff'])
        letters[place : place + draw.randrange(3)] = [noise] * draw.randrange(3)
    return bytes(letters) + b"\n"


def assert_both_ways_give_the_same_files(settings: Settings, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = log.parent
    as_columns, column_files = landed(settings, home / "columns", log)
    monkeypatch.setattr(NativeColumns, "decode_lines", lambda self, lines: iter(()))
    one_by_one, line_files = landed(settings, home / "lines", log)
    assert as_columns.units == one_by_one.units
    assert as_columns.quarantined == one_by_one.quarantined
    assert column_files == line_files


@pytest.mark.parametrize("reader", ["scanner", "arrow"], indirect=True)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_good_line_of_every_kind_lands_as_columns(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, reader: str
) -> None:
    """Without this, a fast way that takes nothing would pass for equal."""
    common = {"event_type": kind, "organization_id": "acme", "occurred_at": "2026-03-01T00:00:00Z", "run_id": "r"}
    lines = [common | REQUIRED.get(kind, {}) | {"event_id": f"e{number}"} for number in range(5)]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    monkeypatch.setattr(NativeFormat, "decode", lambda self, unit, facts: pytest.fail("decoded alone"))
    if reader == "scanner":
        monkeypatch.setattr(BlockReader, "read", lambda self, lines: pytest.fail("left by the scanner"))
    summary = land(settings, [log])
    assert (summary.units["landed"], summary.units.get("quarantined", 0)) == (5, 0)
