"""A pattern and its example written into the taxonomy's YAML, leaving every other line as it is.

The result is a change to review: it is refused where the taxonomy would not be valid with it.
"""

import re

from dagster_project.errors import UsageError
from dagster_project.failures.messages.grouping import VARIES
from dagster_project.failures.taxonomy import Taxonomy, parse_taxonomy
from dagster_project.failures.validation import taxonomy_problems

_ANYTHING = ".{0,80}"
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_MODE = re.compile(r"^  - code: (\S+)$")


def suggested_pattern(masked_message: str) -> str:
    """A pattern for a masked message: its words as they are, anything where the mask hides what varies."""
    words = [_SPECIAL.sub(r"\\\g<0>", part.strip()) for part in masked_message.split(VARIES)]
    return _ANYTHING.join(words).removeprefix(_ANYTHING).removesuffix(_ANYTHING) if any(words) else ""


def promoted(content: str, *, code: str, pattern: str, example: str, name: str) -> str:
    """The YAML with the pattern added to the code. Raises UsageError naming every problem it would have."""
    before = parse_taxonomy(content.encode(), name=name)
    if code not in before.modes:
        raise UsageError(f"{name} has no code {code}.", remedy="Give one that `reliability taxonomy index` lists.")
    after = _with_pattern(content, code, pattern, example, is_first=not before.modes[code].detect.patterns)
    taxonomy: Taxonomy = parse_taxonomy(after.encode(), name=name)
    if problems := taxonomy_problems(taxonomy):
        shown = "\n  ".join(problems)
        raise UsageError(
            f"With this pattern {name} would have {len(problems)} problem(s):\n  {shown}\n",
            remedy="Give another --pattern or --example.",
        )
    return after


def _with_pattern(content: str, code: str, pattern: str, example: str, *, is_first: bool) -> str:
    """The lines of the new pattern go behind the last line of the code."""
    lines = content.split("\n")
    start = next(number for number, line in enumerate(lines) if _code_of(line) == code)
    end = next((number for number in range(start + 1, len(lines)) if _code_of(lines[number])), len(lines))
    while not lines[end - 1].strip():
        end -= 1
    added = [
        f"        - regex: {_quoted(pattern)}",
        f"          matches: [{_quoted(example)}]",
        "          rejects: []",
        "          measured: [0, 0]",
    ]
    if is_first:
        added.insert(0, "      patterns:")
    return "\n".join([*lines[:end], *added, *lines[end:]])


def _code_of(line: str) -> str | None:
    found = _MODE.match(line)
    return found.group(1) if found else None


def _quoted(text: str) -> str:
    """A single-quoted YAML scalar."""
    return "'" + text.replace("'", "''") + "'"
