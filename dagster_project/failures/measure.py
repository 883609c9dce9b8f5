"""How good the patterns are on labelled errors, and the counts from which confidence is calibrated.

`python -m dagster_project.failures.measure LABELLED.csv [--write]` prints the figures (columns message, source,
phase, code); `--write` stores each pattern's [hits, right] in the shipped taxonomy.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from dagster_project.failures.classify import Classifier
from dagster_project.failures.model.labels import LabelledError, read_labelled
from dagster_project.failures.taxonomy import SHIPPED_FILE, UNKNOWN_CODE, Taxonomy, parse_taxonomy

_MEASURED_LINE = re.compile(r"^(\s+measured: )\[\d+, \d+\]$", re.MULTILINE)


@dataclass(frozen=True)
class Measurement:
    """Shares are of all errors; `hits` is (hits, right) by pattern_id."""

    error_count: int
    accuracy: float
    macro_f1: float
    unknown_share: float
    hits: Mapping[str, tuple[int, int]]


def measure(taxonomy: Taxonomy, errors: Sequence[LabelledError]) -> Measurement:
    """Classify every error and compare. Macro-F1 is the mean of F1 over the codes that are labelled at all."""
    classifier = Classifier(taxonomy)
    hits: Counter[str] = Counter()
    right: Counter[str] = Counter()
    pairs: list[tuple[str, str]] = []
    for error in errors:
        pattern = classifier.first_match(error.message, source=error.source, phase=error.phase)
        pairs.append((error.code, pattern.code if pattern else UNKNOWN_CODE))
        if pattern:
            hits[pattern.pattern_id] += 1
            right[pattern.pattern_id] += pattern.code == error.code
    return Measurement(
        error_count=len(pairs),
        accuracy=sum(truth == found for truth, found in pairs) / len(pairs),
        macro_f1=macro_f1(pairs),
        unknown_share=sum(found == UNKNOWN_CODE for _, found in pairs) / len(pairs),
        hits={
            pattern.pattern_id: (hits[pattern.pattern_id], right[pattern.pattern_id]) for pattern in taxonomy.patterns
        },
    )


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Unweighted mean over the true classes of 2TP / (2TP + FP + FN), of (truth, found) pairs."""
    truths = Counter(truth for truth, _ in pairs)
    founds = Counter(found for _, found in pairs)
    agreed = Counter(truth for truth, found in pairs if truth == found)
    return sum(2 * agreed[code] / (truths[code] + founds[code]) for code in truths) / len(truths)


def with_measured(content: str, measurement: Measurement) -> str:
    """The taxonomy's YAML with each pattern's `measured` line rewritten; every other byte stays."""
    taxonomy = parse_taxonomy(content.encode(), name="the taxonomy")
    counts = iter(
        measurement.hits[f"{mode.code}/{number}"]
        for mode in taxonomy.document.failure_modes
        for number in range(1, len(mode.detect.patterns) + 1)
    )

    def replacement(line: re.Match[str]) -> str:
        hits, right = next(counts)
        return f"{line.group(1)}[{hits}, {right}]"

    return _MEASURED_LINE.sub(replacement, content)


@click.command()
@click.argument("labelled", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--write", is_flag=True, help="Store each pattern's counts in the shipped taxonomy.")
def command(labelled: Path, *, write: bool) -> None:
    """Measure the shipped taxonomy on a CSV of labelled errors."""
    content = SHIPPED_FILE.read_text(encoding="utf-8")
    found = measure(parse_taxonomy(content.encode(), name=str(SHIPPED_FILE)), read_labelled(labelled))
    click.echo(
        f"{found.error_count} errors: accuracy {found.accuracy:.4f}, macro-F1 {found.macro_f1:.4f}, "
        f"unknown {found.unknown_share:.4f}"
    )
    if write:
        SHIPPED_FILE.write_text(with_measured(content, found), encoding="utf-8")


if __name__ == "__main__":
    command()
