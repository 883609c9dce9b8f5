"""Does the model earn to speak? It is judged on labels that neither it nor the patterns used have seen.

The labels are parted into folds. Messages of a fold are judged by a model of the other folds' labels and by the
patterns without the alternatives that only messages of this fold hit: a pattern written for one message alone shows
nothing. That is a lower bound for both.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from dagster_project import durable
from dagster_project.errors import UsageError
from dagster_project.failures.classify import Classifier
from dagster_project.failures.measure import macro_f1
from dagster_project.failures.messages import normalise
from dagster_project.failures.model.doubt import is_doubtable, margin_of_doubt
from dagster_project.failures.model.kept_arrays import arrays_places
from dagster_project.failures.model.labels import HEALTHY, LabelledError, labels_version, own_labels_file, read_labels
from dagster_project.failures.model.linear import Model, fit
from dagster_project.failures.model.second_opinion import SecondOpinion
from dagster_project.failures.taxonomy import UNKNOWN_CODE, Pattern, Taxonomy
from dagster_project.settings import Settings

FOLDS = 5
MOST_FALSE_HITS = 0.01
"""Share of healthy lines that may get a code, from patterns and model together."""
PRIOR_ANSWERS = 8.0
PRIOR_PRECISION = 0.5
SHIPPED_VERDICT = Path(__file__).parent / "model_verdict.json"

Alternatives = list[tuple[Pattern, tuple[int, ...]]]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How patterns alone and patterns with the model did; shares are of all labelled errors, or of healthy lines."""

    model_version: str
    classifier_version: str
    error_count: int
    healthy_count: int
    pattern_accuracy: float
    pattern_macro_f1: float
    pattern_unknown_share: float
    model_accuracy: float
    model_macro_f1: float
    model_unknown_share: float
    answer_count: int
    answer_precision: float | None
    false_hit_share: float
    is_in_force: bool

    @property
    def confidence(self) -> float:
        """The precision of its answers, drawn toward PRIOR_PRECISION as if that were PRIOR_ANSWERS more."""
        right = self.answer_count * (self.answer_precision or 0.0)
        return round((right + PRIOR_ANSWERS * PRIOR_PRECISION) / (self.answer_count + PRIOR_ANSWERS), 4)


_decode_verdict = msgspec.json.Decoder(Verdict).decode


def judge(taxonomy: Taxonomy, labels: Sequence[LabelledError]) -> Verdict:
    """Judge the model of these labels. It is in force when more errors are right with it, and few lines falsely hit.

    Raises UsageError when a label has a code that the taxonomy does not know.
    """
    if unknown := {label.code for label in labels} - {HEALTHY} - set(taxonomy.modes):
        raise UsageError(
            f"Labels name codes that the taxonomy does not know: {', '.join(sorted(unknown))}.",
            remedy=f"Use its codes, or {HEALTHY} for a line that reports no failure.",
        )
    classifier = Classifier(taxonomy)
    texts = [classifier.telling_text(label.message) for label in labels]
    folds = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % FOLDS for text in texts]
    found = [_alternatives(classifier, text, label) for text, label in zip(texts, labels, strict=True)]
    hits = Counter(
        (pattern.pattern_id, each, fold)
        for fold, alternatives in zip(folds, found, strict=True)
        for pattern, matched in alternatives
        for each in matched
    )
    everywhere = Counter((pattern_id, each) for pattern_id, each, _ in hits.elements())
    models = [
        fit([label for label, place in zip(labels, folds, strict=True) if place != fold]) for fold in range(FOLDS)
    ]
    errors, by_patterns, by_both, healthy_hits = [], [], [], 0
    for label, text, fold, alternatives in zip(labels, texts, folds, found, strict=True):
        first = next(
            (
                pattern
                for pattern, matched in alternatives
                if any(everywhere[pattern.pattern_id, each] > hits[pattern.pattern_id, each, fold] for each in matched)
            ),
            None,
        )
        answer = UNKNOWN_CODE if classifier.reports_health(text) else _answer(first, models[fold], text, label.phase)
        if label.code == HEALTHY:
            healthy_hits += answer != UNKNOWN_CODE
            continue
        errors.append(label.code)
        by_patterns.append(first.code if first else UNKNOWN_CODE)
        by_both.append(answer)
    return _verdict(taxonomy, labels, errors, by_patterns, by_both, healthy_hits=healthy_hits)


