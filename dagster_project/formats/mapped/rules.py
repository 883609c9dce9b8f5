"""Every rule and every source that a map names, with the key it stands at."""

from collections.abc import Iterator

from dagster_project.formats.mapped.schema import Error, Map, Rule, Score, Steps
from dagster_project.formats.mapped.sources import CAPTURE, EACH, place
from dagster_project.formats.mapped.templates import parse

ITEM, POSITION = "item", "position"
"""What the element of a list is called in its rules, and its place from 1."""
# Deeper than JSON may nest: every level of children is an object in a list.
_LEVELS = 32


def as_rule(rule: str | Rule) -> Rule:
    """A bare source is short for `{from: source}`."""
    return Rule(source=rule) if isinstance(rule, str) else rule


def rules(document: Map) -> Iterator[tuple[str, Rule]]:
    """Rules that read the unit."""
    yield from ((f"fields.{name}", as_rule(rule)) for name, rule in document.fields.items())
    yield from ((f"labels.{name}", as_rule(rule)) for name, rule in document.labels.items())
    if document.event:
        yield from ((f"event.payload.{name}", as_rule(rule)) for name, rule in document.event.payload.items())
    yield from _score_rules("scores", document.scores)


def element_rules(document: Map) -> Iterator[tuple[str, Rule, Steps]]:
    """Rules that read an element of a list as well, and the list."""
    yield from ((key, rule, steps) for steps in document.steps for key, rule in _rules_of_steps(steps))


def element_sources(steps: Steps) -> Iterator[str]:
    """Every source that is read for an element of one list."""
    yield from (source for key, rule in _rules_of_steps(steps) for _, source in rule_sources(key, rule))
    yield from (source for error in steps.errors for source in error_sources(error))


def _rules_of_steps(steps: Steps) -> Iterator[tuple[str, Rule]]:
    for part in ("fields", "llm_call", "tool_call"):
        yield from ((f"steps.{part}.{name}", as_rule(rule)) for name, rule in getattr(steps, part).items())
    yield from _score_rules("steps.scores", steps.scores)


def _score_rules(key: str, scores: list[Score]) -> Iterator[tuple[str, Rule]]:
    for score in scores:
        for name, rule in (("value", score.value), ("label", score.label), ("target", score.target)):
            if rule is not None:
                yield f"{key}.{name}", as_rule(rule)


def rule_sources(key: str, rule: Rule) -> Iterator[tuple[str, str]]:
    """The sources of one rule."""
    yield from ((key, source) for source in rule.sources)
    yield from ((f"{key}.cases", case.source) for case in rule.cases)
    if rule.template is not None:
        yield from ((key, part.text) for part in parse(rule.template) if part.is_placeholder)


def sources(document: Map) -> Iterator[tuple[str, str]]:
    """Every source the map names in the unit, with its key; those of elements written from the unit's own root."""
    yield from (("required", source) for source in document.required)
    yield from (("event_id", source) for source in document.event_id)
    yield from (("ignore", source) for source in document.ignore)
    yield from (("counters", source) for source in document.counters)
    if document.cumulative:
        yield "cumulative.flag", document.cumulative.flag
        yield "cumulative.order", document.cumulative.order
    for key, rule in rules(document):
        yield from rule_sources(key, rule)
    for key, rule, steps in element_rules(document):
        yield from ((name, rooted) for name, found in rule_sources(key, rule) for rooted in _rooted(found, steps))
    for steps in document.steps:
        found = [source for error in steps.errors for source in error_sources(error)]
        yield from (("steps.errors", rooted) for source in found for rooted in _rooted(source, steps))
    yield from (("steps.from", steps.source) for steps in document.steps)
    yield from _text_sources(document)


def _rooted(source: str, steps: Steps) -> Iterator[str]:
    """A source of an element from the unit's root, at every level of children; none for the element's position."""
    if source == POSITION:
        return
    if source != ITEM and not source.startswith((f"{ITEM}.", f"{ITEM}[")):
        yield source
        return
    element = steps.source.removesuffix(EACH) + EACH
    for _ in range(_LEVELS if steps.children else 1):
        yield element + source.removeprefix(ITEM)
        element += f".{steps.children}{EACH}"


def error_sources(error: Error) -> list[str]:
    """The places that tell of an error."""
    found = (error.message, error.error_type, error.top_frame, error.http_status)
    return [source for source in found if source is not None]


def _text_sources(document: Map) -> Iterator[tuple[str, str]]:
    texts = document.texts
    for name, source in (("input", texts.input), ("output", texts.output), ("message", texts.message)):
        if source is not None:
            yield f"texts.{name}", source
    if document.messages:
        yield "messages.from", document.messages.source
    if document.tool_call_counts:
        yield "tool_call_counts", document.tool_call_counts
    for error in document.errors:
        yield from (("errors", source) for source in error_sources(error))


def places(document: Map) -> set[tuple[str, ...]]:
    """Every place in a unit whose value the map takes or ignores.

    What must only be there is not taken, nor is a list that is only counted, or of whose elements nothing is read.
    """
    looking = {"required", "steps.from", "counters"} | {key for key, rule in rules(document) if rule.take == "count"}
    return {steps for key, source in sources(document) if key not in looking and (steps := place(source)) is not None}


def used_captures(document: Map) -> frozenset[str]:
    """Names of the captures that the map makes something of."""
    return frozenset(source.removeprefix(CAPTURE) for _, source in sources(document) if place(source) is None)
