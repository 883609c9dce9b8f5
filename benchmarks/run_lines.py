"""Native run lines to land, seeded: about 520 bytes each, as an agent with tools writes them."""

import datetime as dt
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

_PIECE = 100_000
_DAYS = 30
_BEGIN = dt.datetime(2026, 3, 1)
_WORDS = ("booking", "fare", "rules", "flights", "traveller", "looked", "up", "checked", "offered", "second")


def write_run_lines(path: Path, count: int) -> Path:
    """So many lines, the same for the same count. Written once; pieces are made side by side."""
    if path.exists():
        return path
    partial = path.with_suffix(".partial")
    pieces = [(begin, min(begin + _PIECE, count), count) for begin in range(0, count, _PIECE)]
    with partial.open("wb") as file, ProcessPoolExecutor() as pool:
        for lines in pool.map(_piece, pieces):
            file.write(lines)
    return partial.rename(path)


def _piece(bounds: tuple[int, int, int]) -> bytes:
    begin, end, count = bounds
    draw = random.Random(begin)
    encode = msgspec.json.Encoder().encode
    return b"".join(encode(_run(number, draw, count)) + b"\n" for number in range(begin, end))


def _run(number: int, draw: random.Random, count: int) -> dict:
    started = _BEGIN + dt.timedelta(seconds=int(number * _DAYS * 86_400 / count))
    latency = draw.randrange(500, 60_000)
    failed = draw.random() < 0.2
    run = {
        "event_type": "run",
        "event_id": f"event-{number:09d}",
        "run_id": f"run-{number:09d}",
        "organization_id": f"organization-{number % 5}",
        "agent_id": f"agent-{draw.randrange(40):02d}",
        "agent_version": f"1.4.{number % 7}",
        "occurred_at": _utc(started + dt.timedelta(milliseconds=latency)),
        "started_at": _utc(started),
        "ended_at": _utc(started + dt.timedelta(milliseconds=latency)),
        "status": "failure" if failed else "success",
        "latency_ms": latency,
        "cost_usd": round(draw.random() / 5, 6),
        "input_tokens": draw.randrange(500, 9_000),
        "output_tokens": draw.randrange(10, 900),
        "retries": draw.randrange(3),
        "model": f"model-{draw.randrange(3)}",
        "confidence": round(draw.random(), 3),
        "message": " ".join(draw.choices(_WORDS, k=16)),
        "error": None,
    }
    if failed and draw.random() < 0.4:
        run["error"] = {
            "source": "tool",
            "phase": "act",
            "message": f"connection refused by 10.0.0.{number % 250} after 30 s",
            "error_type": "ConnectionError",
        }
    return run


def _utc(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds") + "Z"
