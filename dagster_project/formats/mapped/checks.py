"""What a map must hold beyond its shape. Every mistake is a UsageError that names the key and the nearest right one."""

import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from dagster_project import records
from dagster_project.declarations.documents import closest
from dagster_project.errors import UsageError
from dagster_project.formats.base import Rejected
from dagster_project.formats.mapped.fields import converter
from dagster_project.formats.mapped.measures import UNITS, is_form, zone_of
from dagster_project.formats.mapped.rules import ITEM, POSITION, as_rule, element_rules, rule_sources, rules, sources
from dagster_project.formats.mapped.schema import Map, Rule, Steps
from dagster_project.formats.mapped.sources import CAPTURE, EACH, is_index, place
from dagster_project.formats.mapped.steps import LLM_CALL_FIELDS, STEP_FIELDS, TOOL_CALL_FIELDS
from dagster_project.formats.mapped.structure import check_structure
from dagster_project.formats.mapped.templates import PathTemplate, TemplateError, parse

_MADE_ELSEWHERE = {"labels", "input_sha256", "output_sha256", "message_sha256", "event_id", "event_date"}
FIELDS: dict[str, pa.DataType] = {
    column.name: column.type
    for column in records.TABLES["runs"]
    if column.name not in records.PROVENANCE and column.name not in _MADE_ELSEWHERE
}
"""The run's columns that `fields` may fill."""

_STEP_TABLES = (
    ("fields", "steps", STEP_FIELDS, "step"),
    ("llm_call", "llm_calls", LLM_CALL_FIELDS, "LLM call"),
    ("tool_call", "tool_calls", TOOL_CALL_FIELDS, "tool call"),
)
"""Part of a declared list of steps → the table it fills, its columns, and what that is called."""
_ROOTS = {"object": ("key", "value"), "tree": ("key", "path", "value", "document")}
_SCORE_VALUES = frozenset({"scores.value", "steps.scores.value"})
# What people write who know another language of places; in CSV a column may be called anything.
_OTHER_INDEX = re.compile(r"\[[^\[\]]*\]$")
_LISTS = frozenset({"steps.from", "messages.from"})


def check_map(document: Map, *, path: Path) -> None:
    """Raise UsageError for the first thing in the map that cannot work."""
    captures = _captures(document, path=path)
    for field, rule in document.fields.items():
        _check_field(f"fields.{field}", field, as_rule(rule), table="runs", columns=FIELDS, whose="run", path=path)
    for steps in document.steps:
        _check_step_fields(steps, path=path)
    for key, rule in [*rules(document), *((key, rule) for key, rule, _ in element_rules(document))]:
        _check_rule(key, rule, path=path)
        _check_unit(key, rule, path=path)
        if key in _SCORE_VALUES:
            _check_constants(key, "value", rule, column=records.REAL, path=path)
    for key, source in sources(document):
        _check_source(key, source, captures=captures, framing=document.framing, path=path)
    _check_lists(document, path=path)
    check_structure(document, path=path)


def _captures(document: Map, *, path: Path) -> list[str]:
    if document.path is None:
        return []
    try:
        return PathTemplate(document.path).captures
    except TemplateError as error:
        raise UsageError(f"{path}: 'path': {error}.", remedy="Correct the template.") from None


def _check_step_fields(steps: Steps, *, path: Path) -> None:
    for part, table, columns, whose in _STEP_TABLES:
        for field, rule in getattr(steps, part).items():
            key = f"steps.{part}.{field}"
            _check_field(key, field, as_rule(rule), table=table, columns=columns, whose=whose, path=path)


def _check_field(
    key: str, field: str, rule: Rule, *, table: str, columns: dict[str, pa.DataType], whose: str, path: Path
) -> None:
    if field not in columns:
        article = "an" if whose[0] == "L" else "a"
        raise UsageError(f"{path}: '{key}': {article} {whose} has no such field.", remedy=closest(field, columns))
    column = columns[field]
    _check_unit(key, rule, path=path)
    if rule.add is not None and column != records.COUNT:
        raise UsageError(f"{path}: '{key}.add' does not suit this field.", remedy="Only whole numbers are added to.")
    allowed = records.ENUMS.get((table, field))
    for constant in _constants(rule):
        if allowed and constant not in allowed:
            raise UsageError(
                f"{path}: '{key}': '{constant}' is not one of its values.",
                remedy=closest(str(constant), allowed),
            )
    _check_constants(key, field, rule, column=column, path=path)


def _check_constants(key: str, field: str, rule: Rule, *, column: pa.DataType, path: Path) -> None:
    """Every value that the rule itself holds must be one of the column's type."""
    for constant in _constants(rule):
        try:
            converter(column, unit=rule.unit, is_text=False, zone=rule.zone)(constant, field)
        except Rejected as rejected:
            expectation = rejected.detail.removeprefix(f"{field}: ")
            raise UsageError(f"{path}: '{key}': {expectation}.", remedy="Correct the value.") from None


