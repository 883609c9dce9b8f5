"""How the content of a stretch's lines is written: what is the same in all of them, and where a member's value stands.

Most members are in no line of a stretch, and their marks of absence follow one another.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from dagster_project.formats.native.content import ABSENT, SEPARATOR, WITHIN
from dagster_project.formats.native.scanning.kinds import NONE


class ContentSteps(msgspec.Struct, frozen=True):
    """Each step writes the letters from its place to the next one's, then the value of its member, if it has one.

    `inside`: how many of the following steps are passed over where there is no such object.
    """

    members: np.ndarray
    places: np.ndarray
    inside: np.ndarray
    letters: np.ndarray


def content_steps(order: Mapping[int, Sequence[int]], there: np.ndarray) -> ContentSteps:
    """The steps for lines that have only members that are `there`; the order names those of each object."""
    steps = _steps(list(order), SEPARATOR, there, inside=order)
    letters = "".join(before for before, _, _ in steps).encode()
    return ContentSteps(
        members=np.array([member for _, member, _ in steps], dtype=np.int64),
        places=np.cumsum([0, *(len(before) for before, _, _ in steps)], dtype=np.int64),
        inside=np.array([inside for _, _, inside in steps], dtype=np.int64),
        letters=np.frombuffer(letters, dtype=np.uint8),
    )


def _steps(
    members: Sequence[int], separator: str, there: np.ndarray, *, inside: Mapping[int, Sequence[int]]
) -> list[tuple[str, int, int]]:
    """Of each step the letters, the member, and how many steps are its object's."""
    steps: list[tuple[str, int, int]] = []
    before = ""
    for place, member in enumerate(members):
        before += separator if place else ""
        if not there[member]:
            before += ABSENT
            continue
        of_object = _steps(inside.get(member, []), WITHIN, there, inside={})
        steps += [(before, member, len(of_object)), *of_object]
        before = ""
    return [*steps, (before, NONE, 0)] if before else steps
