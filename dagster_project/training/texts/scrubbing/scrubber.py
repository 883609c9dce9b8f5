"""Replacing what the rules find, in every text of one conversation, alike."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import re2

from dagster_project.training.texts.scrubbing.json_texts import is_json_still, quote_of_number
from dagster_project.training.texts.scrubbing.personal_data import PERSONAL_DATA
from dagster_project.training.texts.scrubbing.rules import Rule
from dagster_project.training.texts.scrubbing.secret_commands import SECRET_COMMANDS
from dagster_project.training.texts.scrubbing.secret_contexts import SECRET_CONTEXTS
from dagster_project.training.texts.scrubbing.secret_documents import SECRET_DOCUMENTS
from dagster_project.training.texts.scrubbing.secret_formats import SECRET_FORMATS
from dagster_project.training.texts.scrubbing.secret_neighbours import SECRET_NEIGHBOURS
from dagster_project.training.texts.scrubbing.signs import Signs, re2_options
from dagster_project.training.texts.scrubbing.views import Span, base64_texts, plain_view

_RULES: list[Rule] = [
    *SECRET_FORMATS,
    *SECRET_CONTEXTS,
    *SECRET_COMMANDS,
    *SECRET_DOCUMENTS,
    *SECRET_NEIGHBOURS,
    *PERSONAL_DATA,
]
_ROUNDS = 4
"""Replacing can bring out what stood too close to another find; more rounds than this mean that something is wrong."""
_AROUND = 48
"""Bytes before a find that a rule may look at, and half as many after it."""
_LONGEST_NEAR = 256
"""Bytes that a find near a word may go on beyond the words' neighbourhood."""
_SHORTEST = 6
"""Bytes; nothing shorter is a secret or a personal datum by its form."""

_ESCAPED = tuple(bytes([letter]) for letter in b'nrtbfu"/\\')

Find = tuple[int, int, str]
"""Start, end, type."""


class ResidueError(Exception):
    """Something was found that could not be replaced: the text must not be used."""


