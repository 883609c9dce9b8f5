"""The classifier as SQL functions, generated from the taxonomy and never committed.

Belongs here: DuckDB's dialect of the functions that `dbt/macros/engine/failure_functions.sql` calls. Patterns
appear in it only as escaped string literals; no template engine ever reads them.
"""

from collections.abc import Sequence

from dagster_project.failures.messages import normalise
from dagster_project.failures.messages.fingerprint import FINGERPRINT_VERSION
from dagster_project.failures.messages.normalise import Rule
from dagster_project.failures.taxonomy import NotAnError, Taxonomy
from dagster_project.failures.validation import load_taxonomy
from dagster_project.settings import Settings


def failure_functions_sql(settings: Settings) -> str:
    """SQL that creates the classifier's functions in schema `functions`. Raises UsageError for a bad taxonomy."""
    return functions_sql(load_taxonomy(settings))


def functions_sql(taxonomy: Taxonomy) -> str:
    """One CREATE MACRO per function; each is one expression over its arguments."""
    functions = {
        "classifier_text(message)": replaced("message", normalise.ENVELOPE_RULES),
        "masked_message(classifier_text)": replaced("classifier_text", normalise.MASK_RULES),
        "status_in_text(classifier_text)": (
            f"nullif(regexp_extract(classifier_text, {literal(normalise.STATUS_PATTERN)}, 1), '')"
        ),
        "telling_text(classifier_text)": _telling_text(taxonomy),
        "reports_health(error_text)": _is_healthy(taxonomy),
        "error_fingerprint(source, phase, code_declared, http_status, masked, top_frame)": _hashed(
            ["source", "phase", "code_declared", "http_status", "masked", "top_frame"]
        ),
        "error_group(code, template)": _hashed(["code", "template"]),
    }
    return ";\n".join(f"create or replace macro functions.{name} as {body}" for name, body in functions.items()) + ";\n"


def literal(text: str) -> str:
    """`text` as a SQL string literal: the only special character is the quote, doubled."""
    return "'" + text.replace("'", "''") + "'"


def replaced(column: str, rules: Sequence[Rule]) -> str:
    """The expression that applies every rule to `column`, in order."""
    expression = column
    for rule in rules:
        expression = f"regexp_replace({expression}, {literal(rule.pattern)}, {literal(rule.replacement)}, 'g')"
    return expression


def _telling_text(taxonomy: Taxonomy) -> str:
    """The text without its harmless phrases."""
    return replaced("classifier_text", [Rule("harmless phrases", taxonomy.harmless_regex, normalise.HARMLESS)])


def _is_healthy(taxonomy: Taxonomy) -> str:
    """Whether a rule takes the text for a healthy line."""
    rules = taxonomy.document.not_errors
    quiet = literal(normalise.QUIET)
    said = f"substr(error_text, {len(normalise.QUIET) + 1})"
    as_it_is, as_said = (
        " or ".join(f"({_healthy(rule, text)})" for rule in rules) or "false" for text in ("error_text", said)
    )
    return f"coalesce({as_it_is} or (starts_with(error_text, {quiet}) and ({as_said})), false)"


def _healthy(rule: NotAnError, text: str) -> str:
    matched = f"regexp_matches({text}, {literal('(?i)' + rule.regex)})"
    return matched + (
        f" and not regexp_matches({text}, {literal('(?i)' + rule.unless)})" if rule.unless is not None else ""
    )


def _hashed(fields: Sequence[str]) -> str:
    """SHA-256 of the fields in the length-prefixed form of `fingerprint.length_prefixed`."""
    prefixed = (
        f"case when {field} is null then '~' else concat(strlen({field}), ':', {field}) end" for field in fields
    )
    version = literal(f"{len(FINGERPRINT_VERSION)}:{FINGERPRINT_VERSION}")
    return f"sha256(concat({', '.join([version, *prefixed])}))"
