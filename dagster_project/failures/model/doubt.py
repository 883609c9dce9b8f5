"""When the model may take a line for healthy although a pattern matches it.

A failure begins with what failed and says little else; prose that mentions one has it somewhere in its midst. So the
more of a line the pattern matches, the surer of health the model must be; surer still where the line names the status
of an HTTP error.
"""

from typing import TYPE_CHECKING

from dagster_project.failures.messages import normalise

if TYPE_CHECKING:
    from dagster_project.failures.taxonomy import Pattern

LEAST_MARGIN = -0.2
"""What the model may make of a line's health, where next to nothing of the line is matched."""
MARGIN_OF_ALL = 1.0
"""Added to it where all of the line is matched; in proportion where a part is."""
MARGIN_AT_START = 0.2
"""Added where the match begins the line."""
MOST_MARGIN = 0.8
"""No line is beyond doubt: some are nothing but words of a failure ("Timeout in seconds waiting for tasks.")."""
MARGIN_OF_STATUS = 0.3
"""Added where the line names a status of 400 to 599."""


def is_doubtable(pattern: "Pattern") -> bool:
    """Whether the model is asked about what this pattern matches: a name of one code alone is no other and no prose."""
    return pattern.spec.tier != "named"


def margin_of_doubt(regex: str, text: str) -> float:
    """How much surer of health than of every code the model must be about a telling text that the regex matches."""
    found = normalise.compiled(regex).search(text)
    if found is None or not text:
        return LEAST_MARGIN
    start, end = found.span()
    margin = LEAST_MARGIN + MARGIN_OF_ALL * (end - start) / len(text) + MARGIN_AT_START * (start == 0)
    return min(margin, MOST_MARGIN) + MARGIN_OF_STATUS * (normalise.status_in_text(text) is not None)