class Scrubber:
    """Scrubs the texts of one conversation: equal values get equal placeholders, numbered as they appear."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._names: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()

    def scrub(self, text: str) -> str:
        """The text with placeholders. JSON stays JSON. Raises ResidueError when something would be left."""
        if len(text) < _SHORTEST:
            return text
        content = text.encode()
        scrubbed = self._rounds(content)
        if scrubbed == content:
            return text
        result = scrubbed.decode()
        if text[:1] in '{["' and not is_json_still(text, result):
            raise ResidueError("JSON would break")
        return result

    def _rounds(self, content: bytes) -> bytes:
        for _ in range(_ROUNDS):
            finds = _finds(content)
            if not finds:
                return content
            content = self._replaced(content, finds)
        raise ResidueError("what is found comes back")

    def _replaced(self, content: bytes, finds: list[Find]) -> bytes:
        pieces, position = [], 0
        for start, end, type_ in finds:
            name = self._name(type_, content[start:end]).encode()
            self.counts[type_] += 1
            # A number of a JSON document becomes a text.
            quote = quote_of_number(content, start, end) if content[start:end].isdigit() else b""
            pieces += [content[position:start], quote, name, quote]
            position = end
        return b"".join([*pieces, content[position:]])

    def _name(self, type_: str, value: bytes) -> str:
        text = value.decode(errors="replace")
        if type_ in ("PHONE", "CARD", "SSN"):
            key = (type_, re.sub(r"\D", "", text))
        else:
            key = (type_, text.casefold() if type_ in ("EMAIL", "IBAN", "ADDRESS", "PERSON") else text)
        if key not in self._names:
            self._numbers[type_] += 1
            self._names[key] = f"[{type_}_{self._numbers[type_]}]"
        return self._names[key]


def residue(text: str) -> list[str]:
    """The types of what is still found in a text, sorted; none for a scrubbed one."""
    if len(text) < _SHORTEST:
        return []
    return sorted({type_ for _, _, type_ in _finds(text.encode())})


@cache
def scrubbing_version() -> str:
    """Hash of every rule: what was scrubbed by which rules stands in the manifest."""
    digest = hashlib.sha256("\0".join(f"{rule.type} {rule.near} {rule.pattern}" for rule in _RULES).encode())
    return digest.hexdigest()[:16]


class _Compiled:
    """The rules, ready to be tried, and what tells which to try."""

    def __init__(self, rules: list[Rule]) -> None:
        self.rules = rules
        options = re2_options()
        self.patterns = [re2.compile(rule.expression, options) for rule in rules]
        self.triggers = [re2.compile(rule.trigger, options) for rule in rules]
        self.signs = Signs(rules)

    def finds(self, content: bytes) -> list[Find]:
        return [find for number in self.signs.worth_trying(content) for find in self.finds_of_rule(number, content)]

    def finds_of_rule(self, number: int, content: bytes) -> Iterator[Find]:
        rule, pattern = self.rules[number], self.patterns[number]
        for first, last in _windows(rule, self.triggers[number], content):
            yield from _finds_of(rule, pattern, content, first=first, last=last)


def _windows(rule: Rule, trigger: Any, content: bytes) -> Iterator[Span]:
    """Where a find of the rule may begin: anywhere, or around each of the words that it stands near."""
    if not rule.near:
        yield 0, len(content)
        return
    position = 0
    while (word := trigger.search(content, position)) is not None:
        yield max(0, word.start() - rule.before, position - rule.before), word.end() + rule.behind
        position = max(word.end(), position + 1)


def _finds_of(rule: Rule, pattern: Any, content: bytes, *, first: int, last: int) -> Iterator[Find]:
    """What a rule finds. What fails its check may hold the name of the next value: it is searched again."""
    position = first
    # A find that begins in the window may end behind it.
    end_of_text = min(last + _LONGEST_NEAR, len(content))
    while (match := pattern.search(content, position, end_of_text)) is not None and match.start() < last:
        spans = map(match.span, range(1, len(match.groups()) + 1))
        start, end = value = next((span for span in spans if span[0] >= 0), match.span())
        start, end = _outside_escapes(content, start, end)
        while end > start and rule.check is not None and not _counts(rule, content, start, end):
            end = content.rfind(b" ", start, end) if rule.shortens else start
        if end > start:
            yield start, end, rule.type
            position = value[1]
        else:
            # What precedes the value is its name; what has none is no other thing from its second letter on.
            position = value[0] - 1 if value[0] > match.start() + 1 else max(value[1], position + 1)


def _outside_escapes(content: bytes, start: int, end: int) -> Span:
    """The span without an escape, or half of one, at its ends: `n` after a backslash is a line feed, no letter of an
    address; after two of them it is the line feed of a JSON text within another.
    """
    if content[start : start + 1] == b"\\" and content[start + 1 : start + 2] in _ESCAPED:
        start += 1
    if content[start - 1 : start] == b"\\" and content[start : start + 1] in _ESCAPED:
        start += 5 if content[start : start + 1] == b"u" else 1
    while end > start and content[end - 1 : end] == b"\\" and content[end : end + 1] in _ESCAPED:
        end -= 1
    return start, end


def _counts(rule: Rule, content: bytes, start: int, end: int) -> bool:
    value = content[start:end].decode(errors="replace")
    around = content[max(0, start - _AROUND) : end + _AROUND // 2].decode(errors="replace")
    assert rule.check is not None
    return rule.check(value, around)


@cache
def _all_rules() -> _Compiled:
    return _Compiled(_RULES)


def _finds(content: bytes) -> list[Find]:
    """Everything to replace, in order and without overlap; where finds overlap, all they cover goes."""
    found = _all_rules().finds(content)
    view = plain_view(content)
    if view is not None:
        found += [(*view.span(start, end), type_) for start, end, type_ in _all_rules().finds(view.content)]
    for span, decoded in base64_texts(content):
        found += [(*span, type_) for _, _, type_ in _all_rules().finds(decoded)[:1]]
    return _merged(found)


def _merged(found: list[Find]) -> list[Find]:
    """Overlapping finds as one, of the type that was found first: rules are in the order of their certainty."""
    ranked = sorted((start, end, rank, type_) for rank, (start, end, type_) in enumerate(found))
    merged: list[tuple[int, int, int, str]] = []
    for start, end, rank, type_ in ranked:
        if merged and start < merged[-1][1]:
            first, last, best, name = merged[-1]
            merged[-1] = (first, max(last, end), min(best, rank), name if best < rank else type_)
        else:
            merged.append((start, end, rank, type_))
    return [(start, end, type_) for start, end, _, type_ in merged]
