"""When the model may take a line for healthy although a pattern matches it.

A failure begins with what failed and says little else; prose that mentions one has it somewhere in its midst. So the
more of a line's words the pattern matches (values say nothing of health), the surer of health the model must be; surer
still where the line names the status of an HTTP error or an error of the system (`ECONNREFUSED`).
"""

import re
from typing import TYPE_CHECKING

from dagster_project.failures.messages import normalise
from dagster_project.failures.model.features import without_values

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
MARGIN_OF_NUMBER = 0.8
"""Added where the line names a status of 400 to 599 or an error of the system: it may say nothing else."""

_SYSTEM_ERROR = re.compile(
    r"\bE(?:CONN(?:REFUSED|RESET|ABORTED)|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_[A-Z]+|PIPE|ADDRINUSE|ACCES|PERM|"
    r"NOENT|EXIST|NOSPC|NOMEM|MFILE|BUSY|ISDIR|NOTDIR|INVAL|PROTO)\b"
)


def is_doubtable(pattern: "Pattern") -> bool:
    """Whether the model is asked about what this pattern matches: a name of one code alone is no other and no prose."""
    return pattern.spec.tier != "named"


def margin_of_doubt(regex: str, text: str) -> float:
    """How much surer of health than of every code the model must be about a telling text that the regex matches."""
    found = normalise.compiled(regex).search(text)
    if found is None or not text:
        return LEAST_MARGIN
    share = _length_of_words(found.group()) / max(_length_of_words(text), 1)
    margin = LEAST_MARGIN + MARGIN_OF_ALL * share + MARGIN_AT_START * (found.start() == 0)
    has_number = normalise.status_in_text(text) is not None or _SYSTEM_ERROR.search(text) is not None
    return min(margin, MOST_MARGIN) + MARGIN_OF_NUMBER * has_number


def _length_of_words(text: str) -> int:
    return len(without_values(text).replace("<*>", "").strip())
