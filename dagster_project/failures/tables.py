"""The taxonomy, and what belongs to it, as the declared tables that dbt reads."""

import pyarrow as pa

from dagster_project.failures.classify import classifier_version
from dagster_project.failures.history import EARLIER_CODES_SCHEMA, earlier_codes
from dagster_project.failures.model.judgement import second_opinion
from dagster_project.failures.policy import FIXBOT_POLICY_SCHEMA, load_policy, policy_table
from dagster_project.failures.resolutions import RESOLUTIONS_SCHEMA, resolutions_table
from dagster_project.failures.taxonomy import FailureMode, Pattern, Taxonomy
from dagster_project.failures.validation import load_taxonomy
from dagster_project.settings import Settings

FAILURE_MODES_SCHEMA = pa.schema(
    {
        "code": pa.string(),
        "ordinal": pa.int64(),
        "category": pa.string(),
        "title": pa.string(),
        "severity": pa.string(),
        "retryable": pa.bool_(),
        "attribution": pa.string(),
        "is_wrapper": pa.bool_(),
        "terminations": pa.list_(pa.string()),
        "detect_mode": pa.string(),
        "runbook": pa.string(),
        "remediate_kind": pa.string(),
        "escalate_after": pa.int64(),
        "escalate_to": pa.string(),
        "ci_behavior": pa.string(),
        "classifier_version": pa.string(),
    }
)
"""One row per code, in file order."""

FAILURE_PATTERNS_SCHEMA = pa.schema(
    {
        "pattern_id": pa.string(),
        "code": pa.string(),
        "ordinal": pa.int64(),
        "tier": pa.string(),
        "source": pa.string(),  # comma-separated; NULL: any
        "phase": pa.string(),
        "pattern": pa.string(),
        "confidence": pa.float64(),
        "measured_hits": pa.int64(),
        "measured_right": pa.int64(),
    }
)
"""One row per pattern, in the order they are tried."""


"""One row per text that a pattern must match: what an unknown error is compared with."""

FAILURE_SCHEMAS: dict[str, pa.Schema] = {
    "failure_modes": FAILURE_MODES_SCHEMA,
    "failure_patterns": FAILURE_PATTERNS_SCHEMA,
    "fixbot_policy": FIXBOT_POLICY_SCHEMA,
    "resolutions": RESOLUTIONS_SCHEMA,
    "earlier_codes": EARLIER_CODES_SCHEMA,
}
"""Every declared table of this package."""


def failure_tables(settings: Settings) -> dict[str, pa.Table]:
    """Rows of every table of FAILURE_SCHEMAS. Raises UsageError for a bad taxonomy, policy or resolution."""
    taxonomy = load_taxonomy(settings)
    version = classifier_version(taxonomy, second_opinion(settings))
    return {
        **declared_tables(taxonomy, version=version),
        "fixbot_policy": policy_table(load_policy(settings)),
        "resolutions": resolutions_table(settings, codes=frozenset(taxonomy.modes)),
        "earlier_codes": earlier_codes(settings, classifier_version=version),
    }


def declared_tables(taxonomy: Taxonomy, *, version: str | None = None) -> dict[str, pa.Table]:
    """The tables that a taxonomy alone gives, by name; `version` of the classifier when a model is part of it."""
    modes = [
        {"ordinal": ordinal, "classifier_version": version or taxonomy.version, **_mode_row(mode)}
        for ordinal, mode in enumerate(taxonomy.document.failure_modes, start=1)
    ]
    patterns = [_pattern_row(pattern) for pattern in taxonomy.patterns]
    return {
        "failure_modes": pa.Table.from_pylist(modes, schema=FAILURE_MODES_SCHEMA),
        "failure_patterns": pa.Table.from_pylist(patterns, schema=FAILURE_PATTERNS_SCHEMA),
    }


def _mode_row(mode: FailureMode) -> dict[str, object]:
    return {
        "code": mode.code,
        "category": mode.category,
        "title": mode.title,
        "severity": mode.severity,
        "retryable": mode.retryable,
        "attribution": mode.attribution,
        "is_wrapper": mode.wrapper,
        "terminations": list(mode.terminations),
        "detect_mode": mode.detect.mode,
        "runbook": mode.runbook,
        "remediate_kind": mode.remediate.kind,
        "escalate_after": mode.escalate.after_count if mode.escalate else None,
        "escalate_to": mode.escalate.to if mode.escalate else None,
        "ci_behavior": mode.ci_behavior,
    }


def _pattern_row(pattern: Pattern) -> dict[str, object]:
    spec = pattern.spec
    return {
        "pattern_id": pattern.pattern_id,
        "code": pattern.code,
        "ordinal": pattern.ordinal,
        "tier": spec.tier,
        "source": ",".join(spec.sources) or None,
        "phase": ",".join(spec.phases) or None,
        "pattern": pattern.regex,
        "confidence": pattern.confidence,
        "measured_hits": spec.measured[0],
        "measured_right": spec.measured[1],
    }
