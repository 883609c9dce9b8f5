"""The person on call sees what went wrong and what nobody knows yet, and can make the second the first."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from dagster_project.errors import UsageError
from dagster_project.failures.classify import Classifier
from dagster_project.failures.promotion import suggested_pattern
from dagster_project.failures.taxonomy import SHIPPED_FILE, parse_taxonomy
from dagster_project.reporting.triage import alias_migration

Call = Callable[..., Result]
Read = Callable[..., dict[str, Any]]


def test_codes_are_listed_by_how_often_they_occurred(document: Read):
    found = document("failures")
    assert [(row["code"], row["error_count"], row["run_count"]) for row in found["failures"]] == [
        ("NET.DNS", 3, 2),
        ("UNKNOWN.UNCLASSIFIED", 1, 1),
    ]
    assert found["failures"][0]["runbook"] == "docs/runbooks/NET.DNS.md"
    assert found["messages"] == []


def test_a_day_and_a_code_narrow_the_list_and_a_code_shows_its_messages(document: Read):
    found = document("failures", "--since", "2026-03-03", "--code", "NET.DNS")
    assert [(row["error_count"], row["fingerprint_count"]) for row in found["failures"]] == [(2, 2)]
    assert [(row["fingerprint"], row["error_count"]) for row in found["messages"]] == [("f1", 1), ("f2", 1)]


def test_an_agent_without_errors_has_none(call: Call):
    assert "No error was recorded." in call("failures", "--agent", "idle").output


@pytest.mark.parametrize(("option", "name"), [("--code", "NET.DSN"), ("--agent", "idel")])
def test_a_name_that_does_not_exist_gets_the_nearest(call: Call, option: str, name: str):
    with pytest.raises(UsageError, match="Did you mean"):
        call("failures", option, name)


def test_what_a_log_wrote_is_shown_as_escapes(call: Call):
    assert "\x1b" not in call("failures", "--code", "NET.DNS").output


def test_the_queue_says_what_an_unknown_error_reads_like(document: Read, call: Call):
    found = document("triage", "list")
    assert (found["error_count"], found["unknown_count"]) == (4, 1)
    assert [(row["fingerprint"], row["nearest_code"]) for row in found["unknown"]] == [("abcdef", "NET.DNS")]
    assert "1 of 4 errors are unknown" in call("triage", "list").output


def test_a_promotion_is_a_change_to_the_file_after_which_the_message_is_known(call: Call, tmp_path: Path):
    own = tmp_path / "failure_modes.yaml"
    own.write_bytes(SHIPPED_FILE.read_bytes())
    printed = call("triage", "promote", "abc", "TOOL.EXEC_FAILED", "--taxonomy", str(own)).output
    added = [line[1:] for line in printed.splitlines() if line.startswith("+") and not line.startswith("+++")]
    removed = [line for line in printed.splitlines() if line.startswith("-") and not line.startswith("---")]
    assert (len(added), removed) == (4, [])
    classifier = Classifier(parse_taxonomy(own.read_bytes(), name="own"))
    assert classifier.classify("the teapot 42 whistled").code == "TOOL.EXEC_FAILED"


def test_who_has_no_taxonomy_of_their_own_gets_one_and_the_shipped_one_stays(call: Call):
    printed = call("triage", "promote", "abc", "PLAN.DERAILED", "--dry-run").output.splitlines()
    assert printed[0].split() == ["---", str(SHIPPED_FILE)]
    assert printed[1].split()[1].endswith("/declarations/failure_modes.yaml")


def test_a_dry_run_writes_nothing(call: Call, tmp_path: Path):
    own = tmp_path / "failure_modes.yaml"
    own.write_bytes(SHIPPED_FILE.read_bytes())
    assert "+" in call("triage", "promote", "abc", "PLAN.DERAILED", "--taxonomy", str(own), "--dry-run").output
    assert own.read_bytes() == SHIPPED_FILE.read_bytes()


@pytest.mark.parametrize(
    ("message", "pattern"),
    [
        ("OddityError: lamp <*> (of <*>) is out.", r"OddityError: lamp.{0,80}\(of.{0,80}\) is out\."),
        ("<*> lamps are out <*>", "lamps are out"),
        ("<*> <*>", ""),
    ],
)
def test_a_suggested_pattern_reads_like_its_message(message: str, pattern: str):
    assert suggested_pattern(message) == pattern


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("abc", "NO.SUCH_CODE"), "has no code NO.SUCH_CODE"),
        (("zzz", "NET.DNS"), "No unknown error begins"),
        (("abc", "NET.DNS", "--pattern", "(?=look)ahead"), "not an RE2 pattern"),
        (("abc", "NET.DNS", "--pattern", "kettle"), "does not match its example"),
        (("abc", "NET.PROXY", "--pattern", "no such host", "--example", "no such host"), "takes its example"),
    ],
)
def test_a_promotion_that_the_taxonomy_would_not_survive_is_refused(
    call: Call, tmp_path: Path, arguments: tuple[str, ...], said: str
):
    own = tmp_path / "failure_modes.yaml"
    own.write_bytes(SHIPPED_FILE.read_bytes())
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        call("triage", "promote", *arguments, "--taxonomy", str(own))
    assert own.read_bytes() == SHIPPED_FILE.read_bytes()


def test_approved_aliases_are_a_migration_that_may_run_twice(call: Call):
    migration = call("triage", "aliases", "--sql").output
    with sqlite3.connect(":memory:") as database:
        database.executescript(migration)
        database.executescript(migration)
        rows = database.execute("select * from parameter_aliases order by from_field").fetchall()
    assert rows == [("weather", "town", "city"), ("weather", "where: {x}", "city")]


def test_no_alias_leaves_its_sql_literal():
    hostile = {"it's'); drop table runs; --": {"a'b": "c\\'; --"}}
    with sqlite3.connect(":memory:") as database:
        database.executescript(alias_migration(hostile))
        rows = database.execute("select * from parameter_aliases").fetchall()
    assert rows == [("it's'); drop table runs; --", "a'b", "c\\'; --")]


def test_approved_aliases_are_a_patch_and_pending_ones_are_not(call: Call):
    assert yaml.safe_load(call("triage", "aliases").output) == {"weather": {"town": "city", "where: {x}": "city"}}
