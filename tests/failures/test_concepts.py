"""Words that mean the same are one concept, whatever their form, and phrases are read as one."""

from collections import Counter

import pytest

from dagster_project.failures.model.concepts import LEXICON, concepts_of, stem
from dagster_project.failures.model.features import features_of


def meant(text: str) -> set[str]:
    return {concept for _, concept in concepts_of([stem(word) for word in text.split()])}


@pytest.mark.parametrize(
    ("one", "other", "concept"),
    [
        ("we were refused", "it refuses", "refused"),
        ("denied at once", "he was turned away", "refused"),
        ("the request timed out", "we gave up on it", "timedout"),
        ("three tries", "a retry", "retry"),
        ("mapped two pages", "a page", "page"),
    ],
)
def test_other_words_are_the_same_concept(one: str, other: str, concept: str):
    assert concept in meant(one) & meant(other)


def test_a_contraction_denies():
    assert features_of("it wasn't connected").keys() == features_of("it was not connected").keys()
    assert features_of("can't open it").keys() == features_of("cannot open it").keys()


def test_each_concept_is_told_once():
    told = Counter(line.partition(":")[0] for line in LEXICON.read_text(encoding="utf-8").splitlines() if ":" in line)
    assert [concept for concept, count in told.items() if count > 1] == []
    assert len(told) > 120
