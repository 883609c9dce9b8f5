"""A second classifier for messages that no pattern recognises: TF-IDF and a linear model (squared hinge).

It is a function of the labelled messages alone. Whether it may speak at all is judged in `judgement`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dagster_project.failures.messages.normalise import classifier_text
from dagster_project.failures.model.features import features_of, rarity_of, term_counts, unit_rows
from dagster_project.failures.model.labels import HEALTHY, LabelledError
from dagster_project.failures.taxonomy import UNKNOWN_CODE

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

PENALTY = 0.6
ROUNDS = 4
"""After each, the texts are told anew that a code still has to be taught: with 3 fewer unseen errors are right."""
STEPS = 10
"""Of the conjugate gradients in a round: with 15 no more unseen errors are right."""
SPEAKS_BELOW = -0.22
"""What the model must make of a text's health to give it a code."""
SPEAKS_ABOVE = -0.7
"""What the likeliest code must score: of those that score less, one in five is right."""
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

JUDGED = ("HALLUCINATION", "PLAN", "LOOP.NO_TERMINATION")
"""Categories and codes that only who judges a whole run can tell: no text has them but the verdict of a judge."""

_TINY = 1e-30

_VERDICT = re.compile(r"(?i)^\W*(?:[\w-]+ )?(?:judge|judgement|verdict|evaluator|grader|critic|reviewer)\b")


@dataclass(frozen=True)
class Model:
    """`weights`: places × codes; `base`: the score of each code before any word."""

    codes: tuple[str, ...]
    rarity: "np.ndarray"
    weights: "np.ndarray"
    base: "np.ndarray"

    def code_of(self, text: str, *, phase: str | None = None) -> str | None:
        """The code of a telling text that no pattern matches, or None: the model is not sure enough that it tells of a
        failure, or of which.
        """
        health, code, score = self._reading(text, phase)
        return code if health < SPEAKS_BELOW and score > SPEAKS_ABOVE and code != UNKNOWN_CODE else None

    def takes_for_healthy(self, text: str, *, phase: str | None = None, margin: float) -> bool:
        """Whether it makes more than the margin of a telling text's health."""
        return self._reading(text, phase)[0] > margin

    def _scores(self, text: str) -> "np.ndarray":
        """The score of each code: only the weights of places that the text has are read."""
        import numpy as np

        found = features_of(text)
        places = np.fromiter(found.keys(), dtype=np.intp, count=len(found))
        row = np.fromiter(found.values(), dtype=np.float32, count=len(found)) * self.rarity[places]
        length = float(np.sqrt(row @ row)) or 1.0
        return (row / length) @ self.weights[places] + self.base

    def _reading(self, text: str, phase: str | None) -> tuple[float, str | None, float]:
        """By how much a text reads more like a healthy line than like the likeliest code, that code, and its score."""
        scores = self._scores(text) + self._usual_in(phase)
        healthy = float(scores[self._healthy]) if self._healthy is not None else -math.inf
        if self._healthy is not None:
            scores[self._healthy] = -math.inf
        if not _VERDICT.search(text):
            scores[self._judged] = -math.inf
        place = int(scores.argmax())
        score = float(scores[place])
        if score == -math.inf:
            return math.inf, None, score
        return healthy - score, self.codes[place], score

    def _usual_in(self, phase: str | None) -> "np.ndarray | float":
        """What the phase adds to the score of each code."""
        import numpy as np

        usual = PHASE_CATEGORIES.get(phase or "", ())
        return USUAL_IN_PHASE * np.isin(self._categories, usual).astype(np.float32) if usual else 0.0

    @cached_property
    def _categories(self) -> list[str]:
        return [code.split(".")[0] for code in self.codes]

    @cached_property
    def _judged(self) -> list[int]:
        return [place for place, code in enumerate(self.codes) if code in JUDGED or code.split(".")[0] in JUDGED]

    @cached_property
    def _healthy(self) -> int | None:
        return self.codes.index(HEALTHY) if HEALTHY in self.codes else None


def fit(labels: Sequence[LabelledError]) -> Model:
    """One column a code (1 or -1) on unit rows of TF-IDF: least squares of what a score lacks of being as sure as that.

    A score that is surer costs nothing (squared hinge): a text that many words tell need not pull them all down to 1.
    """
    import numpy as np

    codes = tuple(sorted({label.code for label in labels}))
    counts = term_counts([classifier_text(label.message) for label in labels])
    rarity = rarity_of(counts).astype(np.float32)
    rows = unit_rows(counts, rarity).astype(np.float32).tocsr()
    wanted = np.full((len(labels), len(codes)), -1, dtype=np.float32)
    wanted[range(len(labels)), [codes.index(label.code) for label in labels]] = 1
    base = wanted.mean(axis=0)
    return Model(codes=codes, rarity=rarity, weights=_weights(rows, wanted, base), base=base)


def _weights(rows: "csr_matrix", wanted: "np.ndarray", base: "np.ndarray") -> "np.ndarray":
    """All columns at once, on the dual: no texts × texts matrix. A round leaves out, column by column, what the one
    before has made sure enough; a text at that border weighs next to nothing, so rounding does not matter there.
    """
    import numpy as np

    by_place = rows.T.tocsr()
    dual = np.zeros_like(wanted)
    for _ in range(ROUNDS):
        is_taught = (wanted * (base + rows @ (by_place @ dual)) < 1).astype(np.float32)
        dual = _least_squares(rows, by_place, wanted - base, dual, is_taught)
    return by_place @ dual


def _least_squares(
    rows: "csr_matrix", by_place: "csr_matrix", wanted: "np.ndarray", dual: "np.ndarray", is_taught: "np.ndarray"
) -> "np.ndarray":
    """The dual after STEPS of the conjugate gradients of a ridge regression on the texts that are taught."""
    import numpy as np

    def image_of(each: "np.ndarray") -> "np.ndarray":
        return is_taught * (rows @ (by_place @ each)) + np.float32(PENALTY) * each

    dual = dual * is_taught
    left = is_taught * wanted - image_of(dual)
    step = left.copy()
    size = (left * left).sum(axis=0)
    for _ in range(STEPS):
        image = image_of(step)
        # A column that is solved stays as it is: 0 / 0 otherwise.
        length = size / np.maximum((step * image).sum(axis=0), _TINY)
        dual += length * step
        left -= length * image
        before, size = size, (left * left).sum(axis=0)
        step = left + size / np.maximum(before, _TINY) * step
    return dual
