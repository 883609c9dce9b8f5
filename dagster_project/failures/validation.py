"""What must hold of a taxonomy beyond its schema; every problem is reported, not only the first."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import re2

from dagster_project.errors import UsageError
from dagster_project.failures.classify import Classifier, reports_health
from dagster_project.failures.messages.normalise import compiled
from dagster_project.failures.taxonomy import (
    FILE_NAME,
    SHIPPED_FILE,
    UNKNOWN_CODE,
    Document,
    Pattern,
    PatternSpec,
    Taxonomy,
    full_regex,
    parse_taxonomy,
    taxonomy_file,
)
from dagster_project.settings import Settings

_CODE = r"[A-Z]+(?:\.[A-Z0-9_]+)+"


@dataclass(frozen=True)
class Overlap:
    """An example of `code` that a later pattern, of another code, matches too: the order decides."""

    code: str
    pattern_id: str
    other_pattern_id: str
    example: str


def load_taxonomy(settings: Settings) -> Taxonomy:
    """The taxonomy in force; a user's is validated. Raises UsageError naming the file and every problem."""
    path = taxonomy_file(settings)
    return _validated(path.read_bytes(), path=path)


@cache
def _validated(content: bytes, *, path: Path) -> Taxonomy:
    """Trying every example takes a second, and a run asks for the taxonomy four times: of the shipped one, whose
    examples the test suite and `reliability taxonomy check` try, none is tried here.
    """
    taxonomy = parse_taxonomy(content, name=str(path))
    if path != SHIPPED_FILE and (problems := taxonomy_problems(taxonomy)):
        shown = "\n  ".join(problems)
        raise UsageError(
            f"{path} has {len(problems)} problem(s):\n  {shown}\n",
            remedy=f"Correct each, or remove the file to use the shipped {FILE_NAME}.",
        )
    return taxonomy


def taxonomy_problems(taxonomy: Taxonomy) -> list[str]:
    """Everything wrong with the codes, patterns and examples, in file order; empty when all is well."""
    problems = [*_code_problems(taxonomy.document), *_pattern_problems(taxonomy.document)]
    return problems or _example_problems(taxonomy)


def dead_patterns(taxonomy: Taxonomy) -> list[str]:
    """Patterns that are first for none of their own examples: an earlier pattern shadows them."""
    classifier = Classifier(taxonomy)
    return [
        pattern.pattern_id
        for pattern in taxonomy.patterns
        if all(_first(classifier, pattern, example) != pattern for example in pattern.spec.matches)
    ]


def overlaps(taxonomy: Taxonomy) -> list[Overlap]:
    """Examples that patterns of several codes match."""
    classifier = Classifier(taxonomy)
    return [
        Overlap(pattern.code, pattern.pattern_id, other.pattern_id, example)
        for pattern in taxonomy.patterns
        for example in pattern.spec.matches
        for other in classifier.matches(example, source=_source(pattern), phase=_phase(pattern))
        if other.code != pattern.code
    ]


def _code_problems(document: Document) -> list[str]:
    problems, seen = [], set()
    for mode in document.failure_modes:
        if mode.code in seen:
            problems.append(f"{mode.code}: declared twice; a code is declared once")
        seen.add(mode.code)
        if not re2.fullmatch(_CODE, mode.code):
            problems.append(f"{mode.code}: a code is upper-case words joined by dots, such as NET.DNS")
        if mode.code.split(".")[0] != mode.category:
            problems.append(f"{mode.code}: category is {mode.category}, expected the code's first word")
        if mode.runbook not in (None, f"docs/runbooks/{mode.code}.md"):
            problems.append(f"{mode.code}: runbook is {mode.runbook}, expected docs/runbooks/{mode.code}.md or null")
    if UNKNOWN_CODE not in seen:
        problems.append(f"{UNKNOWN_CODE}: missing; it is the code of what no pattern matches")
    return problems


def _pattern_problems(document: Document) -> list[str]:
    problems = [
        _regex_problem(f"harmless/{number}", rule.regex) for number, rule in enumerate(document.harmless, start=1)
    ]
    problems += [
        _regex_problem(f"not_errors/{number}", regex)
        for number, rule in enumerate(document.not_errors, start=1)
        for regex in (rule.regex, rule.unless)
        if regex is not None
    ]
    for mode in document.failure_modes:
        for number, spec in enumerate(mode.detect.patterns, start=1):
            problems.append(_spec_problem(f"{mode.code}/{number}", spec))
    return [problem for problem in problems if problem]


def _spec_problem(name: str, spec: PatternSpec) -> str | None:
    if (spec.regex is not None) + (spec.contains is not None) + bool(spec.any_of) != 1:
        return f"{name}: give one of regex, any_of and contains"
    if not spec.matches:
        return f"{name}: give at least one text that it matches"
    hits, right = spec.measured
    if not 0 <= right <= hits:
        return f"{name}: measured is [hits, right] with 0 <= right <= hits"
    problems = (_regex_problem(name, part) for part in (*spec.any_of, full_regex(spec)))
    return next((problem for problem in problems if problem), None)


def _regex_problem(name: str, regex: str) -> str | None:
    if not regex.isprintable():
        return f"{name}: a pattern holds printable characters only; write others as \\x{{..}}"
    try:
        compiled = re2.compile(regex)
    except re2.error as error:
        return f"{name}: not an RE2 pattern: {error}"
    return f"{name}: matches the empty text, and so everything" if compiled.search("") else None


def _example_problems(taxonomy: Taxonomy) -> list[str]:
    classifier = Classifier(taxonomy)
    problems = []
    for pattern in taxonomy.patterns:
        for example in pattern.spec.matches:
            if pattern not in classifier.matches(example, source=_source(pattern), phase=_phase(pattern)):
                problems.append(f"{pattern.pattern_id}: does not match its example {example!r}")
            elif (first := _first(classifier, pattern, example)) is None or first.code != pattern.code:
                winner = first.pattern_id if first else "not_errors"
                problems.append(f"{pattern.pattern_id}: {winner} takes its example {example!r} first")
        for example in pattern.spec.rejects:
            if pattern in classifier.matches(example, source=_source(pattern), phase=_phase(pattern)):
                problems.append(f"{pattern.pattern_id}: matches {example!r}, which it must reject")
    for number, phrase in enumerate(taxonomy.document.harmless, start=1):
        regex = compiled("(?i)" + phrase.regex)
        problems += [f"harmless/{number}: does not match {text!r}" for text in phrase.matches if not regex.search(text)]
        problems += [f"harmless/{number}: must not match {text!r}" for text in phrase.rejects if regex.search(text)]
    for number, rule in enumerate(taxonomy.document.not_errors, start=1):
        expected = [(example, True) for example in rule.matches] + [(example, False) for example in rule.rejects]
        for example, is_match in expected:
            if reports_health(rule, classifier.telling_text(example)) != is_match:
                verb = "does not match" if is_match else "must not match"
                problems.append(f"not_errors/{number}: {verb} {example!r}")
    return problems


def _first(classifier: Classifier, pattern: Pattern, example: str) -> Pattern | None:
    return classifier.first_match(example, source=_source(pattern), phase=_phase(pattern))


def _source(pattern: Pattern) -> str | None:
    """A source under which the pattern is tried: examples are read in their pattern's own setting."""
    return pattern.spec.sources[0] if pattern.spec.sources else None


def _phase(pattern: Pattern) -> str | None:
    return pattern.spec.phases[0] if pattern.spec.phases else None
