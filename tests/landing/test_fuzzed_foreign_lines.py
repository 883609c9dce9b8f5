"""Spoilt lines of the formats that are read line by line: what an independent reader of JSON refuses is in quarantine,
what was not touched lands as it was, and every line is accounted for.

Of a spoilt line that is still JSON nothing is demanded but that it is landed, quarantined, a duplicate or blank.
"""

import copy
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
from tests.formats.made_up_samples import CHAT, LANGFUSE, LOGS, PRINTED_LOG, RESPONSE, SPANS
from tests.formats.test_openai_batch import answered, completion
from tests.landing import landed, oracle

LINES = 160
KINDS = ("landed", "quarantined", "duplicate", "blank", "pending")
WORDS = (
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"1e999", b"NaN", b"-Infinity", b"null", b"\x00", b"\xff", b"\xc3",
    b"\xed\xa0\x80", b"\\ud83d", b"\r", b"\xef\xbb\xbf", b"18446744073709551616", b"9" * 5000, b"01", b"\\x41",
    b"\xe2\x80\xa8",
)  # fmt: skip


def claude(number: int) -> dict[str, Any]:
    usage = {"input_tokens": 3, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 7, "output_tokens": 2,
             "cache_creation": {"ephemeral_5m_input_tokens": 5}, "service_tier": "standard"}  # fmt: skip
    said = [{"type": "text", "text": "é𝒳"}, {"type": "tool_use", "id": f"t{number}", "name": "Bash", "input": {"a": 1}}]
    message = {
        "id": f"m{number}",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": said,
        "usage": usage,
    }
    return {
        "type": "assistant", "uuid": f"u{number}", "parentUuid": None, "sessionId": "s", "version": "2.0.1",
        "timestamp": "2026-01-02T03:04:05.006Z", "isSidechain": False, "requestId": "r", "message": message,
    }  # fmt: skip


def numbered(document: dict[str, Any], *way: str | int) -> Callable[[int], dict[str, Any]]:
    """The document with a number at that place, so that no two lines are one."""

    def make(number: int) -> dict[str, Any]:
        changed: Any = copy.deepcopy(document)
        here = changed
        for step in way[:-1]:
            here = here[step]
        here[way[-1]] = f"{1 + number:016x}"
        return changed

    return make


FORMATS: dict[str, Callable[[int], dict[str, Any]]] = {
    "openai-chat": numbered(CHAT, "messages", 0, "content"),
    "openai-batch": numbered(answered(completion()), "id"),
    "openai-batch response": numbered(RESPONSE, "id"),
    "langfuse-lines": numbered(LANGFUSE, "trace", "id"),
    "claude-code": claude,
}
TELEMETRY = {
    "spans": numbered(SPANS, "resourceSpans", 0, "scopeSpans", 0, "spans", 0, "spanId"),
    "logs": numbered(LOGS, "resourceLogs", 0, "scopeLogs", 0, "logRecords", 0, "eventName"),
    "printed": numbered(PRINTED_LOG, "event_name"),
}


def spoilt(draw: random.Random, line: bytes) -> bytes:
    """The line with bits flipped, words put in, cut, nested deeper, a key twice, or blank; never with a line break."""
    changed = bytearray(line)
    kind = draw.randrange(7)
    if kind == 0:
        at = draw.randrange(len(changed))
        changed[at] ^= 1 << draw.randrange(8)
    elif kind in (1, 2):
        at = draw.randrange(len(changed) + 1)
        changed[at : at + draw.choice((0, 0, 1, 9))] = draw.choice(WORDS)
    elif kind == 3:
        del changed[draw.randrange(len(changed)) :]
    elif kind == 4:
        depth = draw.choice((30, 63, 64, 70, 3000))
        changed[1:1] = b'"deep":' + b"[" * depth + b"]" * depth + b","
    elif kind == 5:
        key = draw.choice(list(json.loads(line)))
        changed[1:1] = json.dumps(key).encode() + b":null,"
    else:
        changed = bytearray(draw.choice((b"", b"  ", b"\t\r")))
    return bytes(changed).replace(b"\n", b" ")


