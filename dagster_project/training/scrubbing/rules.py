"""What a rule is: a pattern, the type its finds are replaced by, and what else must hold of a find."""

from collections.abc import Callable
from dataclasses import dataclass

Check = Callable[[str, str], bool]
"""Whether a find counts: (the found value, the text around it)."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One kind of find. `pattern` is RE2; its first group is what is replaced, without a group all of it.

    A `known` format is told by its form alone, wherever it stands, encoded or not. The others need what is around
    them.
    """

    type: str
    pattern: str
    check: Check | None = None
    known: bool = False


def known(type_: str, *patterns: str) -> list[Rule]:
    """Rules of known formats, a rule for each pattern: small ones are matched faster than one large one."""
    return [Rule(type=type_, pattern=pattern, known=True) for pattern in patterns]
