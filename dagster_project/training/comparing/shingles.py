"""Texts as sets of word n-grams: what near-duplicates and contamination are told by.

Words are casefolded runs of letters and digits; of scripts without spaces each character is a word.
"""

import re
from collections.abc import Iterator

import numpy as np

Hashes = np.ndarray
"""uint64, sorted, distinct."""

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_BASE = 0xD6E8FEB86659FD93
"""Odd, so that it has an inverse modulo 2**64."""
_PIECE = 1 << 16
"""Bytes hashed at once; longer texts are cut between words."""
NOTHING: Hashes = np.empty(0, np.uint64)


def _powers(base: int) -> np.ndarray:
    """base**0, base**1, ... modulo 2**64, one for each byte of a piece."""
    powers = np.full(_PIECE + 1, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _letters() -> np.ndarray:
    """A number for each byte of a word; 0 for what stands between words. Letters count alike in both cases."""
    numbers = _mixed(np.arange(1, 257, dtype=np.uint64) * _MULTIPLIER)
    between = [byte for byte in range(128) if not chr(byte).isalnum()]
    numbers[between] = 0
    numbers[ord("A") : ord("Z") + 1] = numbers[ord("a") : ord("z") + 1]
    return numbers


def _mixed(values: np.ndarray) -> np.ndarray:
    """The values with their bits spread, each one back to where it came from."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_POWERS = _powers(_BASE)
_INVERSES = _powers(pow(_BASE, -1, 1 << 64))
_LETTERS = _letters()
_IS_LETTER = _LETTERS != 0


def word_hashes(text: str) -> np.ndarray:
    """A hash for each word of the text, in order (uint64)."""
    return words_of_each([text])[0]


def words_of_each(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The words' hashes of all texts, one text after the other, and how many words each text has.

    Short texts are hashed many at once: a call of numpy takes as long as a hundred bytes of text.
    """
    contents = [_letters_of(text) for text in texts]
    found: list[np.ndarray] = [NOTHING]
    counts: list[np.ndarray] = [np.empty(0, np.int64)]
    for lot in _lots(contents):
        # A line feed stands between two texts, so that no word runs from one into the next.
        joined = b"\n".join(lot)
        pieces = list(_pieces(joined)) if len(joined) > _PIECE else [joined]
        hashed = [_word_hashes(piece) for piece in pieces]
        found += [hashes for hashes, _ in hashed]
        if len(lot) == 1:
            counts.append(np.array([sum(len(hashes) for hashes, _ in hashed)], np.int64))
        else:
            ends = np.cumsum([len(content) + 1 for content in lot])
            counts.append(np.diff(np.searchsorted(hashed[0][1], ends), prepend=0))
    return np.concatenate(found), np.concatenate(counts)


def _letters_of(text: str) -> bytes:
    return text.encode() if text.isascii() else " ".join(_WORD.findall(text.casefold())).encode(errors="replace")


def _lots(contents: list[bytes]) -> Iterator[list[bytes]]:
    """The texts in lots that are hashed at once; one that is longer than a piece is a lot of its own."""
    lot: list[bytes] = []
    size = 0
    for content in contents:
        if lot and size + len(content) >= _PIECE:
            yield lot
            lot, size = [], 0
        lot.append(content)
        size += len(content) + 1
    if lot:
        yield lot


def _pieces(content: bytes) -> Iterator[bytes]:
    """The text in pieces that end between words; of a word that is longer than a piece, pieces too."""
    first = 0
    while first < len(content):
        last = min(first + _PIECE, len(content))
        if last < len(content):
            is_letter = _IS_LETTER[np.frombuffer(content, np.uint8, last - first, first)]
            gaps = np.flatnonzero(~is_letter)
            last = first + int(gaps[-1]) + 1 if len(gaps) else last
        yield content[first:last]
        first = last


def _word_hashes(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Each word as a polynomial of its bytes, differences of one running sum over all of them; and where it begins."""
    numbers = np.frombuffer(content, np.uint8)
    is_letter = np.zeros(len(numbers) + 2, np.bool_)
    is_letter[1:-1] = _IS_LETTER[numbers]
    # Places where a word begins and, in turn, ends.
    edges = np.flatnonzero(is_letter[1:] != is_letter[:-1])
    starts, ends = edges[0::2], edges[1::2]
    sums = np.zeros(len(numbers) + 1, np.uint64)
    np.cumsum(_LETTERS[numbers] * _POWERS[: len(numbers)], out=sums[1:])
    return _mixed((sums[ends] - sums[starts]) * _INVERSES[starts]), starts


def ngrams(words: np.ndarray, size: int) -> np.ndarray:
    """A hash for each run of `size` words, in order; of a shorter text, one for all of it."""
    if len(words) == 0:
        return NOTHING
    size = min(size, len(words))
    count = len(words) - size + 1
    runs = words[:count] * _POWERS[1]
    for offset in range(1, size):
        runs += words[offset : offset + count] * _POWERS[offset + 1]
    return _mixed(runs)


def shingles(text: str, size: int = 5) -> Hashes:
    """The distinct n-grams of a text."""
    return shingles_of_each([text], size)[0]


def shingles_of_each(texts: list[str], size: int = 5) -> list[Hashes]:
    """The distinct n-grams of each text."""
    words, counts = words_of_each(texts)
    runs = ngrams(words, size) if len(words) >= size else NOTHING
    found, first = [], 0
    for count in counts.tolist():
        # Runs that begin in a text and end in the next are of neither.
        own = runs[first : first + count - size + 1] if count >= size else ngrams(words[first : first + count], size)
        found.append(distinct(own))
        first += count
    return found


def distinct(values: np.ndarray) -> Hashes:
    """The values once each, ascending: of a few hundred, sorting takes a quarter of the time of a hash table."""
    values = np.sort(values)
    is_first = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=is_first[1:])
    return values[is_first]


def is_among(found: np.ndarray, known: Hashes) -> np.ndarray:
    """Whether each of the hashes found is a known one."""
    if len(known) == 0:
        return np.zeros(len(found), np.bool_)
    places = np.searchsorted(known, found)
    places[places == len(known)] = 0
    return known[places] == found


def jaccard(a: Hashes, b: Hashes) -> float:
    """Size of the common part over the size of the union; two empty sets are equal."""
    if len(a) == 0 and len(b) == 0:
        return 1.0
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common)