def spoilt_file(path: Path, make: Callable[[int], dict[str, Any]], *, seed: int) -> tuple[list[bytes], set[int]]:
    """Lines of the file, every third spoilt, ended by either kind of line break; and the numbers of the whole ones."""
    draw = random.Random(seed)
    lines = [json.dumps(make(number), ensure_ascii=draw.random() < 0.5).encode() for number in range(LINES)]
    whole = {number for number in range(LINES) if number % 3 or number == 0}
    lines = [line if number in whole else spoilt(draw, line) for number, line in enumerate(lines)]
    path.write_bytes(b"".join(line + draw.choice((b"\n", b"\r\n")) for line in lines))
    return lines, whole


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("name", FORMATS)
def test_every_spoilt_line_is_accounted_for_and_the_whole_ones_land_as_they_are(
    settings: Settings, tmp_path: Path, name: str, seed: int
) -> None:
    lines, whole = spoilt_file(tmp_path / "log.jsonl", FORMATS[name], seed=seed)
    summary = land(settings, [tmp_path / "log.jsonl"], keep_payloads=True)
    assert summary.skipped == []
    assert summary.units["unit"] == LINES == sum(summary.units.get(kind, 0) for kind in KINDS)
    units = {row["line_number"] - 1: row for row in landed.rows(settings, "units")}
    broken = {row["line_number"] - 1: row for row in landed.rows(settings, "quarantine")}
    assert whole <= units.keys()
    for number, line in enumerate(lines):
        if number in whole:
            continue
        if not line.strip(b" \t\r"):
            assert number not in units | broken
        elif not _is_json(line):
            assert number in broken and number not in units, line[:300]
        else:
            assert number in units or number in broken or summary.units.get("duplicate"), line[:300]
    for number, row in broken.items():
        assert row["raw_bytes"].rstrip(b"\r") == lines[number].rstrip(b"\r")
    alone = Settings(home=tmp_path / "alone", workers=1)
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole" / "log.jsonl").write_bytes(b"".join(lines[number] + b"\n" for number in sorted(whole)))
    land(alone, [tmp_path / "whole"], keep_payloads=True, source=_format(settings))
    kept = {units[number]["event_id"] for number in whole}
    assert _records(settings, kept) == _records(alone, kept)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 6])
@pytest.mark.parametrize("name", TELEMETRY)
def test_every_byte_of_spoilt_telemetry_is_accounted_for(
    settings: Settings, tmp_path: Path, name: str, seed: int
) -> None:
    path = tmp_path / "log.jsonl"
    _, whole = spoilt_file(path, TELEMETRY[name], seed=seed)
    summary = land(settings, [path])
    assert summary.skipped == []
    assert summary.units["unit"] == sum(summary.units.get(kind, 0) for kind in KINDS)
    rows = landed.rows(settings, "units") + landed.rows(settings, "quarantine")
    content = path.read_bytes()
    for row in landed.rows(settings, "quarantine"):
        at = row["byte_offset"]
        assert hashlib.sha256(content[at : at + row["byte_length"]]).hexdigest() == row["raw_sha256"]
    ends = [0]
    for row in sorted(rows, key=lambda row: row["byte_offset"]):
        assert row["byte_offset"] >= ends[-1]  # no byte is of two units
        ends.append(row["byte_offset"] + row["byte_length"])
    # What was torn may take its neighbour along, no more.
    assert summary.units["landed"] >= len(whole) - 2 * (LINES - len(whole)) // 3


def _is_json(line: bytes) -> bool:
    try:
        oracle.parsed(line.strip(b" \t\r"))
    except oracle.RefusedError:
        return False
    return True


def _format(settings: Settings) -> str:
    [name] = {row["format"] for row in landed.rows(settings, "units")}
    return name


def _records(settings: Settings, event_ids: set[str]) -> dict[str, Counter[str]]:
    """Rows of these events in every table, but for where they came from."""
    place = ("byte_offset", "line_number", "unit_number", "batch_id", "source_file_sha256", "byte_length")
    tables = ("runs", "steps", "llm_calls", "tool_calls", "messages", "scores", "errors", "unmapped_fields", "units")
    found = {}
    for table in tables:
        rows = [row for row in landed.rows(settings, table) if row["event_id"] in event_ids]
        found[table] = Counter(repr({key: row[key] for key in row if key not in place}) for row in rows)
    return found
