"""Values of several words, told by comparing templates of different lengths ("open orders", "email, status", a title).

Belongs here: which template says the same as a longer one. What is told of messages of equal length is `grouping`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field

from dagster_project.failures.messages.names import FRAME_WORDS, INTRODUCING, SENTENCE_WORDS, is_common, says, singular
from dagster_project.failures.messages.values import VARIES
from dagster_project.failures.messages.words import Words

MOST_WORDS = 8
"""Words that a value may have."""
FEWEST_SAID = 4
"""What two templates share at least: each word counts, one that is more than the frame of a sentence twice."""
FEWEST_FILLS = 3
"""Values that make a slot of a place that no mask tells."""
MOST_FILLED = 4
"""Words of such values."""
FEWEST_SHARED, MOST_SHARED = 3, 30
"""Words that templates share around such a slot."""
MOST_STEPS = 300
"""Places of other templates that are looked at for one."""
MOST_LAST = 3
"""Words that messages are made of and are a value at the end of one, after a colon or one of these."""
_BEFORE_LAST = INTRODUCING | {":", "=", "at", "be", "by", "from", "in", "of", "on", "was", "with"}


@dataclass
class _Node:
    """The templates that begin alike."""

    after: dict[str, "_Node"] = field(default_factory=dict)
    template: Words | None = None


def shorter_of(templates: Iterable[Words], *, general: Callable[[Words], Words]) -> dict[Words, Words]:
    """Each template → the one that says the same with a mask where it has several words; itself where there is none.

    `general`: from a template to what it is if all that may be a name in it is.
    """
    ordered = sorted(templates)
    generals = {general(template) for template in ordered}.difference(ordered)
    known = [*ordered, *_with_one_slot(ordered)]
    if generals:
        found = _last_of(ordered, root=_tree([*known, *sorted(generals)]))
        uses = Counter(found.values())
        known += [each for each in sorted(generals) if uses[each] >= FEWEST_FILLS]
    return _last_of(ordered, root=_tree(known))


def _tree(templates: Iterable[Words]) -> _Node:
    root = _Node()
    for template in templates:
        tells = telling(template)
        if VARIES in template and tells and anchors(template) + tells >= FEWEST_SAID:
            _add(root, template)
    return root


def _last_of(templates: Iterable[Words], *, root: _Node) -> dict[Words, Words]:
    shorter: dict[Words, Words] = {}
    unread = set(templates)
    while unread:
        found = {template: _shorter(template, root) for template in unread}
        shorter |= found
        unread = set(found.values()) - set(shorter)
    return {template: _last(template, shorter) for template in templates}


def _with_one_slot(templates: Sequence[Words]) -> list[Words]:
    """What at least FEWEST_FILLS templates are with a mask for one to MOST_FILLED words, if no other word is shared."""
    fills: dict[tuple[Words, Words], set[Words]] = defaultdict(set)
    for template in templates:
        if not FEWEST_SHARED <= anchors(template) <= MOST_SHARED:
            continue
        for start in range(len(template)):
            for end in range(start + 1, min(start + MOST_FILLED, len(template)) + 1):
                fill = template[start:end]
                if fill[-1].lower() in SENTENCE_WORDS or not fill[-1][0].isalnum():
                    break
                fills[template[:start], template[end:]].add(fill)
    return [(*before, VARIES, *after) for (before, after), filled in fills.items() if _is_slot(before, after, filled)]


def _is_slot(before: Words, after: Words, fills: Set[Words]) -> bool:
    if len(fills) < FEWEST_FILLS or anchors(before + after) < FEWEST_SHARED:
        return False
    if (not after and before[-1] != ":") or (not before and after[0] == VARIES):
        return False
    firsts, lasts = {fill[0] for fill in fills}, {fill[-1] for fill in fills}
    if len(firsts) < FEWEST_FILLS or len(lasts) < FEWEST_FILLS:
        return False
    return not says(firsts, before=before[-1] if before else "")


def anchors(template: Words) -> int:
    """How many words of a template are no masks."""
    return sum(word[0].isalpha() for word in template)


def telling(template: Words) -> int:
    """How many of them are more than a sentence's frame ("is not a", "must be") or what is before a first colon."""
    begins = 2 if template[1:2] == (":",) else 0
    return sum(word[0].isalpha() and word.lower() not in FRAME_WORDS for word in template[begins:])


def _add(root: _Node, template: Words) -> None:
    node = root
    for word in template:
        node = node.after.setdefault(singular(word), _Node())
    if node.template is None:
        node.template = template


def _last(template: Words, shorter: dict[Words, Words]) -> Words:
    """The end of a chain; each step has fewer words that are no masks, so there is an end."""
    while shorter[template] != template:
        template = shorter[template]
    return template


def _shorter(template: Words, root: _Node) -> Words:
    found: list[tuple[int, Words]] = []
    open_places: list[tuple[_Node, int]] = [(root, 0)]
    seen = {(id(root), 0)}
    steps = 0
    while open_places and steps < MOST_STEPS:
        node, place = open_places.pop()
        steps += 1
        if place == len(template):
            if node.template is not None and node.template != template and _is_enough(node.template, template):
                found.append((-anchors(node.template), node.template))
            continue
        after = [(node.after.get(singular(template[place])), place + 1)]
        if VARIES in node.after:
            ends = _value_ends(template, place)
            after += [(node.after[VARIES], end) for end in ends]
        for next_node, end in after:
            if next_node is not None and (id(next_node), end) not in seen:
                seen.add((id(next_node), end))
                open_places.append((next_node, end))
    return min(found)[1] if found else template


def _is_enough(shorter: Words, longer: Words) -> bool:
    """Whether what two templates share outweighs what one of them has beside it."""
    return anchors(longer) - anchors(shorter) <= telling(shorter) + 1


def _value_ends(template: Words, start: int) -> Sequence[int]:
    """Where a value that begins at a place may end."""
    ends = []
    depth = 0
    for end in range(start, min(start + MOST_WORDS, len(template))):
        word = template[end]
        depth += (word in "([{") - (word in ")]}")
        if word.lower() in SENTENCE_WORDS or depth < 0 or (depth == 0 and word in ":;"):
            break
        if depth == 0 and _may_be_value(template, start, end + 1):
            ends.append(end + 1)
    return ends


def _may_be_value(template: Words, start: int, end: int) -> bool:
    """Whether words may be a value: at the end of a template words that messages are made of say what happened."""
    words = template[start:end]
    if end < len(template) or any(word == VARIES or not is_common(word) for word in words):
        return True
    if telling(template[:start]) >= FEWEST_SAID and end - start < MOST_LAST:
        return True
    return end - start <= MOST_LAST and template[start - 1].lower() in _BEFORE_LAST