def second_opinion(settings: Settings) -> SecondOpinion | None:
    """The model of this data root's labels when its verdict lets it speak; None when not, or when none was made."""
    own = own_labels_file(settings)
    verdict = verdict_on(labels_version(read_labels(own)), settings)
    if verdict is None or not verdict.is_in_force:
        return None
    places = arrays_places(settings, is_shipped=own is None)
    return SecondOpinion(verdict.model_version, verdict.confidence, own, kept_in=places)


def verdict_on(model_version: str, settings: Settings) -> Verdict | None:
    """The verdict on a model: the one made in this data root, else the shipped one; None when it was never judged."""
    for path in (verdict_folder(settings) / f"{model_version}.json", SHIPPED_VERDICT):
        if path.is_file():
            verdict = _decode_verdict(path.read_bytes())
            if verdict.model_version == model_version:
                return verdict
    return None


def keep_verdict(settings: Settings, verdict: Verdict) -> Path:
    """Write a verdict where builds and `reliability classify` look for it."""
    path = verdict_folder(settings) / f"{verdict.model_version}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    durable.write_bytes(path, msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")
    return path


def verdict_folder(settings: Settings) -> Path:
    """One file a judged model, named after its version."""
    return settings.warehouse / "classifier"


def _answer(first: Pattern | None, model: Model, text: str, phase: str | None) -> str:
    if first is None:
        return model.code_of(text, phase=phase) or UNKNOWN_CODE
    if not is_doubtable(first):
        return first.code
    is_doubted = model.takes_for_healthy(text, phase=phase, margin=margin_of_doubt(first.regex, text))
    return UNKNOWN_CODE if is_doubted else first.code


def _alternatives(classifier: Classifier, text: str, label: LabelledError) -> Alternatives:
    """Patterns that match, in order, each with the places of its alternatives that do; none for a healthy line."""
    if classifier.reports_health(text):
        return []
    found: Alternatives = []
    for pattern in classifier.matches_of_text(text, source=label.source, phase=label.phase):
        parts = pattern.spec.any_of or (pattern.regex,)
        matched = (place for place, part in enumerate(parts) if normalise.compiled("(?i)" + part).search(text))
        found.append((pattern, tuple(matched)))
    return found


def _verdict(
    taxonomy: Taxonomy,
    labels: Sequence[LabelledError],
    errors: Sequence[str],
    by_patterns: Sequence[str],
    by_both: Sequence[str],
    *,
    healthy_hits: int,
) -> Verdict:
    healthy = len(labels) - len(errors)
    answers = [
        after == code
        for code, before, after in zip(errors, by_patterns, by_both, strict=True)
        if before == UNKNOWN_CODE and after != UNKNOWN_CODE
    ]

    def accuracy(told: Sequence[str]) -> float:
        return sum(code == answer for code, answer in zip(errors, told, strict=True)) / len(errors)

    false_hits = healthy_hits / healthy if healthy else 1.0
    return Verdict(
        model_version=labels_version(labels),
        classifier_version=taxonomy.version,
        error_count=len(errors),
        healthy_count=healthy,
        pattern_accuracy=round(accuracy(by_patterns), 4),
        pattern_macro_f1=round(macro_f1(list(zip(errors, by_patterns, strict=True))), 4),
        pattern_unknown_share=round(by_patterns.count(UNKNOWN_CODE) / len(errors), 4),
        model_accuracy=round(accuracy(by_both), 4),
        model_macro_f1=round(macro_f1(list(zip(errors, by_both, strict=True))), 4),
        model_unknown_share=round(by_both.count(UNKNOWN_CODE) / len(errors), 4),
        answer_count=len(answers),
        answer_precision=round(sum(answers) / len(answers), 4) if answers else None,
        false_hit_share=round(false_hits, 4),
        is_in_force=accuracy(by_both) > accuracy(by_patterns) and false_hits <= MOST_FALSE_HITS,
    )
