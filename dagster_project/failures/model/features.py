"""What the model reads of a text: words, their stems and beginnings, what they mean (`concepts`), pairs of these, and
how the text is built (`forms`).

Quoted words count, unlike in the masked message: `{"error": {"message": "Overloaded"}}` says nothing without them. What
is a name or a number in most texts (paths, URLs, words with digits) does not, but an HTTP error status does.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.failures.messages import normalise
from dagster_project.failures.model import concepts, forms
from dagster_project.failures.model.concepts import concepts_of, stem

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

MADE_BY = (
    *(Path(str(file)) for file in (__file__, concepts.__file__, forms.__file__, normalise.__file__)),
    concepts.LEXICON,
)
"""What decides, besides the texts, which features they have."""
PLACES = 1 << 16
"""Features are counted in so many places, by their CRC-32."""
MAX_WORDS = 60
BEGINNING = 5
"""Letters of a word that count as its beginning."""
NEAR = 12
"""Concepts of words so near each other are a pair whatever their order: "key was rejected", "turned our token away"."""
MARK_COUNT = 2
"""A mark counts as if it stood twice: it must be heard beside dozens of words."""
SHAPE_COUNTS = 0.7
"""How much a part of the shape counts beside a word: with 0.5 and with 1 fewer unseen errors are right."""

_VARYING = re.compile(
    r"(?P<status>(?<![\w.:-])[45]\d\d(?![\w:-]|[.,]\d))"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,15}://\S+|(?:~|\.{1,2})?(?:/[\w.@%+~-]+){2,}/?"
    r"|\b[\w-]*[0-9][\w-]*(?:[.:,][\w-]*[0-9][\w-]*)*"
)
_WORD = re.compile(r"[a-z]+|\d+|<\*>")
_NOT = re.compile(r"(?<=\bcan)(?:not|['’]t)\b|(?<!\bca)n['’]t\b")
_HUMP = re.compile(r"([a-z])([A-Z])")


def _place(feature: str) -> int:
    return zlib.crc32(feature.encode()) % PLACES


def term_counts(texts: Sequence[str], *, with_forms: bool = True) -> "csr_matrix":
    """One row a text: 1 + log of how often each feature occurs, by its place."""
    from scipy import sparse

    ends, places, values = [0], [], []
    for text in texts:
        found = features_of(text, with_forms=with_forms)
        places += found.keys()
        values += found.values()
        ends.append(len(places))
    return sparse.csr_matrix((values, places, ends), shape=(len(texts), PLACES))


def features_of(text: str, *, with_forms: bool = True) -> dict[int, float]:
    """The same of one text: place → 1 + log of how often the feature occurs."""
    found = {place: 1 + math.log(count) for place, count in Counter(_places_of_words(text)).items()}
    if with_forms:
        found.update(_places_of_forms(_NOT.sub(" not", text)))
    return found


def _places_of_forms(text: str) -> Iterator[tuple[int, float]]:
    marks = list(forms.marks_of(text))
    for mark in marks:
        yield _place_of("m", mark), 1 + math.log(MARK_COUNT)
    for first, second in forms.pairs_of(marks):
        yield _place_of_pair("M", first, second), 1.0
    for opening in forms.openings_of(text):
        yield _place_of("b", opening), 1.0
    for shape, count in Counter(forms.shapes_of(text)).items():
        yield _place_of("t", shape), SHAPE_COUNTS * (1 + math.log(count))


def rarity_of(counts: "csr_matrix") -> "np.ndarray":
    """How much each feature tells: 1 + log of (texts + 1) / (texts that have it + 1)."""
    import numpy as np

    seen = np.bincount(counts.indices, minlength=PLACES)
    return np.log((1 + counts.shape[0]) / (1 + seen)) + 1


def unit_rows(counts: "csr_matrix", rarity: "np.ndarray") -> "csr_matrix":
    """Counts times rarity, each row of length 1."""
    import numpy as np
    from scipy import sparse

    rows = counts @ sparse.diags(rarity)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.diags(1 / np.where(lengths == 0, 1, lengths)) @ rows


def without_values(text: str) -> str:
    """A text with `<*>` for what is a name or a number in most texts."""
    return _VARYING.sub(lambda found: found["status"] or "<*>", text)


def _places_of_words(text: str) -> Iterator[int]:
    readable = _HUMP.sub(r"\1 \2", without_values(text))
    words = _WORD.findall(_NOT.sub(" not", readable.lower()))[:MAX_WORDS]
    for word in words:
        yield from _places_of_word(word)
    for first, second in pairwise(words):
        yield _place(f"p{first} {second}")
    stems = [stem(word) for word in words]
    meant = list(concepts_of(stems))
    for number, (place, concept) in enumerate(meant, start=1):
        yield _place(f"k{concept}")
        for beside in (place - 1, place + 1):
            if 0 <= beside < len(stems):
                yield _place_of_pair("q", concept, stems[beside])
        for later, other in meant[number:]:
            if later - place > NEAR:
                break
            if other != concept:
                yield _place_of_pair("j", *((concept, other) if concept < other else (other, concept)))


@lru_cache(maxsize=1 << 16)
def _places_of_word(word: str) -> tuple[int, ...]:
    return _place(f"w{word}"), _place(f"s{stem(word)}"), _place(f"x{word[:BEGINNING]}")


@lru_cache(maxsize=1 << 16)
def _place_of(kind: str, feature: str) -> int:
    return _place(kind + feature)


@lru_cache(maxsize=1 << 16)
def _place_of_pair(kind: str, first: str, second: str) -> int:
    return _place(f"{kind}{first} {second}")
