"""The passes that compare rows with each other: exact and near-duplicates, and what would leak between splits.

Of rows that are alike one stays: of the test split before validation before train, then the first in the order of
export. Candidates come from bands of MinHash signatures; each is then compared by its own n-grams, so that nothing
falls away by the chance of a hash. Memory holds a few numbers a row; signatures are read from disk band by band.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from dagster_project.training.comparing.row_facts import Facts
from dagster_project.training.comparing.shingles import Hashes, is_among, jaccard
from dagster_project.training.comparing.sketch_files import SketchFile
from dagster_project.training.comparing.sketches import PERMUTATIONS, SIDES, Sketch
from dagster_project.training.comparing.verdicts import Verdicts
from dagster_project.training.datasets import SPLITS

SIMILAR = 0.8
"""Jaccard of 5-grams from which on two texts are near-duplicates."""
_WORTH_COMPARING = {"text": 0.5, "action": 0.6, "own": 0.25}
"""Share of equal signature values below which rows cannot be alike (five standard errors)."""
_FREE_ALIKE = 0.7
"""Jaccard of 5-grams of texts that follow no pattern: three of a hundred words changed. Others share next to none."""
_FEW_CHANGES = 40
"""N-grams that only one of two rows has, where four words were changed: five go with each, and five come."""
_FRAMED_ALIKE = 0.6
"""The same of two texts that follow a pattern, frame and all, if they also share what is their own."""
_OWN_WORDS_ALIKE = 0.6
"""Own words of the shorter of two such texts that the other must have."""
_ACTIONS_ALIKE = 0.5
"""Words of calls that texts which are alike must share: agents get the same prompt for different work."""
_FEW_SHINGLES = 20
_MOST_COMPARED = 2_000
"""Rows of one bucket that each further row of it is compared with."""
_OPEN_FILES = 400
_TRAIN = SPLITS.index("train")


def drop_exact(facts: Facts, verdicts: Verdicts) -> None:
    """`exact_duplicate`: rows that say and call what an earlier one does."""
    for content, more, positions in facts.by_content():
        order = np.lexsort((facts.precedence(positions), more, content))
        is_repeat = np.zeros(len(order), np.bool_)
        is_repeat[1:] = (content[order[1:]] == content[order[:-1]]) & (more[order[1:]] == more[order[:-1]])
        verdicts.drop(positions[order[is_repeat]], "exact dedupe", "exact_duplicate")


def drop_near(facts: Facts, verdicts: Verdicts, folder: Path) -> None:
    """`near_duplicate`, and `near_held_out` for a train row that resembles one of validation or test."""
    comparer = _Comparer(facts, verdicts, folder)
    for kind, are_alike in (("text", _texts_alike), ("own", _patterns_alike), ("action", _actions_alike)):
        for keys, positions in facts.by_band(kind):
            # Rows that are alike share most bands: those that fell away with one band are not met in the next.
            is_live = verdicts.stay(positions)
            keys, positions = keys[is_live], positions[is_live]
            for members in _groups(keys):
                comparer.compare(positions[members], kind, are_alike)
    comparer.close()
    for path in folder.glob("sketches-*"):
        path.unlink()  # half as large as the export
    _drop_repeated_prompts(facts, verdicts)


def _drop_repeated_prompts(facts: Facts, verdicts: Verdicts) -> None:
    """A train row whose whole prompt is that of a row held out would give its answer away."""
    held_out = np.unique(np.concatenate([
        prompt[(prompt != 0) & verdicts.stay(position) & (split != _TRAIN)]
        for position, split, prompt in facts.each("position", "split", "prompt")
    ] or [np.empty(0, np.uint64)]))  # fmt: skip
    for position, split, prompt in facts.each("position", "split", "prompt"):
        repeats = (split == _TRAIN) & verdicts.stay(position) & is_among(prompt, held_out)
        verdicts.drop(position[repeats], "near dedupe", "near_held_out")


def _texts_alike(a: Sketch, b: Sketch) -> bool:
    names = [name for name in SIDES if len(a.get(name)) or len(b.get(name))]
    similar = SIMILAR if names != ["text"] or a.is_framed or b.is_framed else _FREE_ALIKE
    return (
        bool(names)
        and all(jaccard(a.get(name), b.get(name)) >= similar for name in names)
        and _calls_alike(a, b, is_short=sum(len(a.get(name)) for name in names) < _FEW_SHINGLES)
    )


def _patterns_alike(a: Sketch, b: Sketch) -> bool:
    """Of two talks by one pattern: whether a few words, or the place of a sentence, are all that differs."""
    own, others = a.get("own_words"), b.get("own_words")
    if _common(own, others) < _OWN_WORDS_ALIKE * min(len(own), len(others)):
        return False
    # Rows of one task share their prompt: what is to be learnt of each must not be lost.
    least = _FRAMED_ALIKE if len(a.get("text")) else SIMILAR
    wholes = [(a.whole(name), b.whole(name)) for name in SIDES]
    return (
        sum(len(one) + len(other) - 2 * _common(one, other) for one, other in wholes) <= _FEW_CHANGES
        and all(jaccard(one, other) >= least for one, other in wholes)
        and _calls_alike(a, b, is_short=False)
    )


def _common(a: Hashes, b: Hashes) -> int:
    return len(np.intersect1d(a, b, assume_unique=True))


def _calls_alike(a: Sketch, b: Sketch, *, is_short: bool) -> bool:
    # Of a few words, the calls have to tell more.
    return jaccard(a.get("action_words"), b.get("action_words")) >= (SIMILAR if is_short else _ACTIONS_ALIKE)


def _actions_alike(a: Sketch, b: Sketch) -> bool:
    return jaccard(a.get("actions"), b.get("actions")) >= SIMILAR


class _Comparer:
    """Compares rows that share a band, the earlier one staying."""

    def __init__(self, facts: Facts, verdicts: Verdicts, folder: Path) -> None:
        self._facts = facts
        self._verdicts = verdicts
        self._folder = folder
        self._files: dict[int, SketchFile] = {}

    def compare(self, positions: np.ndarray, kind: str, are_alike: Callable[[Sketch, Sketch], bool]) -> None:
        """Compare the rows of one bucket, in the order of precedence."""
        live = positions[self._verdicts.stay(positions)]
        if len(live) < 2:
            return
        kept = _Kept(min(len(live), _MOST_COMPARED))
        for position in map(int, live[np.argsort(self._facts.precedence(live))]):
            file = self._opened(position)
            own = file.signature(position, kind)
            mine = None
            for other in kept.resembling(own, least=_WORTH_COMPARING[kind]):
                mine = mine or file.sketch(position)
                if are_alike(self._opened(other).sketch(other), mine):
                    self._drop(position, by=other)
                    break
            else:
                kept.add(position, own)

    def _drop(self, position: int, *, by: int) -> None:
        split = self._facts.split
        is_leak = split[position] == _TRAIN and split[by] != _TRAIN
        self._verdicts.drop([position], "near dedupe", "near_held_out" if is_leak else "near_duplicate")

    def _opened(self, position: int) -> SketchFile:
        """The file of the row's chunk; of too many the one that was asked for longest ago is closed."""
        chunk = self._facts.chunk_of(position)
        file = self._files.pop(chunk, None) or SketchFile(self._folder / f"sketches-{chunk:06d}.bin")
        self._files[chunk] = file
        if len(self._files) > _OPEN_FILES:
            self._files.pop(next(iter(self._files))).close()
        return file

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()


