"""A head start: large files that can only be new are decoded while they are still being hashed.

The hash of half a GiB takes as long as worker processes take to come up, or longer, and what it is needed for comes
last: no part says it. Whatever was begun and turns out to be something else is dropped and done again.
"""

from collections.abc import Sequence

from dagster_project.landing.ledger import Ledger
from dagster_project.landing.planning import Planner
from dagster_project.landing.plans import Plan, commit_groups
from dagster_project.landing.reading.compression import compression_of
from dagster_project.landing.reading.file_states import unhashed_state
from dagster_project.landing.reading.sources import Skipped, Source

# A smaller file is hashed before the first worker is there.
_LARGE_BYTES = 32 << 20


def likely_group(planner: Planner, ledger: Ledger, sources: Sequence[Source], *, commit_bytes: int) -> list[Plan]:
    """The first commit's plans without their hashes; none unless each file is large, plain, of lines, and new."""
    plans = []
    for source in sources:
        plan = _likely(planner, ledger, source)
        if plan is None:
            return []
        plans.append(plan)
    return next(iter(commit_groups(plans, commit_bytes=commit_bytes)), [])


def _likely(planner: Planner, ledger: Ledger, source: Source) -> Plan | None:
    """The plan of a file that no earlier landing can have seen: none was of its path or of its size."""
    try:
        state = unhashed_state(source.path)
    except OSError:
        return None  # planning says so
    is_known = ledger.of_path(source.display) is not None or ledger.has_size(state.file_bytes)
    if state.file_bytes < _LARGE_BYTES or compression_of(state.start) != "none" or is_known:
        return None
    detected = planner.detect(source, state)
    if isinstance(detected, Skipped) or detected[0].framing != "lines":
        return None
    plan = Plan(source, "new", detected[0].name, state.file_bytes, "", "", is_plain=True)
    plan.modified_ns = state.modified_ns
    return plan


def is_as_begun(plans: Sequence[Plan], begun: Sequence[Plan]) -> bool:
    """Whether these plans are, but for their hashes, the ones with which a start was made."""
    return bool(begun) and [_beginning(plan) for plan in plans] == [_beginning(plan) for plan in begun]


def _beginning(plan: Plan) -> tuple[object, ...]:
    return plan.source, plan.action, plan.format, plan.file_bytes, plan.modified_ns, plan.is_plain
