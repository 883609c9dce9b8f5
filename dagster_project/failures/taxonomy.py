"""The failure taxonomy: `failure_modes.yaml` read into values that the classifier, SQL and documents share.

Patterns are tried by tier (named, specific, general, fallback), within a tier in file order; the first match wins.
`named` holds what only one code can mean: an exception's name, a product's own error, a whole phrase.
A user's `RELIABILITY_HOME/declarations/failure_modes.yaml` replaces the shipped file as a whole.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec
import re2
import yaml

from dagster_project.conversion import convert
from dagster_project.errors import UsageError
from dagster_project.failures.messages.normalise import ENVELOPE_RULES
from dagster_project.settings import Settings

FILE_NAME = "failure_modes.yaml"
SHIPPED_FILE = Path(__file__).parent / FILE_NAME
UNKNOWN_CODE = "UNKNOWN.UNCLASSIFIED"

TIERS = ("named", "specific", "general", "fallback")
# A pattern's precision is worth this many observed hits of its family's, and a family's this many of its tier's.
# It is large on purpose: the counts come from messages that were read while patterns were written.
PRIOR_HITS = 8.0
# Precision of a tier before its counts. Specific and general: measured once on a third of the labelled errors (103),
# held back until the patterns were written: .90 of those that got a code got the right one. Fallback patterns go by
# the phase alone; theirs is a judgement.
PRIOR_PRECISION = {"named": 0.95, "specific": 0.9, "general": 0.9, "fallback": 0.5}


class PatternSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One way to detect a code: an RE2 regex, any of several, or a substring; case never matters."""

    regex: str | None = None
    any_of: tuple[str, ...] = ()
    contains: str | None = None
    tier: Literal["named", "specific", "general", "fallback"] = "specific"
    sources: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    matches: tuple[str, ...]
    rejects: tuple[str, ...] = ()
    # [hits, right] on labelled errors; `failures.measure` rewrites it.
    measured: tuple[int, int] = (0, 0)


