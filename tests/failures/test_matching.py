"""Every pattern that matches a text is found, as if each had been tried: letters are looked for first, none is lost."""

from collections.abc import Sequence

import pytest
import re2

from dagster_project.failures.matching import Matcher
from dagster_project.failures.messages import normalise
from dagster_project.failures.model.labels import read_labels
from dagster_project.failures.taxonomy import SHIPPED_FILE, parse_taxonomy

SHIPPED = [pattern.regex for pattern in parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped").patterns]
LABELLED = [label.message for label in read_labels(None)]
AWKWARD = (
    "",
    "CONNECTION REFUSED",
    "\u212ailled process 12",  # Kelvin's sign is a k to RE2 where case does not matter
    "time\u017fout",  # and the long s an s
    "x" * 70_000 + " connection refused " + "y" * 70_000,
    "nul \x00 connection\nrefused",
    "connection \u00a0refused 😀 429",
)


def tried(regexes: Sequence[str], text: str) -> list[int]:
    return [place for place, regex in enumerate(regexes) if normalise.compiled(regex).search(text)]


def test_the_shipped_patterns_match_as_if_each_were_tried():
    matcher = Matcher(SHIPPED)
    for text in (*AWKWARD, *LABELLED[::16]):
        assert list(matcher.matching(text)) == tried(SHIPPED, text), text


@pytest.mark.slow
def test_the_shipped_patterns_match_every_labelled_message_as_if_each_were_tried():
    matcher = Matcher(SHIPPED)
    for text in LABELLED:
        assert list(matcher.matching(text)) == tried(SHIPPED, text), text


@pytest.mark.parametrize("text", ["", "a", "x", "É", "é", "ß", "SS", "ſ", "s", "12", "a\nb", "\u212a", "k", "😀"])
def test_patterns_without_letters_of_their_own_are_tried_too(text: str):
    patterns = (r"a.?", r"x*|\d", r"(?i)É+", r"[^a]", r"(?i)ß", r"(?i)s", r"^$", r"(?i)k", r"\bb$", r".{2}", "😀")
    assert list(Matcher(patterns).matching(text)) == tried(patterns, text)


def test_without_any_pattern_nothing_matches():
    assert list(Matcher(()).matching("connection refused")) == []


def test_letters_that_memory_does_not_hold_leave_each_pattern_tried(monkeypatch: pytest.MonkeyPatch):
    def fail(_self: re2.Filter) -> None:
        raise re2.error("failed to compile Filter")

    monkeypatch.setattr(re2.Filter, "Compile", fail)
    assert Matcher(["refused", "denied", "re"]).matching("connection refused") == [0, 2]
