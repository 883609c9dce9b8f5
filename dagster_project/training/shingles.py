"""Texts as sets of word n-grams: what near-duplicates and contamination are told by.

Words are casefolded runs of letters and digits; of scripts without spaces each character is a word.
"""

import hashlib
import re

import numpy as np

Hashes = np.ndarray
"""uint64, sorted, distinct."""

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_KNOWN_WORDS = 500_000
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
NOTHING: Hashes = np.empty(0, np.uint64)


class _WordHashes(dict[str, int]):
    """Hash of each word met, up to a bounded number of them."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _KNOWN_WORDS:
            self.clear()
        value = int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest(), "little")
        self[word] = value
        return value


_hashes = _WordHashes()


def word_hashes(text: str) -> np.ndarray:
    """A hash for each word of the text, in order (uint64)."""
    words = _WORD.findall(text.casefold())
    return np.fromiter(map(_hashes.__getitem__, words), np.uint64, len(words))


def ngrams(words: np.ndarray, size: int) -> np.ndarray:
    """A hash for each run of `size` words, in order; of a shorter text, one for all of it."""
    if len(words) == 0:
        return NOTHING
    size = min(size, len(words))
    count = len(words) - size + 1
    mixed = np.zeros(count, np.uint64)
    for offset in range(size):
        mixed = (mixed ^ words[offset : offset + count]) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(29)
    return mixed


def shingles(text: str, size: int = 5) -> Hashes:
    """The distinct n-grams of a text."""
    return np.unique(ngrams(word_hashes(text), size))


def jaccard(a: Hashes, b: Hashes) -> float:
    """Size of the common part over the size of the union; two empty sets are equal."""
    if len(a) == 0 and len(b) == 0:
        return 1.0
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)