class Detect(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    mode: Literal["message", "judge", "fallback"]
    sources: tuple[str, ...]
    patterns: tuple[PatternSpec, ...] = ()


class Remediate(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    kind: Literal["checklist", "fixbot", "guardrail"]


class Escalate(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    after_count: int
    to: str


class FailureMode(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One declared code. `wrapper`: it only says that something else failed, so it never is the origin."""

    code: str
    category: str
    title: str
    severity: Literal["info", "low", "medium", "high", "critical"]
    retryable: bool
    attribution: Literal["agent", "environment", "infra", "task", "grader", "unknown"]
    detect: Detect
    remediate: Remediate
    ci_behavior: Literal["blocking", "non_blocking"]
    runbook: str | None = None
    escalate: Escalate | None = None
    wrapper: bool = False
    # Run terminations that are this code when no error was recorded.
    terminations: tuple[str, ...] = ()


class TextRule(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One expression, written as one or as alternatives, with what stands before and behind each of them."""

    alternatives: str | tuple[str, ...] = msgspec.field(name="regex")
    begins: str = ""
    ends: str = ""
    matches: tuple[str, ...]
    rejects: tuple[str, ...] = ()

    @property
    def regex(self) -> str:
        """The whole of it."""
        either = _joined(self.alternatives)
        return f"{self.begins}(?:{either}){self.ends}" if self.begins or self.ends else either


class Harmless(TextRule, frozen=True, kw_only=True):
    """Words that deny a failure ("0 errors", `"error": null`), wherever they stand: they are read as `<none>`."""


class NotAnError(TextRule, frozen=True, kw_only=True):
    """A line that reports no failure: tried before every pattern, it keeps general words from raising false alarms.

    It does not count where `unless` matches too: "waiting for the lock" is healthy until it "timed out".
    """

    exceptions: str | tuple[str, ...] | None = msgspec.field(name="unless", default=None)

    @property
    def unless(self) -> str | None:
        """The expression of its exceptions."""
        return None if self.exceptions is None else _joined(self.exceptions)


def _joined(alternatives: str | tuple[str, ...]) -> str:
    return alternatives if isinstance(alternatives, str) else "|".join(alternatives)


class Document(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    harmless: tuple[Harmless, ...] = ()
    not_errors: tuple[NotAnError, ...] = ()
    failure_modes: tuple[FailureMode, ...]


@dataclass(frozen=True)
class Pattern:
    """A pattern as it is tried: `ordinal` from 1 in that order, `regex` complete."""

    pattern_id: str
    code: str
    ordinal: int
    regex: str
    confidence: float
    spec: PatternSpec


# libyaml's parser where PyYAML was built with it: a tenth of the time, as safe.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Taxonomy:
    document: Document
    patterns: tuple[Pattern, ...]
    version: str

    @cached_property
    def harmless_regex(self) -> str:
        """The RE2 pattern of every harmless phrase; one that matches nothing where none is declared."""
        return "(?i)" + ("|".join(rule.regex for rule in self.document.harmless) or r"[^\x{0}-\x{10FFFF}]")

    @cached_property
    def modes(self) -> dict[str, FailureMode]:
        return {mode.code: mode for mode in self.document.failure_modes}


def full_regex(spec: PatternSpec) -> str:
    """The RE2 pattern of a spec: alternatives are joined into one, which is tried in one pass over a text."""
    if spec.any_of:
        return "(?i)" + "|".join(spec.any_of)
    return "(?i)" + (spec.regex if spec.regex is not None else re2.escape(spec.contains or ""))


def parse_taxonomy(content: bytes, *, name: str) -> Taxonomy:
    """The taxonomy in YAML `content`; `name` is what an error calls the file. Raises UsageError."""
    remedy = f"Correct it, or remove the file to use the shipped {FILE_NAME}."
    try:
        document = convert(yaml.load(content, Loader=_LOADER), Document)
    except yaml.YAMLError as error:
        raise UsageError(f"{name} is not YAML: {error}.", remedy=remedy) from error
    except msgspec.ValidationError as error:
        raise UsageError(f"{name}: {error}.", remedy=remedy) from error
    rules = repr([(rule.pattern, rule.replacement) for rule in ENVELOPE_RULES]).encode()
    version = "v1-" + hashlib.sha256(content + rules).hexdigest()[:12]
    return Taxonomy(document=document, patterns=_ordered_patterns(document), version=version)


def taxonomy_file(settings: Settings) -> Path:
    """The user's file if there is one, else the shipped one."""
    override = settings.declarations / FILE_NAME
    return override if override.is_file() else SHIPPED_FILE


def _ordered_patterns(document: Document) -> tuple[Pattern, ...]:
    named = [
        (f"{mode.code}/{number}", mode, spec)
        for mode in document.failure_modes
        for number, spec in enumerate(mode.detect.patterns, start=1)
    ]
    named.sort(key=lambda entry: TIERS.index(entry[2].tier))  # stable: file order within a tier
    precision = _category_precision(document)
    return tuple(
        Pattern(
            pattern_id=pattern_id,
            code=mode.code,
            ordinal=ordinal,
            regex=full_regex(spec),
            confidence=round(_shrunk(*spec.measured, precision[mode.category, spec.tier]), 4),
            spec=spec,
        )
        for ordinal, (pattern_id, mode, spec) in enumerate(named, start=1)
    )


def _shrunk(hits: float, right: float, prior: float) -> float:
    """Observed precision, drawn toward `prior` as if it were PRIOR_HITS more hits (a Beta posterior mean)."""
    return (right + PRIOR_HITS * prior) / (hits + PRIOR_HITS)


def _category_precision(document: Document) -> dict[tuple[str, str], float]:
    """Precision of each family (category and tier) of patterns, drawn toward its tier's prior."""
    families: dict[tuple[str, str], list[int]] = {}
    for mode in document.failure_modes:
        for spec in mode.detect.patterns:
            counts = families.setdefault((mode.category, spec.tier), [0, 0])
            counts[0] += spec.measured[0]
            counts[1] += spec.measured[1]
    return {family: _shrunk(*counts, PRIOR_PRECISION[family[1]]) for family, counts in families.items()}
