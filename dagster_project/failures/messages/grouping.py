"""Which masked messages are one problem: names vary where no mask can see ("waiting for orchid", "for zebra").

The templates of one code are found from the *set* of its masked messages, so neither their order nor the day on which
each arrived can matter. Messages of equal length that begin alike are split, recursively, at the position that takes
the fewest values, for as long as its values are the words of messages ("old", "new") rather than names ("orchid").
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set

from dagster_project.failures.messages.names import (
    FRAME_WORDS,
    MOST_KINDS,
    PREDICATING,
    are_names,
    is_common,
    is_lower_word,
    is_name,
    kinds,
    name_count,
    says,
    singular,
)
from dagster_project.failures.messages.several_words import shorter_of
from dagster_project.failures.messages.values import VARIES, is_identifier
from dagster_project.failures.messages.words import Words, comparable_words

MOST_NAMES = 0.5
"""Share of names at a position that still parts messages which have no word in common."""
FEWEST_WORDS = 2
"""A template of no more words than these keeps its length: it says too little to be the same as one of another."""
ANCHORS = 3
"""Words that messages must share for each position whose values are words of messages, but no names."""
FEWEST_VALUES = 3
"""Values of such a position."""


def templates(masked_messages: Iterable[str]) -> dict[str, str]:
    """The template of each masked message of one code; equal templates are one group."""
    words = {message: comparable_words(message) for message in set(masked_messages)}
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
    shorter = shorter_of(set(joined.values()), general=lambda template: _general(template, several=True))
    return {message: " ".join(shorter[joined[template_of[each]]]) for message, each in words.items()}


def _speaker(words: Words) -> str:
    """What messages must share to be compared: their first word, unless it may be the name of a subject."""
    if len(words) < 2:
        return "".join(words)
    may_be_name = _may_be_subject(words[0]) or (not is_common(words[0]) and _may_be_verb(words[1]))
    return "" if may_be_name else words[0]


def _may_be_verb(word: str) -> bool:
    """What follows a subject: "Orchid contains", "Lynx is"."""
    if word == VARIES:
        return False
    return word in PREDICATING or (is_lower_word(word) and is_common(word) and word.endswith(("s", "ed")))


def _are_speakers(values: Set[str], after: Words) -> bool:
    """Whether messages begin with so few programs that each is one of its own; three that print the same are one."""
    return len(values) <= MOST_KINDS and (after == (":",) or not any(map(_may_be_subject, values)))


def _may_be_subject(word: str) -> bool:
    return word == VARIES or is_identifier(word) or all(map(is_lower_word, word.split("-")))


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


def _general(template: Words, *, several: bool = False) -> Words:
    """The template with every name masked, and what stands beside another mask with it."""
    return _with_runs_as_one(
        tuple(
            VARIES
            if place and is_name(word, several=several) and not _is_predicate(word, template[place - 1])
            else word
            for place, word in enumerate(template)
        )
    )


def _is_predicate(word: str, before: str) -> bool:
    return before.lower() in PREDICATING and is_lower_word(word)


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


def _is_one(messages: Sequence[Words], telling: Sequence[int], values: dict[int, set[str]]) -> bool:
    """Whether messages say the same but for values that are words of messages: a state, a field, a service."""
    first = messages[0]
    anchors = sum(word[0].isalpha() for place, word in enumerate(first) if len(values[place]) == 1)
    return anchors >= ANCHORS * len(telling) and all(
        len(values[place]) >= FEWEST_VALUES and not says(values[place], before=first[place - 1] if place else "")
        for place in telling
    )


def _tells(word: str) -> bool:
    """Whether a word that messages share says more than that they are sentences."""
    return word[0].isalpha() and word.lower() not in FRAME_WORDS


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
        or (place == 0 and _are_speakers(values[0], messages[0][1:2]))
    ]
    if telling and not _is_one(messages, telling, values):
        return min(telling, key=lambda place: (len(values[place]), place))
    if any(_tells(word) for place, word in enumerate(messages[0]) if place and place not in varying):
        return None
    if 0 in varying and len(messages[0]) > 1:
        return 0
    share = {place: name_count(values[place]) / len(values[place]) for place in varying}
    said = any(_tells(word) for place, word in enumerate(messages[0]) if place not in varying)
    wordy = [place for place in varying if share[place] < (MOST_NAMES if said else 1)]
    return min(wordy, key=lambda place: (share[place], place), default=None)
