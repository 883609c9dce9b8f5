"""What is to be done with each file, and which files are done together."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from dagster_project.landing.ledger import Row
from dagster_project.landing.reading.sources import Source

Action = Literal["new", "grown", "tail", "texts", "again", "repeat"]

LATER: tuple[Action, ...] = ("texts", "tail", "again")
"""What may be left to do with content that has landed, in this order, after everything new."""

# How much larger a compressed log usually is when decompressed: only sizes the commits.
_USUAL_RATIO = 10


class Plan(msgspec.Struct):
    """One file and what landing does with it. `previous` is the ledger row the new one will replace."""

    source: Source
    action: Action
    format: str
    file_bytes: int
    sha256: str
    batch_id: str
    is_plain: bool
    identity_sha256: str = ""
    resume_offset: int = 0
    units_before: int = 0
    previous: Row | None = None
    modified_ns: int = 0
    settles_tail: bool = False  # also when the file is read for its texts

    @property
    def weight(self) -> int:
        """Decompressed bytes to decode, about."""
        return self.file_bytes - self.resume_offset if self.is_plain else self.file_bytes * _USUAL_RATIO


def commit_groups(plans: Sequence[Plan], *, commit_bytes: int) -> list[list[Plan]]:
    """Neighbouring files that land in one commit: as many as fit, at least one.

    Only files with something to do count, so a landing that was killed between two commits goes on with
    exactly the groups it would have made.
    """
    groups: list[list[Plan]] = []
    weight = 0
    for plan in plans:
        if not groups or weight + plan.weight > commit_bytes:
            groups.append([])
            weight = 0
        groups[-1].append(plan)
        weight += plan.weight
    return groups
