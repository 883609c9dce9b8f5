"""Which rows hold a piece of a protected benchmark item.

Items are what the user says in runs of protected suites and tasks before the assistant speaks, and the texts in
`protected_texts.jsonl` beside the declarations. A row is contaminated that shares 13 words in a row with an item, or
two 8-grams with the same one (or its only one). What stands in many items, or in many tasks of the same suite that are
not protected, is their common frame and counts for nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from math import inf, log2
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.training.comparing.shingles import is_among, ngrams, word_hashes
from dagster_project.training.texts.conversations import Message

GRAM = 8
LONG_GRAM = 13
_FRAME_ITEMS = 3
_FRAME_SHARE = 0.02
"""An n-gram of at least so many items, and of such a share of them, is a frame."""
_FRAME_TASKS = 3
"""An n-gram met in so many tasks of an item's own suite that are not protected is a frame."""
_PHRASE = 3
_PATTERN = 0.25
"""A text of which such a share stands in phrases of other items too follows a pattern."""
_CHANCE = 1_000
"""A row may share with some item by a pattern what one in so many rows shares by chance."""
_NEARLY_ALL = 0.9
"""Or this share of what the words of an item tell, where that is less."""
PROTECTED_TEXTS = "protected_texts.jsonl"


class ProtectedItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One item of a protected benchmark."""

    suite_id: str
    task_id: str
    text: str


class ProtectedGrams(msgspec.Struct, frozen=True, kw_only=True):
    """The n-grams of all items: sorted uint64, as bytes. `item_count` of them were read."""

    short: bytes = b""
    long: bytes = b""
    item_count: int = 0


class Protection:
    """The items' n-grams, and which items each belongs to."""

    def __init__(self, items: Iterable[ProtectedItem]) -> None:
        items = list(items)
        tasks = {(item.suite_id, item.task_id): None for item in items}
        self.suites: list[str] = [suite_id for suite_id, _ in tasks]
        number_of = {task: number for number, task in enumerate(tasks)}
        texts = [(number_of[item.suite_id, item.task_id], word_hashes(item.text)) for item in items]
        least = max(_FRAME_ITEMS, int(len(tasks) * _FRAME_SHARE))
        self._frame = _shared_by(texts, least=least, size=GRAM)
        self._phrases = _shared_by(texts, least=least, size=_PHRASE)
        self._bits = _bits_of_words(texts)
        self._owners: dict[int, dict[int, set[int]]] = {GRAM: defaultdict(set), LONG_GRAM: defaultdict(set)}
        self._telling: dict[tuple[int, int], set[int]] = defaultdict(set)
        self._every: dict[int, float] = defaultdict(float)
        first = 0
        for number, words in texts:
            self._add(number, words, first)
            first += len(words)
        self.owners, self.long_owners = dict(self._owners[GRAM]), dict(self._owners[LONG_GRAM])
        self.sizes: Counter[int] = Counter(number for numbers in self.owners.values() for number in numbers)
        enough = log2(_CHANCE * len(tasks)) if tasks else 0.0
        self._needed_bits = {number: min(enough, _NEARLY_ALL * bits) for number, bits in self._every.items()}

    def _add(self, number: int, words: np.ndarray, first: int) -> None:
        """Take in a text of an item; `first`: the place of its first word among those of all."""
        follows_pattern = len(words) and _is_covered(words, self._phrases, size=_PHRASE).mean() >= _PATTERN
        if follows_pattern:
            self._every[number] += float(self._bits[first : first + len(words)].sum())
        parts = [words] if follows_pattern else _telling_parts(words, self._frame)
        for part in parts:
            for size, found in self._owners.items():
                for place, gram in enumerate(ngrams(part, size).tolist() if len(part) >= size else ()):
                    within = part[place : place + size]
                    if follows_pattern and is_among(ngrams(within, GRAM), self._frame).all():
                        continue
                    found[gram].add(number)
                    if follows_pattern:
                        self._telling[gram, number].update(range(first + place, first + place + size))

    def grams(self) -> ProtectedGrams:
        return ProtectedGrams(
            short=np.array(sorted(self.owners), np.uint64).tobytes(),
            long=np.array(sorted(self.long_owners), np.uint64).tobytes(),
            item_count=len(self.suites),
        )

    def contaminated(self, hits: dict[int, list[int]], tasks: dict[int, tuple[str | None, str]]) -> list[int]:
        """Positions of the contaminated rows, of those with hits. `tasks`: (suite, task) of each of these rows."""
        met: dict[tuple[int, str], set[str]] = defaultdict(set)
        for position, grams in hits.items():
            suite_id, task = tasks[position]
            if suite_id is not None:
                for gram in grams:
                    met[gram, suite_id].add(task)
        frames = {key for key, found in met.items() if len(found) >= _FRAME_TASKS}
        return [position for position, grams in sorted(hits.items()) if self._is_contaminated(grams, frames)]

    def _is_contaminated(self, grams: list[int], frames: set[tuple[int, str]]) -> bool:
        shared: Counter[int] = Counter()
        long_shared: set[int] = set()
        telling: dict[int, set[int]] = defaultdict(set)
        for gram in grams:
            for owners, is_long in ((self.long_owners, True), (self.owners, False)):
                for item in owners.get(gram, ()):
                    if (gram, self.suites[item]) in frames:
                        continue
                    telling[item] |= self._telling[gram, item]
                    if is_long:
                        long_shared.add(item)
                    else:
                        shared[item] += 1
        found = long_shared | {item for item, count in shared.items() if count >= min(2, self.sizes[item])}
        # One name or number in common, amid the words of a pattern, is chance.
        return any(
            item not in self._needed_bits or self._most_told(telling[item]) >= self._needed_bits[item] for item in found
        )

    def _most_told(self, places: set[int]) -> float:
        """What the most telling stretch of these words tells: pieces from here and there meet by chance."""
        if not places:
            return inf  # of a text of the item that follows no pattern
        ordered = np.array(sorted(places))
        stretches = np.split(ordered, np.flatnonzero(np.diff(ordered) > 1) + 1)
        return max(float(self._bits[stretch].sum()) for stretch in stretches)


