"""Classification in Python: the same patterns, order and texts as the generated SQL."""

import msgspec

from dagster_project.failures.matching import Matcher
from dagster_project.failures.messages import normalise
from dagster_project.failures.messages.fingerprint import fingerprint
from dagster_project.failures.model.doubt import is_doubtable, margin_of_doubt
from dagster_project.failures.model.second_opinion import SecondOpinion
from dagster_project.failures.taxonomy import UNKNOWN_CODE, NotAnError, Pattern, Taxonomy
from dagster_project.problems import declared_code


class Classification(msgspec.Struct, frozen=True):
    """What the classifier says of one message; confidence 0 and no pattern when it knows nothing."""

    code: str
    confidence: float
    matched_pattern: str | None
    classifier_version: str
    all_matches: tuple[str, ...]
    fingerprint: str


class Classifier:
    """Compiled patterns of one taxonomy, and the model that is asked where they are silent."""

    def __init__(self, taxonomy: Taxonomy, *, second: SecondOpinion | None = None) -> None:
        self.taxonomy = taxonomy
        self._second = second
        self._matcher = Matcher([pattern.regex for pattern in taxonomy.patterns])
        self._harmless = normalise.compiled(taxonomy.harmless_regex)
        rules = taxonomy.document.not_errors
        self._not_errors = Matcher(["(?i)" + rule.regex for rule in rules])
        self._exceptions = [normalise.compiled("(?i)" + rule.unless) if rule.unless else None for rule in rules]

    def matches(self, message: str, *, source: str | None = None, phase: str | None = None) -> list[Pattern]:
        """Every pattern that matches, in the order they are tried."""
        return self.matches_of_text(self.telling_text(message), source=source, phase=phase)

    def matches_of_text(self, text: str, *, source: str | None = None, phase: str | None = None) -> list[Pattern]:
        """The same of a telling text."""
        said = text.removeprefix(normalise.QUIET)
        found = (self.taxonomy.patterns[place] for place in self._matcher.matching(said))
        return [pattern for pattern in found if _applies(pattern, source=source, phase=phase)]

    def matching_ids(self, text: str | None, *, source: str | None = None, phase: str | None = None) -> str | None:
        """Their ids with a comma between; None for none. What the SQL function `matching_patterns` says."""
        matches = self.matches_of_text(text, source=source, phase=phase) if text is not None else []
        return ",".join(match.pattern_id for match in matches) or None

    def first_match(self, message: str, *, source: str | None = None, phase: str | None = None) -> Pattern | None:
        """The pattern that decides, or None for an unknown message and for a line that reports health."""
        text = self.telling_text(message)
        matches = self.matches_of_text(text, source=source, phase=phase)
        return matches[0] if matches and not self.reports_health(text) else None

    def telling_text(self, message: str) -> str:
        """The classifier text of a message without its harmless phrases: what patterns, rules and model read."""
        return self.without_harmless(normalise.classifier_text(message))

    def without_harmless(self, text: str) -> str:
        """A classifier text with `<none>` for each phrase that denies a failure."""
        return self._harmless.sub(normalise.HARMLESS, text)

    def reports_health(self, text: str) -> bool:
        """Whether a telling text is a healthy line, which neither patterns nor model give a code."""
        return any(
            (unless := self._exceptions[place]) is None or not unless.search(said)
            for said in {text, text.removeprefix(normalise.QUIET)}
            for place in self._not_errors.matching(said)
        )

    def classify(self, message: str, *, source: str | None = None, phase: str | None = None) -> Classification:
        """Code, confidence and evidence of one message; a known code that it declares itself wins."""
        declared = declared_code(message)
        classifier_text = normalise.classifier_text(message)
        text = self.without_harmless(classifier_text)
        matches = self.matches_of_text(text, source=source, phase=phase)
        code, confidence, decided_by = UNKNOWN_CODE, 0.0, None
        if declared in self.taxonomy.modes:
            code, confidence, decided_by = str(declared), 1.0, "declared"
        elif self.reports_health(text) or (matches and self._is_doubted(matches[0], text, phase)):
            pass
        elif matches:
            code, confidence, decided_by = matches[0].code, matches[0].confidence, matches[0].pattern_id
        elif self._second and (answer := self._second.code_of(text, phase=phase)):
            code, confidence, decided_by = answer, self._second.confidence, self._second.name
        return Classification(
            code=code,
            confidence=confidence,
            matched_pattern=decided_by,
            classifier_version=classifier_version(self.taxonomy, self._second),
            all_matches=tuple(match.pattern_id for match in matches),
            fingerprint=fingerprint(
                normalise.masked_message(classifier_text),
                source=source,
                phase=phase,
                code_declared=declared,
                http_status=normalise.status_in_text(classifier_text),
            ),
        )

    def _is_doubted(self, pattern: Pattern, text: str, phase: str | None) -> bool:
        if self._second is None or not is_doubtable(pattern):
            return False
        return self._second.takes_for_healthy(text, phase=phase, margin=margin_of_doubt(pattern.regex, text))


def classifier_version(taxonomy: Taxonomy, second: SecondOpinion | None) -> str:
    """The version of the patterns, and of the model if one is in force."""
    return f"{taxonomy.version}-{second.model_version}" if second else taxonomy.version


def reports_health(rule: NotAnError, text: str) -> bool:
    """Whether a rule takes a telling text for a healthy line."""
    if not normalise.compiled("(?i)" + rule.regex).search(text):
        return False
    return rule.unless is None or not normalise.compiled("(?i)" + rule.unless).search(text)


def _applies(pattern: Pattern, *, source: str | None, phase: str | None) -> bool:
    sources, phases = pattern.spec.sources, pattern.spec.phases
    return (not sources or source in sources) and (not phases or phase in phases)
