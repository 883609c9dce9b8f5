"""Which keys of a map need, or exclude, each other."""

from collections import Counter
from pathlib import Path

from dagster_project import records
from dagster_project.declarations.documents import closest
from dagster_project.errors import UsageError
from dagster_project.formats.mapped.schema import Map, Score, Steps

_CACHE_PARTS = ("cache_read_tokens", "cache_write_tokens")
_COUNTED_FRAMINGS = ("array", "lines")
_EVENT_FIELDS = ("agent_id", "organization_id", "occurred_at")


def check_structure(document: Map, *, path: Path) -> None:
    """Raise UsageError for the first key that lacks another, or does not go with it."""
    _check_run(document, path=path)
    _check_framing(document, path=path)
    _check_cumulative(document, path=path)
    _check_event(document, path=path)
    _check_scores("scores", document.scores, path=path)
    for steps in document.steps:
        _check_scores("steps.scores", steps.scores, path=path)
        _check_calls(steps, path=path)
    roles = records.ENUMS[("messages", "role")]
    messages = document.messages
    for key, role in _roles(document):
        if role not in roles:
            raise UsageError(f"{path}: '{key}': '{role}' is no role.", remedy=closest(role, roles))
    if messages and messages.speaker and messages.roles:
        raise UsageError(f"{path}: 'messages': speaker and roles exclude each other.", remedy="Remove one.")


def _roles(document: Map) -> list[tuple[str, str]]:
    messages = document.messages
    if messages is None:
        return []
    named = [("messages.roles", role) for role in (messages.roles or {}).values()]
    return named + ([("messages.speaker", messages.speaker)] if messages.speaker is not None else [])


def _check_run(document: Map, *, path: Path) -> None:
    if "agent_id" not in document.fields:
        raise UsageError(f"{path}: 'fields.agent_id' is missing.", remedy="Say which agent the run is of.")
    if "outcome" in document.fields and "outcome_source" not in document.fields:
        raise UsageError(
            f"{path}: 'fields.outcome_source' is missing.",
            remedy=f"Say who judged the outcome: {', '.join(sorted(records.ENUMS[('runs', 'outcome_source')]))}.",
        )
    given = [(f"fields.{part}", part in document.fields) for part in _CACHE_PARTS]
    given += [(f"steps.llm_call.{part}", part in steps.llm_call) for steps in document.steps for part in _CACHE_PARTS]
    cached = [key for key, is_given in given if is_given]
    if cached and document.token_convention is None:
        raise UsageError(
            f"{path}: 'token_convention' is missing although '{cached[0]}' is given.",
            remedy="Write inclusive when input_tokens counts cached tokens too, else exclusive.",
        )
    if document.tool_call_counts and "tool_call_count" in document.fields:
        raise UsageError(
            f"{path}: 'tool_call_counts' and 'fields.tool_call_count' say the same.", remedy="Keep one of them."
        )


def _check_framing(document: Map, *, path: Path) -> None:
    is_tree = document.framing == "tree"
    if is_tree != (document.children is not None):
        raise UsageError(
            f"{path}: 'children' {'is missing' if is_tree else 'does not suit this framing'}.",
            remedy="It names the key below which the nodes of framing tree nest.",
        )
    if is_tree and not any(source.startswith("document.") for source in document.required):
        raise UsageError(
            f"{path}: 'required' names nothing of 'document'.",
            remedy="Name a key that stands beside the tree: files are known by it.",
        )
    if document.counters and document.framing not in _COUNTED_FRAMINGS:
        raise UsageError(
            f"{path}: 'counters' do not suit the framing {document.framing}.",
            remedy=f"They run through units of {' or '.join(_COUNTED_FRAMINGS)}.",
        )


def _check_cumulative(document: Map, *, path: Path) -> None:
    if document.cumulative is None:
        return
    if document.cumulative.order not in document.event_id:
        raise UsageError(
            f"{path}: 'cumulative.order': '{document.cumulative.order}' is not in 'event_id'.",
            remedy="Units that differ only in their order are different events: add it there.",
        )
    for field in ("run_id", "started_at", "occurred_at"):
        if field in document.fields:
            raise UsageError(
                f"{path}: 'fields.{field}' does not go with 'cumulative'.",
                remedy="Which unit of a run counts is decided by the order alone: leave it out.",
            )


def _check_event(document: Map, *, path: Path) -> None:
    if document.event is None:
        return
    if document.event.event_type not in records.EVENT_TYPES:
        raise UsageError(
            f"{path}: 'event.type': '{document.event.event_type}' is no type of event.",
            remedy=closest(document.event.event_type, records.EVENT_TYPES),
        )
    of_runs = {
        "labels": document.labels, "messages": document.messages, "steps": document.steps,
        "errors": document.errors, "tool_call_counts": document.tool_call_counts, "cumulative": document.cumulative,
    }  # fmt: skip
    given = [name for name, value in of_runs.items() if value]
    given += [f"fields.{name}" for name in document.fields if name not in _EVENT_FIELDS]
    given += [f"texts.{name}" for name in ("input", "output", "message") if getattr(document.texts, name)]
    given += ["a score without target" for score in document.scores if score.target is None]
    if given:
        raise UsageError(
            f"{path}: 'event': {given[0]} belongs to a run, which these units are not.",
            remedy=f"Keep fields to {', '.join(_EVENT_FIELDS)}, put values into the payload, give scores a target.",
        )


def _check_calls(steps: Steps, *, path: Path) -> None:
    for part, kind in (("llm_call", "llm"), ("tool_call", "tool")):
        if getattr(steps, part) and "kind" not in steps.fields:
            raise UsageError(
                f"{path}: 'steps.{part}' needs 'steps.fields.kind'.", remedy=f"Only a step of kind {kind} is one."
            )
    if steps.tool_call and "tool_name" not in steps.tool_call:
        raise UsageError(f"{path}: 'steps.tool_call.tool_name' is missing.", remedy="Say which tool was called.")


def _check_scores(key: str, scores: list[Score], *, path: Path) -> None:
    kinds = records.ENUMS[("scores", "scorer_kind")]
    twice = [name for name, count in Counter(score.name for score in scores).items() if count > 1]
    if twice:
        raise UsageError(f"{path}: '{key}': '{twice[0]}' is given twice.", remedy="Give each score its own name.")
    for score in scores:
        if score.value is None and score.label is None:
            raise UsageError(f"{path}: '{key}': '{score.name}' has no value.", remedy="Give it a value or a label.")
        if score.scorer_kind is not None and score.scorer_kind not in kinds:
            raise UsageError(
                f"{path}: '{key}': '{score.scorer_kind}' is no kind of scorer.",
                remedy=closest(score.scorer_kind, kinds),
            )
