"""Messages whose code a person has said: what the model learns from, and is judged by.

The shipped ones are what tools print, failures told in words of one's own, and healthy lines.
`RELIABILITY_HOME/declarations/error_labels.csv` (columns message, code, and if known source and phase) adds your own,
such as errors that were triaged.
"""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.settings import Settings

_FOLDER = Path(__file__).parent / "labelled"
SHIPPED_LABELS = tuple(_FOLDER / name for name in ("printed.csv", "own_words.csv", "healthy.csv"))
OWN_LABELS = "error_labels.csv"
HEALTHY = "HEALTHY"
"""The label of a line that reports no failure."""


@dataclass(frozen=True)
class LabelledError:
    message: str
    source: str | None
    phase: str | None
    code: str


def read_labelled(path: Path) -> list[LabelledError]:
    """Rows of a CSV with a header: message, code, source, phase; an empty or absent source or phase is unknown.

    Raises UsageError when a row has no message or no code.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for number, row in enumerate(rows, start=2):
        if not row.get("message") or not row.get("code"):
            raise UsageError(
                f"{path}, line {number}: a message or its code is missing.",
                remedy="Give the columns message and code in every row; source and phase may be empty.",
            )
    return [
        LabelledError(row["message"], row.get("source") or None, row.get("phase") or None, row["code"]) for row in rows
    ]


def own_labels_file(settings: Settings) -> Path | None:
    """The user's labelled messages, if there are any."""
    path = settings.declarations / OWN_LABELS
    return path if path.is_file() else None


def read_labels(own: Path | None) -> list[LabelledError]:
    """The shipped labels and then the user's."""
    files = [*SHIPPED_LABELS, own] if own else SHIPPED_LABELS
    return [label for file in files for label in read_labelled(file)]


def labels_version(labels: Sequence[LabelledError]) -> str:
    """Which labels these are: a model is a function of its labels alone."""
    rows = repr([(label.code, label.message) for label in labels])
    return "m1-" + hashlib.sha256(rows.encode()).hexdigest()[:12]
