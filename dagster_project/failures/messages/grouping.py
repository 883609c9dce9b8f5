"""Which masked messages are one problem: names vary where no mask can see ("waiting for orchid", "for zebra").

The templates of one code are found from the *set* of its masked messages, so neither their order nor the day on which
each arrived can matter. Messages of equal length that begin alike are split, recursively, at the position that takes
the fewest values, for as long as its values are the words of messages ("old", "new") rather than names ("orchid").
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set

from dagster_project.failures.messages.names import (
    MOST_KINDS,
    PREDICATING,
    are_names,
    is_common,
    is_lower_word,
    is_name,
    kinds,
    name_count,
    singular,
)
from dagster_project.failures.messages.values import VARIES, is_identifier, with_values_as_one

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
_TIMES = ["us", "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hour", "hours"]
_SIZES = [
    "B",
    "kB",
    "KB",
    "MB",
    "GB",
    "TB",
    "KiB",
    "MiB",
    "GiB",
    "byte",
    "bytes",
    "k",
    "K",
    "M",
    "G",
    "g",
    "kg",
    "t",
    "lb",
]
_OTHERS = [
    "lb",
    "day",
    "days",
    "UTC",
    "GMT",
    "AM",
    "PM",
    "am",
    "pm",
    "%",
    "°",
    "°C",
    "EUR",
    "USD",
    "GBP",
    "€",
    "$",
    "£",
]
_UNITS = frozenset(_TIMES + _SIZES + _OTHERS)
"""What a measured value brings along."""
_SILENT = frozenset("[]{}\"'`‘’“”„«»‹›.,;")
"""Left out: a value may bring its own brackets and quotes, and a mask may take the full stop behind it along."""


def templates(masked_messages: Iterable[str]) -> dict[str, str]:
    """The template of each masked message of one code; equal templates are one group."""
    words = {message: _words(message) for message in set(masked_messages)}
    alike: dict[tuple[int, str], set[Words]] = defaultdict(set)
    for each in words.values():
        alike[len(each), _speaker(each)].add(each)
    template_of: dict[Words, Words] = {}
    for similar in alike.values():
        for group in _groups(sorted(similar)):
            shown = tuple(max(values) if len(kinds(values)) == 1 else VARIES for values in zip(*group, strict=True))
            runs = _with_runs_as_one(shown)
            template_of |= dict.fromkeys(group, runs if _says_enough(runs) else shown)
    joined = _joined(set(template_of.values()))
    return {message: " ".join(joined[template_of[each]]) for message, each in words.items()}


def _speaker(words: Words) -> str:
    """What messages must share to be compared: their first word, unless it may be the name of a subject."""
    may_be_name = not words or is_identifier(words[0]) or all(map(is_lower_word, words[0].split("-")))
    return "" if may_be_name else words[0]


def _with_runs_as_one(template: Words) -> Words:
    """Names of several words are one name: each run of places that vary stands as one."""
    return tuple(word for place, word in enumerate(template) if place == 0 or not word == template[place - 1] == VARIES)


def _says_enough(template: Words) -> bool:
    return sum(word[0].isalnum() for word in template) > FEWEST_WORDS


def _joined(found: Set[Words]) -> dict[Words, Words]:
    """Templates that differ only in names, and in how many words those have, are one."""
    alike: dict[Words, set[Words]] = defaultdict(set)
    for template in found:
        general = _general(template)
        alike[general if _says_enough(general) else template].add(template)
    return {each: key if len(same) > 1 else each for key, same in alike.items() for each in same}


def _general(template: Words) -> Words:
    """The template with every name masked, and what stands beside another mask with it."""
    return _with_runs_as_one(
        tuple(
            VARIES if place and is_name(word, several=False) and not _is_predicate(word, template[place - 1]) else word
            for place, word in enumerate(template)
        )
    )


def _is_predicate(word: str, before: str) -> bool:
    return before in PREDICATING and is_lower_word(word)


def _words(message: str) -> Words:
    """The words of a message, with names that their own spelling gives away masked, and runs of masks as one."""
    words: list[str] = []
    shortened = with_values_as_one(message, is_common=is_common)
    for place, word in enumerate(_WORD.findall(shortened)[:MAX_WORDS]):
        is_name = _CONSTANT_NAME.fullmatch(word) or (place and _JOINED.search(word) and not is_common(word))
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
            by_value[singular(message[place])].append(message)
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
    values = {place: kinds(column) for place, column in columns}
    varying = [place for place, column in columns if len(values[place]) > 1]
    telling = [
        place
        for place in varying
        if not are_names(values[place], before=messages[0][place - 1] if place else "")
        or (place == 0 and messages[0][1:2] == (":",) and len(values[0]) <= MOST_KINDS)
    ]
    if telling:
        return min(telling, key=lambda place: (len(values[place]), place))
    if any(word[0].isalpha() for place, word in enumerate(messages[0]) if place and place not in varying):
        return None
    if 0 in varying and len(messages[0]) > 1:
        return 0
    share = {place: name_count(values[place]) / len(values[place]) for place in varying}
    wordy = [place for place in varying if share[place] < MOST_NAMES]
    return min(wordy, key=lambda place: (share[place], place), default=None)
