"""The loop of triage as a person works it: an unknown error is promoted, and the next run says what it now is."""

import json
from pathlib import Path

import pytest

from dagster_project import full_pass
from dagster_project.failures.taxonomy import SHIPPED_FILE
from dagster_project.publishing.read import run_query
from dagster_project.settings import Settings
from tests.end_to_end.command_line import succeed

pytestmark = pytest.mark.slow


def test_a_promoted_error_is_known_from_the_next_run_on_and_the_change_is_told(tmp_path: Path):
    settings = Settings(home=tmp_path / "home", workers=1)
    log = _log(tmp_path / "errors.jsonl")
    full_pass.run(settings, [log])
    assert run_query(settings, "from failure_reclassifications").num_rows == 0
    (unknown,) = run_query(settings, "select fingerprint from triage_queue").column("fingerprint").to_pylist()

    shipped = SHIPPED_FILE.read_bytes()
    succeed(settings.home, "triage", "promote", unknown[:10], "TOOL.EXEC_FAILED")
    assert SHIPPED_FILE.read_bytes() == shipped
    assert (settings.declarations / SHIPPED_FILE.name).is_file()
    assert full_pass.run(settings, [log]).is_new

    changes = run_query(
        settings,
        "select fingerprint, code_before, code_after, error_count, version_before <> version_after as is_later "
        "from failure_reclassifications",
    )
    assert changes.to_pylist() == [
        {
            "fingerprint": unknown,
            "code_before": "UNKNOWN.UNCLASSIFIED",
            "code_after": "TOOL.EXEC_FAILED",
            "error_count": 3,
            "is_later": True,
        }
    ]
    assert run_query(settings, "from triage_queue").num_rows == 0


def _log(path: Path) -> Path:
    messages = [f"the kettle number {number} whistled" for number in range(3)] + ["429 Too Many Requests"]
    runs = [
        {
            "event_type": "run", "event_id": f"e{number}", "organization_id": "acme", "run_id": f"r{number}",
            "agent_id": "fox", "occurred_at": f"2026-03-0{number + 1}T09:00:00Z", "status": "error",
            "error": {"source": "agent_runner", "phase": "plan", "message": message},
        }
        for number, message in enumerate(messages)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(run) + "\n" for run in runs), encoding="utf-8")
    return path
