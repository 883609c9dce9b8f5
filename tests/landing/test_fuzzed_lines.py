"""Thousands of spoilt lines get the verdict of an independent oracle, and what lands has its values, bit for bit."""

import datetime as dt
import gzip
import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.landing import landed, oracle

Draw = random.Random
NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), 0.0, -0.0, 0.1, 1.0, 1.5, 999999999.9,
    1e9, 5e-324, 1.7976931348623157e308, "", "x", " ", "\x00", "a\nb", "a\u0085b", "\u2028", "é" * 256, "é" * 257,
    "x" * 512,
    "x" * 513, "\ud800", "\udfff\ud800", "𝒳", "NaN", "0", [], {}, [None], [[1]], {"a": {}}, {"a": 1, "b": None},
    {"a": "\ud834"}, "success", "timeout", "won",
)  # fmt: skip
TIMES = (
    "2026-03-01T06:01:56Z", "2026-03-01T06:01:56.1Z", "2026-03-01T06:01:56.999999999Z", "2026-03-01T06:01:56+23:59",
    "2026-03-01T06:01:56-00:00", "2026-03-01T06:01:56+24:00", "2026-03-01T06:01:56", "2026-03-01 06:01:56Z",
    "2026-03-01t06:01:56z", "2026-02-29T00:00:00Z", "2028-02-29T23:59:59Z", "2026-03-01T24:00:00Z",
    "1999-12-31T23:59:59Z", "1999-12-31T23:59:59-00:01", "2100-01-01T00:00:00+00:01", "2099-12-31T23:59:59.999999999Z",
    "2026-03-01T06:01:60Z",
    "2026-03-01T06:01Z", "20260301T060156Z", "2026-03-01T06:01:56.Z", "2026-03-01T06:01:56.1234567890Z",
    "２026-03-01T06:01:56Z", "2026-03-01T06:01:56+0100", " 2026-03-01T06:01:56Z", "2026-W09-7T06:01:56Z", 1772344916,
)  # fmt: skip
TOKENS = (
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"0", b"-", b"1e5", b"1E400", b"NaN", b"-Infinity", b"null",
    b"true", b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\\u0000", b"\\ud83d",
    b"\\ud83d\\ude00", b"\t",
    b"\r", b" ", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"18446744073709551616", b"0.1e1", b"01", b"/**/", b"\x0b",
    b"\\x41", b"'",
)  # fmt: skip


def run(number: int) -> dict[str, Any]:
    return {
        "event_type": "run", "event_id": f"e{number}", "organization_id": "acme", "run_id": f"r{number}",
        "agent_id": "researcher", "occurred_at": "2026-03-01T06:01:56Z",
    }  # fmt: skip


def with_values(draw: Draw, fields: dict[str, Any]) -> bytes:
    """Some fields, known and required ones among them, given a nasty value."""
    names = [*oracle.COUNTS, *oracle.SHARES, *oracle.IDS, *oracle.TEXTS, "cost_usd", "status", "outcome", "labels",
             "event_id", "organization_id", "event_type", "stranger"]  # fmt: skip
    for _ in range(draw.randint(1, 3)):
        fields[draw.choice(names)] = draw.choice(NASTY)
    return written(draw, fields)


def with_times(draw: Draw, fields: dict[str, Any]) -> bytes:
    fields[draw.choice(("occurred_at", *oracle.INSTANTS))] = draw.choice(TIMES)
    return written(draw, fields)


def without_fields(draw: Draw, fields: dict[str, Any]) -> bytes:
    del fields[draw.choice(sorted(fields))]
    return written(draw, fields)


def with_keys_twice(draw: Draw, fields: dict[str, Any]) -> bytes:
    text = written(draw, fields | {"labels": {"a": 1, "\\": '":', ":": 2}}).decode("utf-8", "surrogatepass")
    key = draw.choice([*fields, "labels", "stranger"])
    spelt = "".join(draw.choice((character, f"\\u{ord(character):04x}")) for character in key)
    return text.replace("{", f'{{"{spelt}"{draw.choice(("", " "))}:{draw.choice(("1", "null", "{}"))},', 1).encode()


def with_bytes(draw: Draw, fields: dict[str, Any]) -> bytes:
    """A few bytes put in, put over or taken out anywhere."""
    line = bytearray(written(draw, fields | {"labels": {"a": "b", "c": 0.5}, "message": 'say "hi" \\ {}'}))
    for _ in range(draw.randint(1, 3)):
        at, token = draw.randrange(len(line) + 1), draw.choice(TOKENS)
        end = at + draw.choice((0, 0, 1, len(token), draw.randint(1, 40)))
        line[at:end] = token if draw.random() < 0.8 else b""
    return bytes(line).replace(b"\n", b" ")


def cut(draw: Draw, fields: dict[str, Any]) -> bytes:
    line = written(draw, fields)
    return line[: draw.randrange(len(line) + 1)]


