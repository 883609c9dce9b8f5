"""The passes that compare rows with each other: exact and near-duplicates, and what would leak between splits.

Of rows that are alike one stays: of the test split before validation before train, then the first in the order of
export. Candidates come from bands of MinHash signatures; each is then compared by its own n-grams, so that nothing
falls away by the chance of a hash. Memory holds a few numbers a row; signatures are read from disk band by band.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from dagster_project.training.datasets import SPLITS
from dagster_project.training.shingles import Hashes, jaccard
from dagster_project.training.sketches import SIDES, Sketch, SketchFile, band_count

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


class Facts:
    """What is known of every row, in the order of precedence. `position`: place in the order of export.

    Of each row some twenty bytes stay in memory; what one pass alone asks for is read when it asks.
    """

    def __init__(self, folder: Path, chunks: int) -> None:
        self._folder = folder
        self._chunks = chunks
        split = self._all("split", np.int8)
        # Test before validation before train: what is held out stays, what resembles it goes.
        self.order = np.argsort(-split, kind="stable").astype(np.int32)
        self.split = split[self.order]
        self.position = self._all("position", np.int32)[self.order]
        self.rank_of = np.empty(len(self.order), np.int32)
        self.rank_of[self.order] = np.arange(len(self.order), dtype=np.int32)
        # Of the first row of each chunk, the place among all rows.
        self._firsts = np.cumsum([0, *(len(one) for one in self._each("split"))])

    def __len__(self) -> int:
        return len(self.order)

    def column(self, name: str) -> np.ndarray:
        """A column of 64-bit hashes."""
        return self._all(name, np.uint64)[self.order]

    def tokens(self, positions: np.ndarray) -> np.ndarray:
        """Tokens of the rows at these positions, ascending."""
        found = self._all("tokens", np.int32)
        return found[np.isin(self._all("position", np.int32), positions)]

    def place(self, rank: int) -> tuple[int, int]:
        """The chunk of a row, and its place there."""
        at = int(self.order[rank])
        chunk = int(np.searchsorted(self._firsts, at, side="right")) - 1
        return chunk, at - int(self._firsts[chunk])

    def _each(self, name: str) -> Iterator[np.ndarray]:
        for number in range(self._chunks):
            with np.load(self._folder / f"facts-{number:06d}.npz") as file:
                yield file[name]

    def _all(self, name: str, dtype: type) -> np.ndarray:
        return np.concatenate([np.empty(0, dtype), *(one.astype(dtype) for one in self._each(name))])

    def bands(self, kind: str) -> tuple[np.ndarray, list[Path]]:
        """Ranks of the rows of this kind, and a file for each band with their keys, in the order of export."""
        ranks, before = [], 0
        paths = [self._folder / f"{kind}-band-{band:02d}.bin" for band in range(band_count(kind))]
        files = [path.open("wb") for path in paths]
        for number in range(self._chunks):
            with np.load(self._folder / f"facts-{number:06d}.npz") as facts:
                ranks.append(self.rank_of[before + facts[f"{kind}_row"]])
                before += len(facts["split"])
                for file, keys in zip(files, facts[f"{kind}_keys"].T, strict=True):
                    file.write(np.ascontiguousarray(keys).tobytes())
        for file in files:
            file.close()
        return _joined(ranks, np.int32), paths


def _joined(parts: list[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(parts) if parts else np.empty(0, dtype)


class Verdicts:
    """Which rows fall away and why, by rank in the order of precedence."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.is_dropped = np.zeros(len(facts), bool)
        self.reasons: dict[str, list[np.ndarray]] = {}

    def drop(self, ranks: np.ndarray, reason: str) -> None:
        if len(ranks):
            self.is_dropped[ranks] = True
            self.reasons.setdefault(reason, []).append(np.asarray(ranks, np.int32))

    def positions(self, reason: str) -> np.ndarray:
        """Positions of the rows dropped for this reason, ascending."""
        ranks = _joined(self.reasons.get(reason, []), np.int32)
        return np.sort(self.facts.position[ranks])


