"""Guards: deleting a run takes its text, rows and pairs from everything that is kept, and leaves the proof.

The whole job runs twice; every file below the data root is searched for what the deleted runs said.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dagster_project import full_pass
from dagster_project.publishing.read import run_query
from dagster_project.settings import Settings
from dagster_project.training.verification.invalidated import invalidated_rows

pytestmark = pytest.mark.slow

ASKED = "Please look into the printer on the third floor, which drops every fifth page, and tell me all about it."
RUNS = {
    "kept": ("t1", "success", "It is mended: kestrelword."),
    "rejected": ("t1", "failure", "I do not know: ospreyword."),
    "gone": ("t2", "success", "The toner was empty and I ordered some more: falconword."),
}
DELETED = {"rejected": "ospreyword", "gone": "falconword"}


def lines(run_id: str) -> Iterator[dict[str, Any]]:
    task_id, outcome, answer = RUNS[run_id]
    of_all = {"organization_id": "acme", "occurred_at": "2026-03-20T10:00:00Z", "run_id": run_id}
    run = {"event_type": "run", "event_id": run_id, "agent_id": "clerk", "kind": "benchmark", "suite_id": "desk"}
    yield of_all | run | {"task_id": task_id, "outcome": outcome, "outcome_source": "verifier", "output": answer}
    for seq, (role, content) in enumerate((("user", ASKED), ("assistant", answer)), start=1):
        message = {"event_type": "message", "event_id": f"{run_id}/{seq}", "seq": seq, "role": role}
        yield of_all | message | {"content": content}


def holding(word: str, folder: Path) -> list[str]:
    """Files below the folder that hold the word, also within compressed Parquet."""
    found = []
    for path in (path for path in sorted(folder.rglob("*")) if path.is_file()):
        content = path.read_bytes()
        texts = str(pq.read_table(path).to_pydict()).encode() if path.suffix == ".parquet" else b""
        if word.encode() in content + texts:
            found.append(path.relative_to(folder).as_posix())
    return found


def test_a_deleted_run_is_gone_from_everything_and_proven_to_be(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", workers=1)
    settings.declarations.mkdir(parents=True)
    (settings.declarations / "consent.yaml").write_text(
        "consent: [{keep_payloads: true, allow_training: true, retention_days: 365}]", encoding="utf-8"
    )
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for run in RUNS for line in lines(run)), encoding="utf-8")
    full_pass.run(settings, [log])
    earlier = shutil.copytree(settings.exports, tmp_path / "earlier")
    assert all(holding(word, settings.home) for word in DELETED.values())

    deletions = tmp_path / "deletions.jsonl"
    envelope = {"organization_id": "acme", "occurred_at": "2026-03-21T10:00:00Z", "event_type": "deletion"}
    deletions.write_text(
        "".join(json.dumps({**envelope, "event_id": f"x-{run}", "run_id": run}) + "\n" for run in DELETED),
        encoding="utf-8",
    )
    full_pass.run(settings, [deletions])
    assert {word: holding(word, settings.home) for word in DELETED.values()} == {"ospreyword": [], "falconword": []}
    assert holding("kestrelword", settings.exports / "sft")
    assert pq.read_table(settings.exports / "preferences" / "lineage.parquet").num_rows == 0

    proof = run_query(settings, "select landed_table, reason, row_count from retention_tombstones order by 1")
    assert [tuple(row.values()) for row in proof.to_pylist()] == [
        ("messages", "run_deleted", 4),
        ("payloads", "run_deleted", 2),
        ("runs", "run_deleted", 2),
    ]
    assert {row.run_id for row in invalidated_rows(settings, earlier / "sft")} == {"gone"}
    assert {row.run_id for row in invalidated_rows(settings, earlier / "preferences")} == {"rejected"}
