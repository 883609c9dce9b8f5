"""Which masked messages are one problem: names vary where no mask can see ("waiting for orchid", "for zebra").

The templates of one code are found from the *set* of its masked messages, so neither their order nor the day on which
each arrived can matter. Messages of equal length that begin alike are split, recursively, at the position that takes
the fewest values, for as long as its values are the words of messages ("old", "new") rather than names ("orchid").
`common_words.txt` tells the two apart: words that the messages of at least three of 29 public packages hold, in five
messages or more, mostly in lower case; and those of six of 430 others, in ten or more, not always capitalised.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache
from pathlib import Path

from dagster_project.failures.values import VARIES, with_values_as_one

NAME_SHARE = 4
"""A position varies when at least one in so many of its values is no common word: a name may happen to be one."""
MOST_NAMES = 0.5
"""Share of names at a position that still parts messages which have no word in common."""
FEWEST_WORDS = 2
"""A template of no more words than these keeps its length: it says too little to be the same as one of another."""
MAX_WORDS = 160
"""Words of a message that are compared; what follows is taken to be equal."""

Words = tuple[str, ...]

_WORD = re.compile(r"<\*>|\w+(?:[-.'’+]\w+)*|[^\s\w]")
_JOINED = re.compile(r"[-_.'’+]")
_CONSTANT_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_LISTED = frozenset("/|$&")
_UNITS = frozenset(
    [
        *[
            "us",
            "ms",
            "s",
            "sec",
            "secs",
            "second",
            "seconds",
            "min",
            "mins",
            "minute",
            "minutes",
            "h",
            "hour",
            "hours",
        ],
        *[
            "day",
            "days",
            "UTC",
            "GMT",
            "AM",
            "PM",
            "am",
            "pm",
            "k",
            "K",
            "M",
            "G",
            "g",
            "kg",
            "t",
            "lb",
            "%",
            "°",
            "°C",
        ],
        *["B", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "byte", "bytes", "EUR", "USD", "GBP", "€", "$", "£"],
    ]
)
"""What a measured value brings along."""
_TYPES = frozenset(["bool", "bytes", "dict", "float", "int", "ndarray", "NoneType", "str", "tuple"])
_CONSTANTS = frozenset(["None", "True", "False", "null", "nil", "NaN", "undefined", "nan", "inf", "Infinity"])
_INTRODUCING = frozenset(
    [
        "argument",
        "attribute",
        "called",
        "class",
        "column",
        "expected",
        "field",
        "file",
        "for",
        "found",
        "function",
        "got",
        "key",
        "method",
        "module",
        "named",
        "node",
        "not",
        "parameter",
        "received",
        "tool",
        "type",
        "unexpected",
        "unknown",
        "value",
    ]
)
"""What follows one of these is a name when it takes more values than MOST_KINDS, however common its words."""
MOST_KINDS = 2
_PREDICATING = frozenset([VARIES, "are", "be", "been", "cannot", "could", "has", "have", "is", "was", "were"])
"""A word behind one of these says what happened, rather than to whom, when it takes at most MOST_PREDICATES values."""
MOST_PREDICATES = 4
_SILENT = frozenset("[]{}\"'`‘’“”„«»‹›.,;")
"""Left out: a value may bring its own brackets and quotes, and a mask may take the full stop behind it along."""


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """The words that messages are made of, in lower case."""
    return frozenset((Path(__file__).parent / "common_words.txt").read_text(encoding="utf-8").split())


def templates(masked_messages: Iterable[str]) -> dict[str, str]:
    """The template of each masked message of one code; equal templates are one group."""
    words = {message: _words(message) for message in set(masked_messages)}
    alike: dict[tuple[int, str], set[Words]] = defaultdict(set)
    for each in words.values():
        alike[len(each), _speaker(each)].add(each)
    template_of: dict[Words, Words] = {}
    for similar in alike.values():
        for group in _groups(sorted(similar)):
            shown = tuple(max(values) if len(_kinds(values)) == 1 else VARIES for values in zip(*group, strict=True))
            runs = _with_runs_as_one(shown)
            template_of |= dict.fromkeys(group, runs if _says_enough(runs) else shown)
    found = set(template_of.values())
    joined = {template: _named_by(template, found) for template in found}
    return {message: " ".join(joined[template_of[each]]) for message, each in words.items()}


def _speaker(words: Words) -> str:
    """What messages must share to be compared: their first word, unless it may be the name of a subject."""
    return "" if not words or (_is_lower_word(words[0]) and words[1:2] != (":",)) else words[0]


def _with_runs_as_one(template: Words) -> Words:
    """Names of several words are one name: each run of places that vary stands as one."""
    return tuple(word for place, word in enumerate(template) if place == 0 or not word == template[place - 1] == VARIES)


def _says_enough(template: Words) -> bool:
    return sum(word[0].isalnum() for word in template) > FEWEST_WORDS


def _named_by(template: Words, found: Set[Words]) -> Words:
    """The template of which this one is a case whose names have another number of words; else itself."""
    names = tuple(VARIES if place and _is_name(word, several=False) else word for place, word in enumerate(template))
    general = _with_runs_as_one(names)
    return general if general in found and _says_enough(general) else template


@lru_cache(maxsize=65_536)
def _is_common(word: str) -> bool:
    """Whether every part of a word is a common one; so is a lone letter, and an exception's type."""
    if word.endswith(("Error", "Exception", "Warning")):
        return True
    return all(len(part) < 2 or part.lower() in common_words() for part in _JOINED.split(word))