def nested(draw: Draw, fields: dict[str, Any]) -> bytes:
    depth = draw.choice((62, 63, 64, 65, 66, 500, 2000))
    opened, closed = draw.choice((("[", "]"), ('{"a":', "}")))
    value = opened * depth + ("1" if closed == "}" else "") + closed * depth
    return written(draw, fields)[:-1] + b',"stranger":' + value.encode() + b"}"


def wide(draw: Draw, fields: dict[str, Any]) -> bytes:
    more = draw.choice((505, 506, 507, 600))
    return written(draw, fields | {f"k{number}": number for number in range(more)})


def blank(draw: Draw, _fields: dict[str, Any]) -> bytes:
    return draw.choice((b"", b" ", b"\t \r", b"\r"))


def sent_again(draw: Draw, fields: dict[str, Any]) -> bytes:
    """An earlier id: with the same content in another order or spelling of numbers, or with another one."""
    again = run(draw.randrange(max(1, int(fields["event_id"][1:]))))
    again |= {"latency_ms": 5} if draw.random() < 0.4 else {}
    return written(draw, dict(reversed(again.items())) if draw.random() < 0.5 else again)


SPOILERS: tuple[Callable[[Draw, dict[str, Any]], bytes], ...] = (
    with_values, with_values, with_values, with_times, with_times, without_fields, with_keys_twice, with_bytes,
    with_bytes, with_bytes, cut, nested, wide, blank, sent_again, lambda draw, fields: written(draw, fields),
)  # fmt: skip


def written(draw: Draw, fields: dict[str, Any]) -> bytes:
    separators = draw.choice(((",", ":"), (", ", ": "), (" ,", " : ")))
    text = json.dumps(fields, ensure_ascii=draw.random() < 0.5, separators=separators)
    return text.encode("utf-8", "surrogatepass")


def judged(lines: list[bytes]) -> tuple[dict[int, dict[str, Any]], Counter[str]]:
    """By the oracle: the runs that must land, by line number, and how many lines must become of each kind."""
    runs: dict[int, dict[str, Any]] = {}
    first: dict[tuple[str, str, dt.date], Any] = {}
    counts: Counter[str] = Counter(unit=len(lines))
    for number, line in enumerate(lines, start=1):
        if not line.strip(b" \t\r"):
            counts["blank"] += 1
            continue
        try:
            expected = oracle.expected(line)
        except oracle.RefusedError:
            counts["quarantined"] += 1
            continue
        date = expected.get("started_at", expected["occurred_at"]).date()
        key = (expected["organization_id"], expected["event_id"], date)
        content = {name: value for name, value in oracle.parsed(line).items() if value is not None}
        if key not in first:
            first[key], runs[number] = content, expected
            counts["landed"] += 1
        else:
            counts["duplicate" if oracle.same(first[key], content) else "quarantined"] += 1
    return runs, counts


def fuzz(settings: Settings, path: Path, *, seed: int, count: int) -> None:
    draw = random.Random(seed)
    lines = [draw.choice(SPOILERS)(draw, run(number)) for number in range(count)]
    content = b"\n".join([json.dumps(run(count)).encode(), *lines, b""])
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    runs, counts = judged(content.split(b"\n")[:-1])
    summary = land(settings, [path], keep_payloads=True)
    found = {row["line_number"]: row for row in landed.rows(settings, "runs")}
    raw = content.split(b"\n")
    wrong = {number: (number in runs, raw[number - 1][:400]) for number in found.keys() ^ runs.keys()}
    assert wrong == {}
    assert Counter(summary.units) == counts
    assert 0.2 < counts["landed"] / count < 0.8
    for number, expected in runs.items():
        _compare(found[number], expected, raw[number - 1])
    for row in landed.rows(settings, "quarantine"):
        assert row["raw_sha256"] == hashlib.sha256(raw[row["line_number"] - 1]).hexdigest()
        assert row["reason"] != "format_error", row["detail"]


def _compare(row: dict[str, Any], expected: dict[str, Any], line: bytes) -> None:
    for name, value in expected.items():
        if name == "message":
            assert row["message_sha256"] == hashlib.sha256(value.encode()).hexdigest(), line
        else:
            assert (type(row[name]), repr(row[name])) == (type(value), repr(value)), (name, line)
    for name in {*oracle.COUNTS, *oracle.SHARES, *oracle.INSTANTS, "model", "task_id"} - expected.keys():
        assert row[name] is None, (name, line)


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_every_spoilt_line_gets_its_verdict_and_lands_unaltered(settings: Settings, tmp_path: Path, name: str) -> None:
    fuzz(settings, tmp_path / name, seed=20260301, count=2500)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_very_many_spoilt_lines_get_their_verdicts(settings: Settings, tmp_path: Path, seed: int) -> None:
    fuzz(settings, tmp_path / "log.jsonl", seed=seed, count=15_000)
