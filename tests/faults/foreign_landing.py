"""A landing of everything that is not plain native lines: Zstandard, Parquet, an archive, a user's map, sessions."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.faults.landings import Landing, line

MAP = """
name: rows
version: "1"
framing: csv
required: {event_id: string, won: string}
event_id: [event_id]
fields:
  agent_id: {constant: clerk}
  task_id: event_id
  outcome: {from: won, values: {"1": success, "0": failure}}
  outcome_source: {constant: verifier}
texts: {message: note}
"""


class ForeignLanding(Landing):
    """The map lies beside the sources, where no format takes it."""

    def write_before(self, sources: Path) -> None:
        _write_map(sources)
        (sources / "rows.csv").write_text("event_id,won,note\nm1,1,fine\nm1,0,again\nm2,2,what\n", encoding="utf-8")
        (sources / "session.jsonl").write_text(
            _said("u1", "hello") + "broken\n" + _said("u2", "good"), encoding="utf-8"
        )

    def write(self, sources: Path) -> None:
        _write_map(sources)
        with (sources / "session.jsonl").open("a", encoding="utf-8") as handle:
            handle.write(_said("u3", "more") + _said("u1", "hello"))
        (sources / "packed.jsonl.zst").write_bytes(
            zstandard.compress((line(1) + line(2) + "broken\n").encode()) + zstandard.compress(line(3).encode())
        )
        rows = [json.loads(line(number)) for number in (2, 4, 4)] + [json.loads(line(5)) | {"occurred_at": "yesterday"}]
        pq.write_table(pa.Table.from_pylist(rows), sources / "rows.parquet", row_group_size=2)
        (sources / "log.eval").write_bytes(_archive(samples=3))
        (sources / "more.csv").write_text("event_id,won,note\nm1,1,fine\nm3,0,no\nm2,2,what\nm4\n", encoding="utf-8")

    def units(self, path: Path) -> list[tuple[str, bool]]:
        """Units of a file as JSON; of files with headers, without these."""
        match path.name:
            case "map.yaml":
                return []
            case "packed.jsonl.zst":
                text = zstandard.ZstdDecompressor().stream_reader(path.open("rb"), read_across_frames=True).read()
                return [(unit, False) for unit in text.decode().splitlines()]
            case "rows.parquet":
                return [(json.dumps(row), False) for row in pq.read_table(path).to_pylist()]
            case "log.eval":
                with zipfile.ZipFile(path) as archive:
                    names = [name for name in archive.namelist() if name.startswith("samples/")]
                    return [(json.dumps({"event_id": name}), False) for name in names]
            case "rows.csv" | "more.csv":
                return [(_row(text), False) for text in path.read_text(encoding="utf-8").splitlines()[1:]]
        return super().units(path)


def _row(text: str) -> str:
    cells = text.split(",")
    good = len(cells) == 3 and cells[1] in "01"
    return json.dumps({"event_id": cells[0], "said": cells[1:]}) if good else "broken"


def _write_map(sources: Path) -> None:
    (sources / "map.yaml").write_text(MAP, encoding="utf-8")


def _said(uuid: str, text: str) -> str:
    said: dict[str, Any] = {
        "type": "user", "uuid": uuid, "parentUuid": None, "sessionId": "s", "timestamp": "2026-01-02T03:04:05.006Z",
        "version": "2.0.1", "isSidechain": False, "message": {"role": "user", "content": text}, "event_id": uuid,
    }  # fmt: skip
    return json.dumps(said) + "\n"


def _archive(*, samples: int) -> bytes:
    about = {"run_id": "R", "task_id": "T", "created": "2025-05-12T20:27:36Z", "task": "t", "model": "m"}
    header = json.dumps({"version": 2, "status": "success", "eval": about})
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("_journal/start.json"), header)
        for number in range(samples):
            messages = [{"role": "user", "content": "q" * 300}, {"role": "assistant", "content": "yes"}]
            sample = {"id": number, "epoch": 1, "messages": messages, "scores": {"match": {"value": "C"}}}
            archive.writestr(zipfile.ZipInfo(f"samples/{number}_epoch_1.json"), json.dumps(sample))
        archive.writestr(zipfile.ZipInfo("header.json"), header)
    return content.getvalue()


FOREIGN = ForeignLanding(
    name="foreign",
    commit_bytes=1,
    options=("--payloads", "--map", "{sources}/map.yaml"),
    earlier=("--map", "{sources}/map.yaml"),
)