def _check_unit(key: str, rule: Rule, *, path: Path) -> None:
    """A unit must be one of what the rule's column measures."""
    field = key.rpartition(".")[2]
    is_payload = key.startswith(("labels.", "event.payload."))
    measured = None if is_payload else _measured(field)
    known = UNITS.get(measured or "", ())
    if rule.unit is not None and rule.unit not in known and not (measured == "time" and is_form(rule.unit)):
        also = ", or a form such as '%Y-%m-%d %H:%M:%S'" if measured == "time" else ""
        raise UsageError(
            f"{path}: '{key}.unit': '{rule.unit}' does not suit this field.",
            remedy=f"Expected {', '.join(known)}{also}." if known else "It has no unit: leave it out.",
        )
    if rule.zone is None:
        return
    if not is_form(rule.unit):
        raise UsageError(f"{path}: '{key}.zone' needs a form as 'unit'.", remedy="As in unit: '%Y-%m-%d %H:%M:%S'.")
    try:
        zone_of(rule.zone)
    except ValueError as error:
        raise UsageError(f"{path}: '{key}.zone': {error}.", remedy="Write +02:00 or Europe/Berlin.") from None


def _measured(field: str) -> str | None:
    if field.endswith("_ms"):
        return "duration"
    if field.endswith("_at"):
        return "time"
    if field.endswith("_usd"):
        return "amount"
    return "share" if field in ("outcome_value", "confidence", "value") else None


def _constants(rule: Rule) -> Iterable[object]:
    """Every value that the rule itself holds."""
    return (
        ([rule.constant] if rule.constant is not None else [])
        + list((rule.values or {}).values())
        + [case.value for case in rule.cases]
    )


def _check_rule(key: str, rule: Rule, *, path: Path) -> None:
    given = [name for name, value in _origins(rule).items() if value is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        raise UsageError(
            f"{path}: '{key}': expected exactly one of from, constant, template; found {found}.",
            remedy="Say once where the value comes from.",
        )
    if rule.constant is not None and (rule.values or rule.null_values):
        raise UsageError(f"{path}: '{key}': a constant takes no values or null_values.", remedy="Remove them.")
    for name, value in (("take", rule.take), ("prefix", rule.prefix), ("suffix", rule.suffix)):
        if value is not None and rule.source is None:
            raise UsageError(f"{path}: '{key}.{name}' needs 'from'.", remedy="Say which place it is applied to.")
    if rule.take is not None and rule.is_cut:
        cut = "suffix" if rule.suffix is not None else "prefix"
        raise UsageError(f"{path}: '{key}': take and {cut} exclude each other.", remedy="Remove one.")
    if rule.template is not None:
        try:
            parse(rule.template)
        except TemplateError as error:
            raise UsageError(f"{path}: '{key}.template': {error}.", remedy="Correct the template.") from None


def _origins(rule: Rule) -> dict[str, object]:
    return {"from": rule.source, "constant": rule.constant, "template": rule.template}


def _check_source(key: str, source: str, *, captures: list[str], framing: str, path: Path) -> None:
    keys = place(source)
    if keys is None:
        name = source.removeprefix(CAPTURE)
        if name not in captures:
            raise UsageError(
                f"{path}: '{key}': the path template captures no '{name}'.",
                remedy=closest(name, captures) if captures else "Add a 'path' template with this capture.",
            )
    elif not all(keys) or is_index(keys[0]):
        raise UsageError(f"{path}: '{key}': '{source}' is no place in a unit.", remedy="Write it as a.b[0].c.")
    elif framing != "csv" and (keys[0] == "$" or any(_OTHER_INDEX.search(step) for step in keys if not is_index(step))):
        raise UsageError(
            f"{path}: '{key}': '{source}' is no place in a unit.",
            remedy="Write a[0].b for the first element, a[-1].b for the last, a[].b for all; without '$' before.",
        )
    elif framing in _ROOTS and keys[0] not in _ROOTS[framing]:
        *first, last = (f"'{root}'" for root in _ROOTS[framing])
        raise UsageError(
            f"{path}: '{key}': '{source}' is no place in a unit of {framing} framing.",
            remedy=f"Places begin with {', '.join(first)} or {last} there.",
        )


def _check_lists(document: Map, *, path: Path) -> None:
    """`[]` gives a list: only what takes one may say it."""
    summed = {key for key, rule in rules(document) if rule.take is not None} | _LISTS | {"ignore"}
    found = [(key, source) for key, source in sources(document) if not key.startswith("steps.")]
    for key, rule, _ in element_rules(document):
        found += rule_sources(key, rule)
        summed |= {key} if rule.take is not None else set()
    for key, source in found:
        steps = place(source) or ()
        if EACH in steps and key not in summed:
            raise UsageError(f"{path}: '{key}': '{source}' is a list of values.", remedy="Say what to take of it.")
        if key.startswith("steps.") and steps[:1] == (POSITION,) and len(steps) > 1:
            raise UsageError(f"{path}: '{key}': '{source}' is no place.", remedy=f"Write {POSITION} or {ITEM}.a.b.")
