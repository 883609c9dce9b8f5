"""What a rule is: a pattern, the type its finds are replaced by, and what else must hold of a find."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import re2

Check = Callable[[str, str], bool]
"""Whether a find counts: (the found value, the text around it)."""


# In JSON text a line feed is a letter after a backslash: what follows begins a word, too.
_WORD_START = r"(?:\b|\\[nrt])"
_FIRST_BOUNDARY = re.compile(r"(^|\||\(\?i\))\\b")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One kind of find. `pattern` is RE2; its first group is what is replaced, without a group all of it.

    A `known` format is told by its form alone, wherever it stands, encoded or not. The others need what is around
    them. A find that `shortens` may have taken in the words behind it: it is tried without them. A rule that `needs`
    words (small letters; of each text between `|` one) is tried only where they stand: patterns with wide gaps are slow.
    A rule that looks `near` a word finds its pattern only where it begins so many bytes before or behind that word.
    `holds` is a part that every find of the pattern has, where that is told faster than the whole.
    """

    type: str
    pattern: str
    check: Check | None = None
    known: bool = False
    shortens: bool = False
    needs: tuple[str, ...] = ()
    holds: str = ""
    near: str = ""
    before: int = 0
    behind: int = 0

    @property
    def signs(self) -> list[list[bytes]]:
        """Of each of these lists of patterns one must match in the text, or the rule finds nothing there."""
        if self.needs:
            return [[b"(?i)" + re2.escape(word) for word in words.encode().split(b"|")] for words in self.needs]
        return [[self.trigger if self.near else _after_escapes(self.holds or self.pattern)]]

    @property
    def trigger(self) -> bytes:
        """What must match anywhere before the rule is tried."""
        return _after_escapes(self.near) if self.near else self.expression

    @property
    def expression(self) -> bytes:
        """The pattern as it is compiled; a match may begin with the escape of a line feed or tab before the find."""
        return _after_escapes(self.pattern)


def _after_escapes(pattern: str) -> bytes:
    return _FIRST_BOUNDARY.sub(lambda found: found[1] + _WORD_START, pattern).encode()


def known(type_: str, *patterns: str) -> list[Rule]:
    """Rules of known formats, a rule for each pattern: small ones are matched faster than one large one."""
    return [Rule(type=type_, pattern=pattern, known=True) for pattern in patterns]