def _bits_of_words(texts: list[tuple[int, np.ndarray]]) -> np.ndarray:
    """How much each word of all texts tells after the one before it: the binary logarithm of how many items there are
    with that one for each with both. What always stands together tells once.
    """
    pairs = [(number, list(zip(words[:-1].tolist(), words[1:].tolist(), strict=True))) for number, words in texts]
    with_both = Counter(pair for pair, _ in {(pair, number) for number, found in pairs for pair in found})
    with_first = Counter(word for word, _ in {(pair[0], number) for number, found in pairs for pair in found})
    bits: list[float] = []
    for (_, words), (_, found) in zip(texts, pairs, strict=True):
        bits += [0.0] * bool(len(words))
        bits += [log2(with_first[pair[0]] / with_both[pair]) for pair in found]
    return np.array(bits)


def _shared_by(texts: list[tuple[int, np.ndarray]], *, least: int, size: int) -> np.ndarray:
    """The n-grams that so many items share, sorted."""
    pairs = {(gram, number) for number, words in texts if len(words) >= size for gram in ngrams(words, size).tolist()}
    counts = Counter(gram for gram, _ in pairs)
    return np.array(sorted(gram for gram, count in counts.items() if count >= least), np.uint64)


def _is_covered(words: np.ndarray, frame: np.ndarray, *, size: int) -> np.ndarray:
    """Which of the words stand in an n-gram of the frame."""
    is_covered = np.zeros(len(words), bool)
    if len(words) >= size and len(frame):
        for place in np.flatnonzero(np.isin(ngrams(words, size), frame)).tolist():
            is_covered[place : place + size] = True
    return is_covered


def _telling_parts(words: np.ndarray, frame: np.ndarray) -> Iterator[np.ndarray]:
    """The stretches of an item between what is frame."""
    is_frame = _is_covered(words, frame, size=GRAM)
    cuts = np.flatnonzero(np.diff(is_frame)) + 1
    for part, framed in zip(np.split(words, cuts), np.split(is_frame, cuts), strict=True):
        if len(part) and not framed[0]:
            yield part


def hits_in(sides: dict[str, list[Message]], protected: ProtectedGrams) -> list[int]:
    """The protected n-grams that the row's texts hold, whoever says them, sorted."""
    if not protected.short:
        return []
    short, long = np.frombuffer(protected.short, np.uint64), np.frombuffer(protected.long, np.uint64)
    found: set[int] = set()
    for messages in sides.values():
        for message in messages:
            for text in _texts(message):
                words = word_hashes(text)
                if len(words) >= GRAM:
                    found |= _common(ngrams(words, GRAM), short)
                if len(words) >= LONG_GRAM and len(long):
                    found |= _common(ngrams(words, LONG_GRAM), long)
    return sorted(found)


def _texts(message: Message) -> list[str]:
    calls = [call["function"]["arguments"] for call in message["tool_calls"] or ()]
    return [text for text in (message["content"], *calls) if text]


def _common(found: np.ndarray, known: np.ndarray) -> set[int]:
    return set(found[is_among(found, known)].tolist())


def declared_items(settings: Settings) -> list[ProtectedItem]:
    """The items of `protected_texts.jsonl`. Raises UsageError for a line that is none."""
    path: Path = settings.declarations / PROTECTED_TEXTS
    if not path.is_file():
        return []
    items: list[ProtectedItem] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            items.append(msgspec.json.decode(line, type=ProtectedItem))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{path}, line {number}: {error}.",
                remedy='Write one object a line: {"suite_id": "...", "task_id": "...", "text": "..."}',
            ) from error
    return items


def items_of_rows(rows: Iterable[dict[str, Any]]) -> list[ProtectedItem]:
    """Items from (suite_id, task_id, text) rows of the workbench."""
    return [ProtectedItem(suite_id=row["suite_id"], task_id=row["task_id"], text=row["text"]) for row in rows]
