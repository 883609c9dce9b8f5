"""Which words of messages are names ("orchid") and which say what happened ("refused").

`common_words.txt` tells the two apart: words that the messages of at least three of 29 public packages hold, in five
messages or more, mostly in lower case; and those of six of 430 others, in ten or more, not always capitalised.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from dagster_project.failures.messages.values import VARIES

NAME_SHARE = 4
"""A position varies when at least one in so many of its values is no common word: a name may happen to be one."""
_JOINED = re.compile(r"[-_.'’+]")
_TYPES = frozenset(["bool", "bytes", "dict", "float", "int", "ndarray", "NoneType", "str", "tuple"])
_SAYING = re.compile(r"[a-z]{3,}(?:ed|ing|able|ible)")
"""The forms of words that say what happened ("mirrored", "loadable"), common or not."""
CONSTANTS = frozenset(["None", "True", "False", "null", "nil", "NaN", "undefined", "nan", "inf", "Infinity", "none"])
INTRODUCING = frozenset(
    [
        *["argument", "attribute", "called", "class", "column", "expected", "field", "file", "for"],
        *["found", "function", "got", "key", "method", "module", "named", "node", "not"],
        *["parameter", "received", "tool", "type", "unexpected", "unknown", "value"],
    ]
)
"""What follows one of these is a name when it takes more values than MOST_KINDS, however common its words."""
MOST_KINDS = 2
PREDICATING = frozenset([VARIES, "are", "be", "been", "cannot", "could", "has", "have", "is", "was", "were"])
"""A word behind one of these says what happened, rather than to whom, when it takes at most MOST_PREDICATES values."""
MOST_PREDICATES = 4
_BEFORE_VERBS = frozenset(["to", "not", "can", "must", "should", "will", "would", "did", "does", "may"])
SENTENCE_WORDS = frozenset(
    [
        *["am", "are", "be", "been", "being", "can", "cannot", "could", "did", "do", "does", "had", "has", "have"],
        *["is", "may", "might", "must", "no", "not", "should", "was", "were", "will", "would", "because", "but"],
        *["if", "than", "that", "to", "until", "when", "where", "while", "without", "which", "who", "it", "its"],
        *["there", "this"],
    ]
)
"""Words that no value holds."""
FRAME_WORDS = SENTENCE_WORDS.union(
    ["a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "with"]
)
"""Words that any sentence may have: what two messages share is not told by these."""


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """The words that messages are made of, in lower case."""
    return frozenset((Path(__file__).parent / "common_words.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=65_536)
def is_common(word: str) -> bool:
    """Whether every part of a word is a common one; so is a lone letter, and an exception's type."""
    if word.endswith(("Error", "Exception", "Warning")):
        return True
    parts = _JOINED.split(word)
    return all(len(part) < 2 or part.lower() in common_words() or _SAYING.fullmatch(part) for part in parts)


def are_names(values: set[str], *, before: str) -> bool:
    if before.lower() in PREDICATING and len(values) <= MOST_PREDICATES and all(map(is_lower_word, values)):
        return False
    several = len(values) > MOST_KINDS
    if several and before.lower() in INTRODUCING and all(value == VARIES or value[0].isalnum() for value in values):
        return True
    return name_count(values) * NAME_SHARE >= len(values)


def says(values: set[str], *, before: str) -> bool:
    """Whether the values of a position say what happened: verbs, or words that only sentences have."""
    few = len(values) <= MOST_PREDICATES
    may_be_verbs = before.lower() in _BEFORE_VERBS or (few and before.lower() in PREDICATING)
    if may_be_verbs and all(map(is_lower_word, values)):
        return True
    return any(value.lower() in SENTENCE_WORDS for value in values)


def kinds(values: Iterable[str]) -> set[str]:
    """The different values; "file" and "files" are one."""
    return {singular(value) for value in values}


def singular(word: str) -> str:
    if not word.endswith("s") or len(word) < 4 or not word.islower():
        return word
    shorter = word[:-3] + "y" if word.endswith("ies") else word[:-1]
    return shorter if is_common(shorter) else word


def is_lower_word(value: str) -> bool:
    return value.isalpha() and value.islower() and value.isascii() and value not in _TYPES | CONSTANTS


def name_count(values: set[str]) -> int:
    return sum(is_name(value, several=len(values) > MOST_KINDS) for value in values)


def is_name(value: str, *, several: bool) -> bool:
    if value == VARIES or value in _TYPES or value in CONSTANTS or (several and "_" in value):
        return True
    return value[0].isalnum() and not is_common(value)
