"""SQL functions of this package that no SQL expression gives, for the connections that dbt opens."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
from duckdb import DuckDBPyConnection
from duckdb.func import ARROW, SPECIAL

from dagster_project.failures.messages.grouping import templates
from dagster_project.failures.model.labels import HEALTHY

if TYPE_CHECKING:
    from dagster_project.failures.classify import Classifier
    from dagster_project.failures.model.nearest import KnownFailures
    from dagster_project.failures.model.second_opinion import SecondOpinion

By: TypeAlias = Callable[[str, Callable[..., pa.Array]], Callable[..., pa.Array]]

_TEXT = pa.string()
GROUP_TEMPLATES = "group_templates"
MODEL_ANSWER = "failure_model_answer"
NEAREST_FAILURE = "nearest_failure"
MATCHING_PATTERNS = "matching_patterns"


def group_templates(messages: pa.ChunkedArray) -> pa.Array:
    """A column of lists of masked messages → a column of lists of their templates, in the same order."""
    answers = []
    for each in messages.to_pylist():
        template_of = templates(each)
        answers.append([template_of[message] for message in each])
    return pa.array(answers, pa.list_(pa.string()))


def matching_patterns(sources: pa.ChunkedArray, phases: pa.ChunkedArray, texts: pa.ChunkedArray) -> pa.Array:
    """Columns of sources, phases and telling texts → ids of every pattern that matches, in order, with commas."""
    from dagster_project.settings import Settings

    classifier = _classifier_of(Settings.from_environment().home)
    rows = zip(sources.to_pylist(), phases.to_pylist(), texts.to_pylist(), strict=True)
    return pa.array([classifier.matching_ids(text, source=source, phase=phase) for source, phase, text in rows], _TEXT)


@cache
def _classifier_of(home: Path) -> "Classifier":
    from dagster_project.failures.classify import Classifier
    from dagster_project.failures.validation import load_taxonomy
    from dagster_project.settings import Settings

    return Classifier(load_taxonomy(Settings(home=home)))


def model_answers(phases: pa.ChunkedArray, texts: pa.ChunkedArray, deciding: pa.ChunkedArray) -> pa.Array:
    """Columns of phases ('' where unknown), telling texts and regexes of deciding patterns → what the model says."""
    second = _second()
    rows = zip(phases.to_pylist(), texts.to_pylist(), deciding.to_pylist(), strict=True)
    return pa.array([model_answer(second, *row) for row in rows], _TEXT)


def model_answer(
    second: "SecondOpinion | None", phase: str | None, text: str | None, deciding_regex: str | None
) -> str | None:
    """Code, confidence and the model's name, with a space between; HEALTHY where a pattern would decide and the model
    takes the text for a healthy line; None where it is silent or there is none.
    """
    if second is None or text is None:
        return None
    if deciding_regex is not None:
        from dagster_project.failures.model.doubt import margin_of_doubt

        margin = margin_of_doubt(deciding_regex, text)
        return HEALTHY if second.takes_for_healthy(text, phase=phase or None, margin=margin) else None
    code = second.code_of(text, phase=phase or None)
    return f"{code} {second.confidence} {second.name}" if code else None


def nearest_failures(messages: pa.ChunkedArray) -> pa.Array:
    """A column of masked messages → the code each reads most like, and how often that misleads, with a space."""
    from dagster_project.failures.model.nearest import known_in
    from dagster_project.settings import Settings

    known = known_in(Settings.from_environment().home)
    return pa.array([nearest_failure(known, message) for message in messages.to_pylist()], _TEXT)


def nearest_failure(known: "KnownFailures", message: str | None) -> str | None:
    """The same of one message; None where it resembles nothing."""
    nearest = known.nearest(message) if message is not None else None
    return f"{nearest[0]} {nearest[1]}" if nearest else None


def _second() -> "SecondOpinion | None":
    """Imported only when asked: every dbt process registers these functions, the linter's too."""
    from dagster_project.settings import Settings

    return _second_of(Settings.from_environment().home)


@cache
def _second_of(home: Path) -> "SecondOpinion | None":
    from dagster_project.failures.model.judgement import second_opinion
    from dagster_project.settings import Settings

    return second_opinion(Settings(home=home))


_OF_TEXTS = (
    (MATCHING_PATTERNS, matching_patterns, 3),
    (MODEL_ANSWER, model_answers, 3),
    (NEAREST_FAILURE, nearest_failures, 1),
)
"""Functions of texts that give a text: name, function, number of texts."""


def register(connection: DuckDBPyConnection, *, by: By = lambda _name, here: here) -> None:
    """Make the functions callable from SQL on this connection; doing so twice is harmless.

    `by`: from the name of a function and the one that is here, the one that SQL calls.
    """
    known = connection.execute("select 1 from duckdb_functions() where function_name = ?", [GROUP_TEMPLATES])
    if not known.fetchone():
        templates_by = by(GROUP_TEMPLATES, group_templates)
        connection.create_function(GROUP_TEMPLATES, templates_by, ["VARCHAR[]"], "VARCHAR[]", type=ARROW)
        for name, here, count in _OF_TEXTS:
            connection.create_function(
                name, by(name, here), ["VARCHAR"] * count, "VARCHAR", type=ARROW, null_handling=SPECIAL
            )


def make_ready() -> None:
    """Read the patterns and what says whether a model may speak, which the first text would wait for."""
    from dagster_project.settings import Settings

    _classifier_of(Settings.from_environment().home)
    _second()
