"""Native lines of conversations, seeded: a run and its two messages, texts of 2 kB a run together.

Every run is a verified success of a task of its own, so that every pass meets every run. One in fifty repeats the
conversation of the run before but for one word; one in a hundred names a person's address and a key.
"""

import random
import string
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

RUNS_A_FILE = 50_000
TEXT_BYTES = 2_000
_VOCABULARY = 20_000
_NEAR_DUPLICATE = 0.02
_SECRET = 0.01


def write_conversations(folder: Path, *, runs: range, text_bytes: int = TEXT_BYTES) -> None:
    """Files of the runs with these numbers; the same for the same ones, whichever lie beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    todo = [
        (folder / f"{first:09d}.jsonl", first, min(RUNS_A_FILE, runs.stop - first), text_bytes)
        for first in runs[::RUNS_A_FILE]
    ]
    with ProcessPoolExecutor(max_workers=2) as pool:
        list(pool.map(_write_file, todo))


def _write_file(asked: tuple[Path, int, int, int]) -> None:
    path, first, runs, text_bytes = asked
    draw = random.Random(first)
    vocabulary = _vocabulary()
    encode = msgspec.json.Encoder().encode
    said = ("", "")
    with path.open("wb") as file:
        for number in range(first, first + runs):
            said = _said(draw, vocabulary, before=said, text_bytes=text_bytes)
            file.write(b"".join(encode(event) + b"\n" for event in _run(number, said)))


def _vocabulary() -> list[str]:
    draw = random.Random(7)
    return ["".join(draw.choices(string.ascii_lowercase, k=draw.randint(2, 10))) for _ in range(_VOCABULARY)]


def _said(draw: random.Random, vocabulary: list[str], *, before: tuple[str, str], text_bytes: int) -> tuple[str, str]:
    """Question and answer."""
    if before[0] and draw.random() < _NEAR_DUPLICATE:
        words = before[1].split(" ")
        words[draw.randrange(len(words))] = draw.choice(vocabulary)
        return before[0], " ".join(words)
    # Words of seven bytes, with the space after each; frequent ones are drawn more often.
    size = text_bytes // 7
    words = [vocabulary[int(draw.random() ** 3 * _VOCABULARY)] for _ in range(size)]
    if draw.random() < _SECRET:
        words[size // 2] = f"{words[0]}@{words[1]}.example.com"
        words[size // 3] = "password=" + "".join(draw.choices(string.ascii_letters + string.digits, k=16))
    return " ".join(words[: size // 3]), " ".join(words[size // 3 :])


def _run(number: int, said: tuple[str, str]) -> list[dict]:
    name = f"run-{number:09d}"
    common = {
        "organization_id": "organization-0",
        "run_id": name,
        "occurred_at": f"2026-03-{number % 28 + 1:02d}T08:00:00Z",
    }
    run = {
        "event_type": "run",
        "agent_id": f"agent-{number % 40:02d}",
        "model": f"model-{number % 3}",
        "status": "success",
        "outcome_source": "verifier",
        "suite_id": "desk",
        "task_id": f"task-{number:09d}",
        "cost_usd": 0.01,
    }
    messages = [
        {"event_type": "message", "seq": seq, "role": role, "content": content}
        for seq, (role, content) in enumerate(zip(("user", "assistant"), said, strict=True))
    ]
    return [{"event_id": f"{name}-{place}", **common, **event} for place, event in enumerate([run, *messages])]
