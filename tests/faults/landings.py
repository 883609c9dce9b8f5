"""Small landings that use everything: plain, gzip and array files, broken, repeated and conflicting units, tails,
texts, a file that grew, texts wanted later. And what must be true of each, counted without the code under test.
"""

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Tree = dict[str, bytes | None]


def line(number: int, **changes: Any) -> str:
    """A run of native JSON lines, with a text."""
    run = {
        "event_type": "run",
        "event_id": f"e{number}",
        "organization_id": "acme",
        "run_id": f"r{number}",
        "agent_id": "researcher",
        "occurred_at": f"2026-03-{1 + number % 2:02d}T06:01:56Z",
        "status": "success",
        "message": f"text {number}",
    }
    return json.dumps(run | changes) + "\n"


def array(*, trials: int, task: int = 7) -> str:
    """τ-bench results of one task, one of them twice, and one that is none."""
    trajectory = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    results = [
        {"task_id": task, "trial": trial, "reward": 1.0, "info": {}, "traj": trajectory} for trial in range(trials)
    ]
    return json.dumps([*results, results[0], {"task_id": 8}])


@dataclass(frozen=True, kw_only=True)
class Landing:
    """One command over a folder of sources; `before` makes the sources of an earlier landing, `earlier` its options."""

    name: str
    commit_bytes: int
    options: tuple[str, ...]
    earlier: tuple[str, ...] | None = None

    def write_before(self, sources: Path) -> None:
        """The sources as the earlier landing saw them."""
        _write(sources / "grown.jsonl", line(1) + line(2) + line(3)[:40])
        _write(sources / "known.jsonl", line(4) + "broken\n" + line(4, status="failure"))
        _write(sources / "tail.jsonl", line(5) + line(6)[:50])

    def write(self, sources: Path) -> None:
        """The sources as the landing under test sees them."""
        if self.earlier is not None:
            _write(sources / "grown.jsonl", line(1) + line(2) + line(3) + line(4) + "no json\n")
            _write(sources / "new.jsonl", line(7) + line(1, status="failure"))
            return
        broken = "broken\n" + "\n" + line(12, occurred_at="yesterday")
        _write(sources / "a.jsonl", line(1) + line(2) + broken + line(1, status="failure") + line(2))
        with gzip.GzipFile(sources / "b.jsonl.gz", "wb", mtime=0) as handle:
            handle.write((line(3) + line(2) + line(4)).encode())
        _write(sources / "c.jsonl", line(5) + line(6)[:50])
        _write(sources / "gpt-4o-airline.json", array(trials=2))

    def units(self, path: Path) -> list[tuple[str, bool]]:
        """Units of a file, with whether each may be a torn tail."""
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        if path.suffix == ".json":
            return [(json.dumps(element), False) for element in json.loads(text)]
        lines = text.split("\n")
        tail = [(lines[-1], True)] if lines[-1] else []
        return [(unit, False) for unit in lines[:-1]] + tail

    def counted(self, files: list[Path]) -> Counter[str]:
        """Units of the files by what must become of them, told by the json module alone.

        Unterminated broken tails are quarantined or pending, depending on how often they were seen: counted as `tail`.
        """
        counts: Counter[str] = Counter()
        contents: dict[str, Any] = {}
        for unit, is_tail in (unit for path in files for unit in self.units(path)):
            counts["unit"] += 1
            if not unit.strip():
                counts["blank"] += 1
                continue
            try:
                value = json.loads(unit)
            except ValueError:
                counts["tail" if is_tail else "quarantined"] += 1
                continue
            key = str(value.get("event_id") or (value["task_id"], value.get("trial")))
            if value.get("occurred_at") == "yesterday" or ("event_id" not in value and "traj" not in value):
                counts["quarantined"] += 1
            elif key not in contents:
                contents[key] = value
                counts["landed"] += 1
            else:
                counts["duplicate" if contents[key] == value else "quarantined"] += 1
        return counts


LANDINGS: dict[str, Landing] = {
    landing.name: landing
    for landing in (
        Landing(name="first", commit_bytes=2500, options=("--payloads",)),
        Landing(name="second", commit_bytes=1, options=("--payloads",), earlier=("--payloads",)),
        Landing(name="texts", commit_bytes=1, options=("--payloads",), earlier=()),
    )
}


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def tree(home: Path) -> Tree:
    """Every file below the data root with its bytes, every folder with None; locks left out."""
    paths = sorted(path for path in home.rglob("*") if path.name != ".lock")
    return {str(path.relative_to(home)): path.read_bytes() if path.is_file() else None for path in paths}


def live_tables(home: Path) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """What a reader sees: the snapshot's number and all rows by table. Raises when anything named does not open."""
    numbers = sorted(path.stem for path in (home / "landed" / "snapshots").glob("*.json"))
    if not numbers:
        return 0, {}
    path = home / "landed" / "snapshots" / f"{numbers[-1]}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["number"] == int(numbers[-1])
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, files in document["tables"].items():
        for file in files:
            rows = pq.ParquetFile(home / file["path"]).read().to_pylist()
            assert (len(rows), (home / file["path"]).stat().st_size) == (file["rows"], file["bytes"])
            tables.setdefault(table, []).extend(rows)
    return document["number"], tables


def latest_ledger(tables: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The latest ledger row of each batch, in file order."""
    latest = {row["batch_id"]: row for row in sorted(tables["ledger"], key=lambda row: row["commit_number"])}
    return sorted(latest.values(), key=lambda row: row["source_path"])
