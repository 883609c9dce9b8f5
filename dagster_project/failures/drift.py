"""How far the taxonomy and what is met in logs have moved apart, told from a published snapshot's errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dagster_project.failures.taxonomy import UNKNOWN_CODE, Taxonomy

STALE_AFTER_DAYS = 90
"""A pattern without a hit for so long is reported: its library may have moved.

Counted back from the latest error of each organization: the logs of one may end long before those of another begin.
"""


@dataclass(frozen=True)
class SeenErrors:
    """Errors of one (organization, code, matched pattern), as the snapshot counts them."""

    organization_id: str | None
    code: str
    matched_pattern: str | None
    error_count: int
    last_seen: date | None


@dataclass(frozen=True)
class Drift:
    """`stale_patterns` are patterns of the taxonomy without a recent hit; `undeclared_codes` are met, not declared."""

    error_count: int
    unknown_count: int
    stale_patterns: tuple[str, ...]
    undeclared_codes: tuple[str, ...]
    is_built_with_this_taxonomy: bool

    @property
    def unknown_share(self) -> float | None:
        """NULL-like None where no error was counted."""
        return self.unknown_count / self.error_count if self.error_count else None


def drift_of(taxonomy: Taxonomy, seen: Sequence[SeenErrors], *, built_versions: Sequence[str]) -> Drift:
    """Compare a taxonomy with the errors of one snapshot, which was built with `built_versions`."""
    latest: dict[str | None, date] = {}
    for row in seen:
        if row.last_seen:
            latest[row.organization_id] = max(row.last_seen, latest.get(row.organization_id, row.last_seen))
    recent = {
        row.matched_pattern
        for row in seen
        if row.last_seen and (latest[row.organization_id] - row.last_seen).days <= STALE_AFTER_DAYS
    }
    return Drift(
        error_count=sum(row.error_count for row in seen),
        unknown_count=sum(row.error_count for row in seen if row.code == UNKNOWN_CODE),
        stale_patterns=tuple(pattern.pattern_id for pattern in taxonomy.patterns if pattern.pattern_id not in recent),
        undeclared_codes=tuple(sorted({row.code for row in seen} - set(taxonomy.modes))),
        is_built_with_this_taxonomy=all(built.startswith(taxonomy.version) for built in built_versions),
    )
