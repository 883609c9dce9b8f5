"""A second classifier for messages that no pattern recognises: TF-IDF and a linear (ridge) model.

It is a function of the labelled messages alone. Whether it may speak at all is judged in `judgement`.
"""

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.failures.features import rarity_of, term_counts, unit_rows
from dagster_project.failures.labels import HEALTHY, LabelledError
from dagster_project.failures.normalise import classifier_text

if TYPE_CHECKING:
    import numpy as np

PENALTY = 0.6
BLOCK = 512
"""Texts compared with all others at a time: all at once took twice the memory."""
SPEAKS_ABOVE = -0.6
"""Scores are trained to be 1 for the right code and -1 for others."""
ABOVE_HEALTHY = -0.2
"""How much surer of a code than of a healthy line the model must be."""
USUAL_IN_PHASE = 0.2
"""Added to the score of codes whose category is usual in the phase of the run that the log names."""
PHASE_CATEGORIES = {
    "auth": ("AUTH",),
    "build": ("CI", "INFRA", "NET"),
    "config": ("ENV",),
    "deliver": ("DELIVERY",),
    "execute": ("TIMEOUT", "INFRA", "USER", "SCHED"),
    "llm_call": ("MODEL", "CONTEXT", "RATE", "COST", "NET", "POLICY", "CIRCUIT"),
    "load": ("DATA",),
    "parse": ("SCHEMA",),
    "plan": ("LOOP", "PLAN", "USER"),
    "retrieve": ("CONTEXT",),
    "schedule": ("SCHED", "INFRA"),
    "test": ("CI", "DATA"),
    "tool_call": ("TOOL", "TIMEOUT", "POLICY"),
}

_SPEAKS_OF_FAILURE = re.compile(
    r"(?i)\b(?:\w*(?:error|exception|failure)s?|fail(?:ed|s|ing)?|fatal|cannot|can'?t|could ?n[o']t|unable|invalid"
    r"|missing|unknown|unsupported|not|no|denied|refused|rejected|exceed(?:ed|s)?|timed out|expired|aborted|crashed"
    r"|died|lost|corrupt\w*|killed|blocked|without|must|require[ds]|broken|unexpected\w*|mismatch|conflicts?"
    r"|truncated|closed|terminated|stopped|reached|wrong|bad|too|does ?n[o']t|duplicate|out of|panic|warn\w*"
    r"|in(?:correct|sufficient|compatible|complete)|mal\w+ed|illegal|un(?:available|reachable|recogni[sz]ed|defined"
    r"|resolved|readable|authori[sz]ed)|needs?|only|never|nothing|violat\w+|problems?|stuck|gone)\b"
)


@dataclass(frozen=True)
class Model:
    """`weights`: places × codes; `base`: the score of each code before any word."""

    codes: tuple[str, ...]
    rarity: "np.ndarray"
    weights: "np.ndarray"
    base: "np.ndarray"

    def code_of(self, text: str, *, phase: str | None = None) -> str | None:
        """The code of a telling text that no pattern matches, or None: it speaks of no failure, or the model is not
        sure enough.
        """
        if not _SPEAKS_OF_FAILURE.search(text):
            return None
        healthy, best, score = self._best(text, phase)
        return best if score > max(SPEAKS_ABOVE, healthy + ABOVE_HEALTHY) else None

    def takes_for_healthy(self, text: str, *, phase: str | None = None, margin: float) -> bool:
        """Whether it is by so much surer that a telling text is a healthy line than of any code."""
        healthy, _, score = self._best(text, phase)
        return healthy > score + margin

    def _best(self, text: str, phase: str | None) -> tuple[float, str | None, float]:
        """The score of a healthy line, and the best code with its score."""
        scores = (unit_rows(term_counts([text]), self.rarity) @ self.weights)[0] + self.base
        usual = PHASE_CATEGORIES.get(phase or "", ())
        by_code = {
            code: float(score) + USUAL_IN_PHASE * (code.split(".")[0] in usual)
            for code, score in zip(self.codes, scores, strict=True)
        }
        healthy = by_code.pop(HEALTHY, -math.inf)
        best = max(by_code, key=by_code.__getitem__, default=None)
        return healthy, best, by_code[best] if best else -math.inf


def fit(labels: Sequence[LabelledError]) -> Model:
    """Ridge regression of one column a code (1 or -1) on unit rows of TF-IDF, solved in its dual form.

    Of healthy lines without a word of failure a third teaches as much as all, in half the time.
    """
    import numpy as np
    from scipy import linalg
    from threadpoolctl import threadpool_limits

    labels = [label for label in labels if label.code != HEALTHY or _teaches_health(label.message)]
    codes = tuple(sorted({label.code for label in labels}))
    counts = term_counts([classifier_text(label.message) for label in labels])
    rarity = rarity_of(counts)
    rows = unit_rows(counts, rarity)
    wanted = np.full((len(labels), len(codes)), -1.0)
    wanted[range(len(labels)), [codes.index(label.code) for label in labels]] = 1
    base = wanted.mean(axis=0)
    likeness = np.empty((len(labels), len(labels)), order="F")
    for start in range(0, len(labels), BLOCK):
        likeness[:, start : start + BLOCK] = (rows @ rows[start : start + BLOCK].T).toarray()
    likeness[np.diag_indices(len(labels))] += PENALTY
    # One thread: on a busy machine those of the linear algebra wait for each other, twenty times as long.
    with threadpool_limits(limits=1):
        weights = rows.T @ linalg.solve(likeness, wanted - base, assume_a="pos", overwrite_a=True)
    return Model(codes=codes, rarity=rarity, weights=weights, base=base)


def _teaches_health(message: str) -> bool:
    return bool(_SPEAKS_OF_FAILURE.search(message)) or zlib.crc32(message.encode()) % 3 == 0
