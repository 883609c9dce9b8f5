"""Errors travel as Problem Details: our own are written so, others' are read so, and the shipped schema says how."""

import errno
import json
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest

from dagster_project import cli, problems
from dagster_project.errors import CheckFailed, UsageError
from dagster_project.failures.classify import Classifier
from dagster_project.failures.taxonomy import SHIPPED_FILE, parse_taxonomy

TAXONOMY = parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped")
SCHEMA = json.loads(problems.SCHEMA_FILE.read_text(encoding="utf-8"))
GIVEN = {
    "type": "urn:ipai:failure:NET.DNS", "title": "DNS failure", "status": 502, "detail": "no answer",
    "instance": "/runs/r1", "trace": "kept by whoever wrote it",
    "ipai": {"code": "NET.DNS", "retryable": True, "where": "edge", "correlation_id": "c1", "run_id": "r1"},
}  # fmt: skip


def test_the_shipped_schema_is_that_of_the_type():
    assert problems.problem_schema() == SCHEMA


@pytest.mark.parametrize("code", sorted(problems.OWN_PROBLEMS))
def test_our_own_problems_are_those_of_the_taxonomy(code: str):
    mode = TAXONOMY.modes[code]
    assert problems.OWN_PROBLEMS[code][0] == mode.title


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (CheckFailed("Two rows differ.", remedy="Look."), "DATA.QUALITY_FAILED", 422),
        (UsageError("No such file.", remedy="Give one."), "USER.INPUT_INVALID", 400),
        (OSError(errno.ENOSPC, "No space left on device"), "ENV.DISK_FULL", 500),
        (PermissionError(errno.EACCES, "denied"), "ENV.PERMISSION_DENIED", 500),
        (RuntimeError("what"), "UNKNOWN.UNCLASSIFIED", 500),
    ],
)
def test_an_error_of_ours_is_a_document_of_the_schema(error: Exception, code: str, status: int):
    body = msgspec.json.encode(problems.problem_of(error, where="reliability land"))
    jsonschema.validate(json.loads(body), SCHEMA)
    problem = problems.read_problem(body)
    assert (problem.ipai.code, problem.status, problem.detail) == (code, status, str(error))


def test_a_document_of_others_is_read():
    jsonschema.validate(GIVEN, SCHEMA)
    problem = problems.read_problem(json.dumps(GIVEN).encode())
    assert (problem.ipai.run_id, problem.ipai.correlation_id, problem.instance) == ("r1", "c1", "/runs/r1")


@pytest.mark.parametrize(
    "change",
    [{"type": "about:blank"}, {"status": 42}, {"ipai": {}}, {"detail": None}, {"type": "urn:ipai:failure:NET.TLS"}],
)
def test_what_is_no_such_document_is_refused(change: dict):
    with pytest.raises(msgspec.ValidationError):
        problems.read_problem(json.dumps(GIVEN | change).encode())


def test_the_code_that_a_document_declares_wins_over_every_pattern():
    classifier = Classifier(TAXONOMY)
    found = classifier.classify(json.dumps(GIVEN | {"detail": "429 Too Many Requests"}))
    assert (found.code, found.confidence, found.matched_pattern) == ("NET.DNS", 1.0, "declared")
    unknown = classifier.classify('{"type": "urn:ipai:failure:NO.SUCH", "detail": "connect ECONNREFUSED"}')
    assert unknown.code == "NET.CONN_REFUSED"


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("arguments", [("failures",), ("run",), ("land", "/absent"), ("build", "--as-of", "soon")])
def test_the_command_line_tells_its_errors_as_documents_when_asked_for_json(
    arguments: tuple[str, ...],
    *,
    as_json: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
):
    monkeypatch.setenv("RELIABILITY_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["reliability", *arguments, *(["--json"] if as_json else [])])
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr()
    assert left.value.code == 2
    if as_json:
        assert problems.read_problem(said.err.encode()).ipai.where == f"reliability {arguments[0]}"
        jsonschema.validate(json.loads(said.err), SCHEMA)
    else:
        assert "error: " in said.err.lower()


@pytest.mark.parametrize("flags", [("--format", "json"), ("--format=json",)])
def test_a_query_that_asks_for_json_is_told_its_errors_as_documents(
    flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    monkeypatch.setenv("RELIABILITY_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["reliability", "query", "select 1", *flags])
    with pytest.raises(SystemExit):
        cli.main()
    assert problems.read_problem(capsys.readouterr().err.encode()).ipai.where == "reliability query"
