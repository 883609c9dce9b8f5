"""How a text is built is read apart from what it is about: a report of a failure differs from talk of failures."""

import pytest

from dagster_project.failures.classify import Classifier
from dagster_project.failures.model.forms import marks_of, openings_of, shapes_of
from dagster_project.failures.model.judgement import second_opinion
from dagster_project.failures.taxonomy import UNKNOWN_CODE
from dagster_project.failures.validation import load_taxonomy
from dagster_project.settings import Settings


def test_sentences_of_other_words_have_one_shape():
    assert list(shapes_of("Keys must be rotated")) == list(shapes_of("Files must be checked"))
    assert list(shapes_of("could not open it")) == [
        *("^ could", "could not", "not w", "w it", "it $"),
        *("^ could not", "could not w", "not w it", "w it $"),
    ]


def test_signs_and_ways_to_write_names_are_part_of_the_shape():
    assert list(shapes_of("retry_count: 3"))[:4] == ["^ snake_case", "snake_case :", ": 9", "9 $"]


def test_a_text_has_the_marks_of_how_it_is_written():
    assert set(marks_of("fix(net): retry when the peer resets (#12)")) >= {"scope", "commit", "condition", "reference"}
    assert set(marks_of("permission_denied.py")) >= {"one word", "file", "snake case"}
    assert {"commit", "condition", "modal"}.isdisjoint(marks_of("connection reset by peer"))


def test_the_first_words_of_a_text_count_apart():
    assert list(openings_of("Handle lost connections")) == ["handle", "handle lost"]
    assert list(openings_of("404")) == []


TALK = [
    "permission_denied.py",
    "Fixed a bug that caused workers to hang at shutdown",
    "If the certificate has expired, the client asks for a new one.",
    "ConnectionError: if the host cannot be reached",
    "one of: pending, running, failed, cancelled, timed_out",
    "rejects an expired token (12 ms)",
    "merge conflict in poetry.lock resolved automatically by regenerating it",
]
REPORTS = ["certificate has expired", "permission denied: out.csv", "merge conflict in poetry.lock", "connection lost"]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    return Classifier(load_taxonomy(settings), second=second_opinion(settings))


@pytest.mark.parametrize("message", TALK)
def test_talk_of_failures_gets_no_code(classifier: Classifier, message: str):
    assert classifier.classify(message).code == UNKNOWN_CODE


@pytest.mark.parametrize("message", REPORTS)
def test_a_report_in_the_same_words_does(classifier: Classifier, message: str):
    assert classifier.classify(message).code != UNKNOWN_CODE