def _words(message: str) -> Words:
    """The words of a message, with names that their own spelling gives away masked, and runs of masks as one."""
    words: list[str] = []
    shortened = with_values_as_one(message, is_common=_is_common)
    for place, word in enumerate(_WORD.findall(shortened)[:MAX_WORDS]):
        is_name = _CONSTANT_NAME.fullmatch(word) or (place and _JOINED.search(word) and not _is_common(word))
        shown = VARIES if is_name or (word[0].isalpha() and not word.isascii()) else word
        if shown in _SILENT or (shown in _UNITS and words and words[-1] == VARIES):
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


def _groups(messages: Sequence[Words]) -> list[Sequence[Words]]:
    """Messages of equal length, parted until no position tells two problems apart."""
    done: list[Sequence[Words]] = []
    open_parts = [messages]
    while open_parts:
        part = open_parts.pop()
        place = _telling_place(part)
        if place is None:
            done.append(part)
            continue
        by_value: dict[str, list[Words]] = defaultdict(list)
        for message in part:
            by_value[_singular(message[place])].append(message)
        open_parts += by_value.values()
    return done


def _telling_place(messages: Sequence[Words]) -> int | None:
    """The position with the fewest values among those whose values are words, not names; None when there is none.

    Where nothing but names would be left, several problems are in one heap: then the position with the most words
    tells, if at least half of its values are.
    """
    if len(messages) == 1:
        return None
    columns = list(enumerate(zip(*messages, strict=True)))
    values = {place: _kinds(column) for place, column in columns}
    varying = [place for place, column in columns if len(values[place]) > 1]
    telling = [
        place for place in varying if not _are_names(values[place], before=messages[0][place - 1] if place else "")
    ]
    if telling:
        return min(telling, key=lambda place: (len(values[place]), place))
    if any(word[0].isalpha() for place, word in enumerate(messages[0]) if place and place not in varying):
        return None
    share = {place: _name_count(values[place]) / len(values[place]) for place in varying}
    wordy = [place for place in varying if share[place] < MOST_NAMES and place]
    return min(wordy, key=lambda place: (share[place], place), default=None)


def _are_names(values: set[str], *, before: str) -> bool:
    if before.lower() in _PREDICATING and len(values) <= MOST_PREDICATES and all(map(_is_lower_word, values)):
        return False
    several = len(values) > MOST_KINDS
    if several and before.lower() in _INTRODUCING and all(value == VARIES or value[0].isalnum() for value in values):
        return True
    return _name_count(values) * NAME_SHARE >= len(values)


def _kinds(values: Iterable[str]) -> set[str]:
    """The different values; "file" and "files" are one."""
    return {_singular(value) for value in values}


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 and word.islower() and _is_common(word[:-1]) else word


def _is_lower_word(value: str) -> bool:
    return value.isalpha() and value.islower() and value.isascii() and value not in _TYPES | _CONSTANTS


def _name_count(values: set[str]) -> int:
    return sum(_is_name(value, several=len(values) > MOST_KINDS) for value in values)


def _is_name(value: str, *, several: bool) -> bool:
    if value == VARIES or value in _TYPES or value in _CONSTANTS or (several and "_" in value):
        return True
    return value[0].isalnum() and not _is_common(value)