def drop_exact(verdicts: Verdicts) -> None:
    """`exact_duplicate`: rows that say and call what an earlier one does."""
    content, more = verdicts.facts.column("content"), verdicts.facts.column("content_more")
    # In parts, so that the order of ten million rows is never in memory at once.
    part_of = (content >> np.uint64(60)).astype(np.int8)
    for part in range(16):
        ranks = np.flatnonzero(part_of == part).astype(np.int32)
        own = np.stack([content[ranks], more[ranks]], axis=1)
        order = np.lexsort((ranks, own[:, 1], own[:, 0]))
        ordered = own[order]
        is_repeat = np.zeros(len(ranks), bool)
        is_repeat[order[1:]] = (ordered[1:] == ordered[:-1]).all(axis=1)
        verdicts.drop(ranks[is_repeat], "exact_duplicate")


def drop_near(verdicts: Verdicts, folder: Path) -> None:
    """`near_duplicate`, and `near_held_out` for a train row that resembles one of validation or test."""
    comparer = _Comparer(verdicts, folder)
    facts = verdicts.facts
    for kind, are_alike in (("text", _texts_alike), ("own", _patterns_alike), ("action", _actions_alike)):
        ranks, paths = facts.bands(kind)
        for path in paths:
            for members in _groups(np.fromfile(path, np.uint64)):
                comparer.compare(np.sort(ranks[members]), kind, are_alike)
    comparer.close()
    _drop_repeated_prompts(verdicts)


def _drop_repeated_prompts(verdicts: Verdicts) -> None:
    """A train row whose whole prompt is that of a row held out would give its answer away."""
    facts = verdicts.facts
    prompt = facts.column("prompt")
    is_live = ~verdicts.is_dropped & (prompt != 0)
    held_out = np.unique(prompt[is_live & (facts.split != _TRAIN)])
    repeats = is_live & (facts.split == _TRAIN) & np.isin(prompt, held_out)
    verdicts.drop(np.flatnonzero(repeats), "near_held_out")


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

    def __init__(self, verdicts: Verdicts, folder: Path) -> None:
        self._verdicts = verdicts
        self._folder = folder
        self._files: dict[int, SketchFile] = {}

    def compare(self, ranks: np.ndarray, kind: str, are_alike: Callable[[Sketch, Sketch], bool]) -> None:
        """Compare the rows of one bucket, in the order of precedence."""
        live = [rank for rank in ranks.tolist() if not self._verdicts.is_dropped[rank]]
        if len(live) < 2:
            return
        kept = [live[0]]
        signed = [self._signature(live[0], kind)]
        for rank in live[1:]:
            own = self._signature(rank, kind)
            compared, known = kept[-_MOST_COMPARED:], np.array(signed[-_MOST_COMPARED:])
            mine = None
            for place in np.flatnonzero((known == own).mean(axis=1) >= _WORTH_COMPARING[kind]).tolist():
                mine = mine or self._sketch(rank)
                if are_alike(self._sketch(compared[place]), mine):
                    self._drop(rank, by=compared[place])
                    break
            else:
                kept.append(rank)
                signed.append(own)

    def _drop(self, rank: int, *, by: int) -> None:
        split = self._verdicts.facts.split
        is_leak = split[rank] == _TRAIN and split[by] != _TRAIN
        self._verdicts.drop(np.array([rank]), "near_held_out" if is_leak else "near_duplicate")

    def _signature(self, rank: int, kind: str) -> np.ndarray:
        chunk, row = self._verdicts.facts.place(rank)
        return self._opened(chunk).signature(row, kind)

    def _sketch(self, rank: int) -> Sketch:
        chunk, row = self._verdicts.facts.place(rank)
        return self._opened(chunk).sketch(row)

    def _opened(self, chunk: int) -> SketchFile:
        """The chunk's file; of too many the one that was asked for longest ago is closed."""
        file = self._files.pop(chunk, None) or SketchFile(self._folder / f"sketches-{chunk:06d}.bin")
        self._files[chunk] = file
        if len(self._files) > _OPEN_FILES:
            self._files.pop(next(iter(self._files))).close()
        return file

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()


def _groups(keys: np.ndarray) -> Iterator[np.ndarray]:
    """Places of equal keys, ascending, for each key that more than one row has; in the order of the keys."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    is_start = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, bool)
    starts = np.flatnonzero(is_start)
    sizes = np.diff(np.concatenate([starts, [len(ordered)]]))
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        yield order[start : start + size]