class _Kept:
    """The rows of a bucket that stay, the last so many of them, with their signatures."""

    def __init__(self, most: int) -> None:
        self._positions = np.zeros(most, np.int32)
        self._signatures = np.zeros((min(most, 16), PERMUTATIONS), np.uint32)
        self._count = 0

    def add(self, position: int, signature: np.ndarray) -> None:
        place = self._count % len(self._positions)
        if place >= len(self._signatures):
            more = min(len(self._signatures), len(self._positions) - len(self._signatures))
            self._signatures = np.concatenate([self._signatures, np.zeros((more, PERMUTATIONS), np.uint32)])
        self._positions[place] = position
        self._signatures[place] = signature
        self._count += 1

    def resembling(self, signature: np.ndarray, *, least: float) -> Iterator[int]:
        """Those of whose signature such a share is equal, in the order in which they were added."""
        most = len(self._positions)
        known = self._signatures[: min(self._count, most)]
        places = np.flatnonzero((known == signature).mean(axis=1) >= least)
        oldest = self._count % most if self._count > most else 0
        for place in sorted(places.tolist(), key=lambda place: (place - oldest) % most):
            yield int(self._positions[place])


def _groups(keys: np.ndarray) -> Iterator[np.ndarray]:
    """Places of equal keys, ascending, for each key that more than one row has; in the order of the keys."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    is_start = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, bool)
    starts = np.flatnonzero(is_start)
    sizes = np.diff(np.concatenate([starts, [len(ordered)]]))
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        yield order[start : start + size]
