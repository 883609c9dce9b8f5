"""`build`, `publish` and `check` say what failed, and their exit codes mean what the help says."""

import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagster_project import pipeline
from dagster_project.checks.outcomes import CheckOutcome, Rule
from dagster_project.cli import reliability
from dagster_project.commands.verdict import BuildDocument, print_verdict
from dagster_project.errors import CheckFailed, UsageError
from dagster_project.publishing.audit import CheckFailure
from dagster_project.publishing.build import BuildResult
from dagster_project.publishing.publish import publish
from dagster_project.settings import Settings
from tests.documents import document_of

FAILURE = CheckFailure(name="assert_ledger_adds_up", message="Got 2 results, configured to fail if != 0", rows=2)
DRIFT = CheckOutcome(
    rule=Rule(family="drift", profile="days", column="run_count_ratio", meaning="a day has as many runs", low=0.3),
    judged_count=7,
    offending_count=1,
    offending=({"event_date": "2026-03-14", "run_count_ratio": 0.125},),
)


@pytest.fixture
def home(small: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RELIABILITY_HOME", str(small.home))
    return small.home


@pytest.fixture
def failed_build(good_build: BuildResult, home: Path, monkeypatch: pytest.MonkeyPatch) -> BuildResult:
    failed = dataclasses.replace(good_build, failures=(FAILURE,))
    monkeypatch.setattr(pipeline, "build", lambda _settings, **_given: failed)
    monkeypatch.setattr(pipeline, "check_landed", lambda _settings: [])
    return failed


@pytest.fixture
def passed_build(good_build: BuildResult, home: Path, monkeypatch: pytest.MonkeyPatch) -> BuildResult:
    monkeypatch.setattr(pipeline, "build", lambda _settings, **_given: good_build)
    monkeypatch.setattr(pipeline, "check_landed", lambda _settings: [DRIFT])
    return good_build


def call(*arguments: str) -> Result:
    return CliRunner().invoke(reliability, list(arguments))


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_failed_check_is_listed_and_exits_with_1(failed_build: BuildResult, command: str) -> None:
    result = call(command)
    assert result.exit_code == 1
    assert "FAILURE assert_ledger_adds_up: Got 2 results" in result.stdout
    assert f"Build {failed_build.build_id} FAILED" in result.stdout


@pytest.mark.parametrize("command", ["build", "check"])
def test_json_is_one_document_with_every_failure(failed_build: BuildResult, command: str) -> None:
    document = document_of(call(command, "--json").stdout, command)
    assert document["succeeded"] is False
    assert document["failures"] == [{"name": FAILURE.name, "message": FAILURE.message, "rows": 2}]


def test_drift_warns_and_exits_with_0(passed_build: BuildResult) -> None:
    result = call("check")
    assert result.exit_code == 0
    assert "WARNING landed drift: days.run_count_ratio: Not so: a day has as many runs" in result.stdout
    assert result.stdout.rstrip().endswith("1 warnings.")


def test_check_judges_each_export_of_the_published_snapshot(
    passed_build: BuildResult, small: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "check_exports", lambda _settings: {"sft": [DRIFT]})
    assert len(document_of(call("check", "--json").stdout, "check")["warnings"]) == 1
    publish(small, passed_build)
    document = document_of(call("check", "--json").stdout, "check")
    assert [warning["name"][:4] for warning in document["warnings"]] == ["land", "sft "]
    assert document["reports"][-1].endswith("docs/exports/sft/index.html")


def test_publish_without_a_build_is_wrong_usage(home: Path) -> None:
    result = call("publish")
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2


def test_publish_of_a_failed_build_is_a_failed_check(
    failed_build: BuildResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "read_build_result", lambda _settings: failed_build)
    result = call("publish")
    assert isinstance(result.exception, CheckFailed)
    assert result.exception.exit_code == 1
    assert "assert_ledger_adds_up" in str(result.exception)


def test_publish_says_what_is_published_and_whether_it_is_new(
    passed_build: BuildResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "read_build_result", lambda _settings: passed_build)
    # These read marts that the small project lacks.
    monkeypatch.setattr(pipeline, "write_report", lambda _settings: None)
    monkeypatch.setattr(pipeline, "keep_judgements", lambda _settings: None)
    assert call("publish").stdout.startswith(f"Published build {passed_build.build_id}")
    assert document_of(call("publish", "--json").stdout, "publish")["is_new"] is False


def test_a_build_that_ran_out_of_memory_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    said = "Runtime Error in model int_runs Out of Memory Error: failed to allocate data of size 128.0 KiB"
    verdict = BuildDocument(
        build_id="b",
        succeeded=False,
        models=2,
        tests=0,
        failures=[CheckFailure(name="int_runs", message=said)],
        warnings=[],
        warehouse_file="w",
    )
    print_verdict(verdict, as_json=False)
    assert "RELIABILITY_MEMORY" in capsys.readouterr().out
