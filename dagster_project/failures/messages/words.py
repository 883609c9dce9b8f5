"""A masked message as the words that are compared: values of several masks as one, and no brackets, quotes or units."""

import re

from dagster_project.failures.messages.names import CONSTANTS, is_common
from dagster_project.failures.messages.values import VARIES, with_values_as_one

MAX_WORDS = 160
"""Words of a message that are compared; what follows is taken to be equal."""

Words = tuple[str, ...]

_WORD = re.compile(r"<\*>|\w+(?:[-.'’+]\w+)*|[^\s\w]")
_JOINED = re.compile(r"[-_.'’+]")
_CONSTANT_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_LISTED = frozenset("/|$&")
_UNITS = frozenset(
    [
        *["us", "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hour"],
        *["hours", "B", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "byte", "bytes", "k", "K", "M", "G"],
        *["g", "kg", "t", "lb", "day", "days", "UTC", "GMT", "AM", "PM", "am", "pm", "%", "°", "°C", "EUR"],
        *["USD", "GBP", "€", "$", "£"],
    ]
)
"""What a measured value brings along."""
_SILENT = frozenset("[]{}\"'`‘’“”„«»‹›.,;")
"""Left out: a value may bring its own brackets and quotes, and a mask may take the full stop behind it along."""


def comparable_words(message: str) -> Words:
    """The words of a message, with names that their own spelling gives away masked, and runs of masks as one."""
    words: list[str] = []
    shortened = with_values_as_one(message, is_common=is_common)
    for place, word in enumerate(_WORD.findall(shortened)[:MAX_WORDS]):
        is_name = _CONSTANT_NAME.fullmatch(word) or (place and _JOINED.search(word) and not is_common(word))
        shown = VARIES if is_name or (word[0].isalpha() and not word.isascii()) else word
        if shown in _SILENT or (shown in _UNITS | CONSTANTS and words and words[-1] == VARIES):
            continue
        if shown == VARIES:
            # The fields of an object are one value, however many there are.
            if words[-4:] == [VARIES, ":", VARIES, ":"]:
                words.pop()
                continue
            before = len(words)
            while before and words[before - 1] in _LISTED:
                before -= 1
            if before and words[before - 1] == VARIES:
                del words[before:]
                continue
        words.append(shown)
    return tuple(words)
