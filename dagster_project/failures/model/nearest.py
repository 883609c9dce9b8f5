"""Which known failure an unknown message reads most like, and how often such a resemblance misleads.

Masked messages are compared by their words as the model compares texts (TF-IDF, cosine), with every labelled error and
every example of the taxonomy. How often the nearest is of another code is told from these themselves, each compared
with all others, and never falls as they grow less alike.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.failures.messages.normalise import classifier_text, masked_message
from dagster_project.failures.model import features
from dagster_project.failures.model.features import rarity_of, term_counts, unit_rows
from dagster_project.failures.model.kept_arrays import Arrays, arrays_places, kept_arrays
from dagster_project.failures.model.labels import HEALTHY, own_labels_file, read_labels
from dagster_project.failures.taxonomy import SHIPPED_FILE, UNKNOWN_CODE, Taxonomy, taxonomy_file
from dagster_project.failures.validation import load_taxonomy
from dagster_project.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

BLOCK = 512
"""Messages compared with all others at a time: all at once take half a gigabyte."""


@dataclass(frozen=True)
class KnownFailures:
    """`rows`: one of length 1 a known message; `likeness`, rising, and the share of mistakes at each."""

    codes: tuple[str, ...]
    rarity: "np.ndarray"
    rows: "csr_matrix"
    likeness: "np.ndarray"
    mistakes: "np.ndarray"

    @cached_property
    def _by_place(self) -> "csr_matrix":
        """The rows, by place: a message has a hundred of 65,536."""
        return self.rows.T.tocsr()

    def nearest(self, message: str) -> tuple[str, float] | None:
        """The code of the most similar message, and the share of mistakes at that likeness; None for a stranger."""
        import numpy as np

        alike = (unit_rows(term_counts([message], with_forms=False), self.rarity) @ self._by_place).toarray()[0]
        best = int(alike.argmax())
        if alike[best] <= 0:
            return None
        return self.codes[best], round(float(np.interp(alike[best], self.likeness, self.mistakes)), 4)


def known_failures(messages: Sequence[tuple[str, str]]) -> KnownFailures:
    """Of (code, message), at least two. Mistakes are isotonic (pool adjacent violators) in the likeness."""
    import numpy as np
    from scipy.optimize import isotonic_regression

    codes = tuple(code for code, _ in messages)
    masked = [masked_message(classifier_text(message)) for _, message in messages]
    counts = term_counts(masked, with_forms=False)
    rarity = rarity_of(counts)
    rows = unit_rows(counts, rarity)
    by_place = rows.T.tocsr()
    nearest, likeness = np.empty(len(codes), dtype=np.intp), np.empty(len(codes))
    for start in range(0, len(codes), BLOCK):
        alike = (rows[start : start + BLOCK] @ by_place).toarray()
        own = np.arange(len(alike))
        alike[own, start + own] = -1.0
        nearest[start + own], likeness[start + own] = alike.argmax(axis=1), alike.max(axis=1)
    is_mistake = np.array([codes[other] != code for code, other in zip(codes, nearest, strict=True)], dtype=np.float64)
    order = np.argsort(likeness, kind="stable")
    mistakes = isotonic_regression(is_mistake[order], increasing=False).x
    return KnownFailures(codes=codes, rarity=rarity, rows=rows, likeness=likeness[order], mistakes=mistakes)


def known_to(taxonomy: Taxonomy, own_labels: Path | None, *, places: Sequence[Path] = ()) -> KnownFailures:
    """Of the labelled errors whose code the taxonomy has, and of its patterns' examples; each message once.

    Made once for all that are known when there are `places` to keep them in.
    """
    untold = {HEALTHY, UNKNOWN_CODE}
    labelled = [(label.code, label.message) for label in read_labels(own_labels) if label.code not in untold]
    examples = [(pattern.code, example) for pattern in taxonomy.patterns for example in pattern.spec.matches]
    by_message = {message: code for code, message in examples + labelled if code in taxonomy.modes}
    messages = [(code, message) for message, code in sorted(by_message.items())]
    made_of = f"n1-{hashlib.sha256(repr(messages).encode()).hexdigest()[:12]}"
    made_by = (Path(__file__), *features.MADE_BY)
    return _from_arrays(kept_arrays(places, made_of, by=made_by, make=lambda: _to_arrays(known_failures(messages))))


def _to_arrays(known: KnownFailures) -> Arrays:
    import numpy as np

    rows = known.rows
    return {
        "codes": np.array(known.codes),
        "rarity": known.rarity,
        "values": rows.data,
        "places": rows.indices,
        "ends": rows.indptr,
        "likeness": known.likeness,
        "mistakes": known.mistakes,
    }


def _from_arrays(kept: Arrays) -> KnownFailures:
    from scipy import sparse

    codes = tuple(map(str, kept["codes"]))
    rows = sparse.csr_matrix((kept["values"], kept["places"], kept["ends"]), shape=(len(codes), features.PLACES))
    return KnownFailures(
        codes=codes, rarity=kept["rarity"], rows=rows, likeness=kept["likeness"], mistakes=kept["mistakes"]
    )


@cache
def known_in(home: Path) -> KnownFailures:
    """Those of a data root, once a process."""
    settings = Settings(home=home)
    own = own_labels_file(settings)
    is_shipped = own is None and taxonomy_file(settings) == SHIPPED_FILE
    return known_to(load_taxonomy(settings), own, places=arrays_places(settings, is_shipped=is_shipped))
