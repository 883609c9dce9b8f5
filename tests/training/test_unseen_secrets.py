"""Guards: of values that no rule was written for by hand, every secret goes, personal data go, look-alikes stay.

Values are drawn by shape when the test runs, in texts, lines of a diff, JSON and JSON within JSON.
"""

import json
import random
from collections.abc import Iterator

import pytest

from dagster_project.training.texts.scrubbing import Scrubber
from tests.training.secret_places import IN_COMMANDS_AND_SETTINGS, IN_MEMBERS, LOOKING_SO, PERSONAL_IN_WORDS
from tests.training.secret_sentences import LOOKING_SO_NEAR_A_WORD, NEAR_A_WORD
from tests.training.secret_shapes import (
    CARDS,
    IBANS,
    IN_CONTEXT,
    KNOWN_FORMATS,
    LOOK_ALIKES,
    PERSONAL,
    card_number,
    drawn,
    iban,
)

WRAPPINGS = (
    "{}",
    "Sure, I looked: {} and that was all.",
    "```\n{}\n```",
    "@@ -1 +1 @@\n-old\n+{}",
    'Traceback (most recent call last):\n  File "a.py", line 3, in f\nValueError: bad {}',
)


def texts(text: str, draw: random.Random) -> Iterator[str]:
    """The text as it may stand in a log."""
    wrapped = draw.choice(WRAPPINGS).replace("{}", text)
    yield wrapped
    yield json.dumps({"stdout": text, "code": 0})
    yield json.dumps({"stdout": wrapped, "code": 0})
    yield json.dumps({"event": "x", "payload": json.dumps({"output": wrapped})})


def scrubbed(text: str) -> str:
    """The scrubbed text; what was JSON, within JSON too, must be it still."""
    result = Scrubber().scrub(text)
    if text.startswith('{"'):
        json.loads(json.loads(result).get("payload", "{}"))
    return result


def is_gone(value: str, text: str) -> bool:
    lines = [line for line in value.split("\n") if len(line) >= 20 and not line.startswith("-----")] or [value]
    return not any(line in text or (len(line) > 30 and line[8:-8] in text) for line in lines)


@pytest.mark.parametrize("shapes", [KNOWN_FORMATS, IN_CONTEXT, IN_COMMANDS_AND_SETTINGS, IN_MEMBERS])
def test_no_secret_of_any_shape_is_left(shapes: list[str]) -> None:
    draw = random.Random(20_261_121)
    left = []
    for shape in shapes:
        written, value = drawn(shape, draw)
        left += [(shape, text) for text in texts(written, draw) if not is_gone(value, scrubbed(text))]
    assert left == []


def test_what_only_a_word_nearby_tells_goes_but_for_one_in_fifty() -> None:
    """Of values at random, some look like words: two of a hundred have no digit, or hardly change case."""
    draw = random.Random(20_261_121)
    left, shown = [], 0
    for shape in NEAR_A_WORD:
        written, value = drawn(shape, draw)
        for text in texts(written, draw):
            shown += 1
            left += [] if is_gone(value, scrubbed(text)) else [text]
    assert shown > 700
    assert len(left) <= 0.02 * shown, left


def test_no_structured_personal_datum_is_left() -> None:
    draw = random.Random(7)
    values = [drawn(shape, draw) for shape in (*PERSONAL, *PERSONAL_IN_WORDS) for _ in range(2)]
    for made in (
        *(card_number(first, length, draw) for first, length in CARDS.items()),
        *(iban(country, length, draw) for country, length in IBANS.items()),
    ):
        values.append((made, made))
    assert [
        text for written, value in values for text in texts(written, draw) if not is_gone(value, scrubbed(text))
    ] == []


def test_not_one_look_alike_in_a_hundred_is_damaged() -> None:
    draw = random.Random(11)
    shapes = (*LOOK_ALIKES, *LOOKING_SO, *LOOKING_SO_NEAR_A_WORD)
    shown = [text for shape in shapes for _ in range(2) for text in texts(drawn(shape, draw)[0], draw)]
    damaged = [text for text in shown if scrubbed(text) != text]
    assert len(shown) > 800
    assert len(damaged) <= 0.002 * len(shown), damaged


def test_there_are_as_many_shapes_as_claimed() -> None:
    assert len({*KNOWN_FORMATS, *IN_CONTEXT}) >= 200
    assert len(set(LOOK_ALIKES)) >= 110
