"""SQL functions answered by a process beside say what they say here, and fail as loudly."""

import subprocess
import sys
from collections.abc import Iterator

import duckdb
import pytest

from dagster_project.failures.functions import register
from dagster_project.functions_beside import Beside, answered_beside
from dagster_project.settings import Settings

pytestmark = pytest.mark.slow

TEXTS = "values (1, 'connection refused by 10.0.0.7'), (2, 'the flux gate gave up'), (3, null), (4, '')"
QUESTIONS = f"""
    select
        number,
        matching_patterns('tool', null, text),
        failure_model_answer('', text, null),
        nearest_failure(text)
    from ({TEXTS}) as texts (number, text)
"""
TEMPLATES = "select group_templates(['read timed out after 7 s', 'read timed out after 9 s'])"


@pytest.fixture
def beside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beside]:
    monkeypatch.setenv("RELIABILITY_HOME", str(settings.home))
    with answered_beside() as beside:
        yield beside


def test_the_answers_are_those_of_this_process(beside: Beside) -> None:
    with duckdb.connect() as asking, duckdb.connect() as here:
        register(asking, by=beside.answering)
        register(here)
        for question in (QUESTIONS, TEMPLATES):
            assert asking.execute(question).fetchall() == here.execute(question).fetchall()
        assert asking.execute(QUESTIONS).fetchall()[0][1] == "NET.CONN_REFUSED/1"


def test_a_function_that_fails_fails_the_query_and_answers_the_next(beside: Beside) -> None:
    with duckdb.connect() as asking:
        register(asking, by=beside.answering)
        with pytest.raises(duckdb.Error, match="TypeError: expected string"):
            asking.execute("select group_templates([null])")
        assert len(asking.execute(QUESTIONS).fetchall()) == 4


def test_a_process_that_has_ended_fails_the_query(beside: Beside) -> None:
    beside.process.kill()
    with duckdb.connect() as asking:
        register(asking, by=beside.answering)
        with pytest.raises(duckdb.Error, match="has ended"):
            asking.execute(QUESTIONS)


def test_it_ends_when_nobody_is_left_to_ask(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELIABILITY_HOME", str(settings.home))
    command = [sys.executable, "-m", "dagster_project.functions_beside"]
    assert subprocess.run(command, input=b"", capture_output=True, check=True, timeout=60).stdout == b""
