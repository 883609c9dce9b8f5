"""What the words of a text mean, by a lexicon of this field: "turned away" and "denied" are one concept, `refused`.

Two texts that share no word share concepts, and pairs of them: what happened (`refused`) to what (`credential`).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

LEXICON = Path(__file__).parent / "concepts.txt"

_ENDING = re.compile(r"(?:ations?|ions?|ings?|ies|ied|ed|es|s|ly|ment|er|or|e|y)$")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word without its ending and a consonant doubled before it, as far as three letters stay."""
    if len(word) < 4:
        return word
    left = _ENDING.sub("", word)
    if len(left) > 3 and left[-1] == left[-2] and left[-1] not in "sl":
        left = left[:-1]
    return left if len(left) > 2 else word


def concepts_of(stems: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Concepts of a text by the stems of its words, each with the place of its first word; longer phrases first."""
    by_first = _lexicon()
    for place, first in enumerate(stems):
        for phrase, concepts in by_first.get(first, ()):
            if tuple(stems[place : place + len(phrase)]) == phrase:
                for concept in concepts:
                    yield place, concept


@cache
def _lexicon() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    """First stem → phrases that begin with it, the longest first, each with its concepts."""
    found: dict[tuple[str, ...], list[str]] = {}
    for line in LEXICON.read_text(encoding="utf-8").splitlines():
        concept, _, words = line.partition(":")
        for word in () if line.startswith("#") else words.split():
            concepts = found.setdefault(tuple(map(stem, word.split("_"))), [])
            if concept not in concepts:
                concepts.append(concept)
    by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for phrase in sorted(found, key=len, reverse=True):
        by_first.setdefault(phrase[0], []).append((phrase, tuple(found[phrase])))
    return by_first
