"""Guards: rows that are alike, that leak between splits or hold a protected item fall away; all others stay."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dagster_project.training.comparing.all_rows import Caps
from dagster_project.training.comparing.contamination import ProtectedItem
from dagster_project.training.comparing.shingles import jaccard, shingles, word_hashes
from tests.training.rows import Row, passed

WORDS = [a + b + c for a in ("ba", "de", "ki", "lo", "mu", "ne", "pa", "ru", "si", "to") for b in "aeiou" for c in ("n", "r", "st", "x")]  # fmt: skip
SYSTEM = " ".join(WORDS[:160])


def prose(seed: int, length: int = 80) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) for _ in range(length))


def altered(text: str, *, every: int, offset: int = 0) -> str:
    """The text with every n-th word another one."""
    words = text.split()
    return " ".join(f"w{number}" if number % every == offset else word for number, word in enumerate(words))


def conversation(asked: str, answered: str, *, split: str = "train", system: str = SYSTEM) -> Row:
    return Row(turns=(("system", system), ("user", asked), ("assistant", answered)), split=split)


def test_similarity_is_that_of_sets_of_five_words() -> None:
    """Six of the eight distinct runs of five words are shared: a b c d e ... over ten words, one changed at an end."""
    assert jaccard(shingles("a b c d e f g h i j"), shingles("a b c d e f g h i X")) == 5 / 7
    assert jaccard(shingles("A, b. C! d E"), shingles("a b c d e")) == 1.0
    assert jaccard(shingles("東京 は 晴れ"), shingles("東京は晴れ")) == 1.0


def test_words_are_the_same_whatever_is_around_them_and_however_long_the_text() -> None:
    """A text of letters from other scripts is read in another way than plain ASCII, a long one in pieces."""
    plain = word_hashes("Straw_hat, 42 times!")
    assert word_hashes("straw hat 42 times").tolist() == plain.tolist()
    assert word_hashes("straw hat 42 times é")[:4].tolist() == plain.tolist()
    assert len(set(word_hashes("ab ba aab aba a b").tolist())) == 6
    numbers = [f"w{number}" for number in range(30_000)]
    hashes = word_hashes(" ".join(numbers))
    assert len(set(hashes.tolist())) == 30_000
    assert [int(word_hashes(word)[0]) for word in numbers[::500]] == hashes[::500].tolist()
    assert len(word_hashes("... _ --")) == len(word_hashes("")) == 0


def test_planted_near_duplicates_are_all_found_and_nothing_else(tmp_path: Path) -> None:
    """Of 100 words two are changed: at most 10 of 96 runs differ, a similarity of 86/106 at least."""
    rows = [conversation(prose(seed, 60), prose(1_000 + seed, 140)) for seed in range(300)]
    planted = [
        conversation(prose(seed, 60), altered(prose(1_000 + seed, 140), every=50, offset=9), system=prose(seed + 7))
        for seed in range(60)
    ]
    outcome = passed([*rows, *planted], tmp_path, chunk_rows=100)
    assert set(outcome.dropped.values()) == {("near dedupe", "near_duplicate")}
    assert sorted(outcome.dropped) == list(range(300, 360))


def changed(words: int) -> Callable[[str, str, random.Random], tuple[str, str]]:
    """Other words at so many places of the whole talk."""

    def change(asked: str, answered: str, draw: random.Random) -> tuple[str, str]:
        said = [*asked.split(" "), "|", *answered.split(" ")]
        places = [place for place, word in enumerate(said) if word != "|"]
        for place in draw.sample(places, words):
            said[place] = f"other{draw.randrange(10**6)}"
        first, _, second = " ".join(said).partition(" | ")
        return first, second

    return change


def reordered(asked: str, answered: str, draw: random.Random) -> tuple[str, str]:
    sentences = answered.split(". ")
    place = draw.randrange(len(sentences) - 1)
    sentences[place : place + 2] = sentences[place + 1], sentences[place]
    return asked, ". ".join(sentences)


COPIES: dict[str, Callable[[str, str, random.Random], tuple[str, str]]] = {
    "in capitals": lambda asked, answered, _: (asked.upper(), answered.upper()),
    "without marks": lambda asked, answered, _: (re.sub(r"[.,?]", "", asked), re.sub(r"[.,?]", "", answered)),
    "in other lines": lambda asked, answered, _: (asked.replace(" ", "\n "), answered.replace(" ", "  ")),
    "one word changed": changed(1),
    "two words changed": changed(2),
    "three words changed": changed(3),
    "a sentence moved": reordered,
    "with a greeting": lambda asked, answered, _: (f"Hi there, a quick question. {asked}", answered),
    "with a farewell": lambda asked, answered, _: (asked, f"{answered} I hope that this helps."),
    "cut off": lambda asked, answered, _: (asked, " ".join(answered.split(" ")[:-4])),
}


def patterned(number: int) -> tuple[str, str]:
    """A booking as a form makes it: ninety words, of which eight are drawn."""
    draw = random.Random(number)
    name, start, end, thing = (draw.choice(WORDS).title() for _ in range(4))
    day, money, code = draw.randint(1, 28), draw.randint(100, 999), f"R{draw.randrange(10**6)}"
    asked = (
        f"Please help {name}, who wants to travel from {start} to {end} on day {day} of the month. The traveller has a "
        f"silver card and one bag, and would like a {thing} seat near the front. The budget is {money} dollars and the "
        f"number of the reservation is {code}."
    )
    answered = (
        f"I have looked at what there is for {name}. A train goes from {start} to {end} on day {day}, within the budget "
        f"of {money} dollars. I have booked a {thing} seat. The reservation {code} is confirmed now. Is there anything "
        f"else that I can do for you today?"
    )
    return asked, answered


def free(number: int) -> tuple[str, str]:
    draw = random.Random(number)
    sentences = [" ".join(draw.choice(WORDS) for _ in range(draw.randint(7, 13))) for _ in range(12)]
    return ". ".join(sentences[:4]) + ".", ". ".join(sentences[4:]) + "."


@pytest.mark.parametrize("talk", [patterned, free])
def test_copies_of_every_kind_go_from_talks_by_a_pattern_and_from_free_ones(
    talk: Callable[[int], tuple[str, str]], tmp_path: Path
) -> None:
    """Ten kinds of copies, twelve of each: at most one of a hundred stays, and no talk of its own goes."""
    draw = random.Random(4)
    talks = [talk(number) for number in range(600)]
    copies = [(kind, make(*talks[draw.randrange(600)], draw)) for kind, make in COPIES.items() for _ in range(12)]
    rows = [conversation(*said) for said in (*talks, *(said for _, said in copies))]
    dropped = passed(rows, tmp_path).dropped
    assert [position for position in dropped if position < 600] == []
    assert len([kind for place, (kind, _) in enumerate(copies) if 600 + place not in dropped]) <= 1


def test_equal_rows_but_for_ids_of_calls_are_exact_duplicates(tmp_path: Path) -> None:
    turns = (
        ("user", "Look."),
        ("assistant", None),
        ("call", "find", '{"q": 1}'),
        ("tool", "yes"),
        ("assistant", "Yes."),
    )
    other = (*turns[:2], ("call", "find", '{"q": 2}'), *turns[3:])
    outcome = passed([Row(turns=turns), Row(turns=turns), Row(turns=other)], tmp_path)
    assert outcome.dropped == {1: ("exact dedupe", "exact_duplicate")}


def test_a_system_prompt_and_instructions_in_common_make_no_duplicate(tmp_path: Path) -> None:
    """Nine tenths of every prompt are the same instructions, as MINT's are."""
    rows = [conversation(f"{SYSTEM} {SYSTEM[::-1]} {prose(seed, 30)}", prose(500 + seed, 20)) for seed in range(120)]
    assert passed(rows, tmp_path).dropped == {}


def test_the_same_prompt_for_other_work_makes_no_duplicate(tmp_path: Path) -> None:
    def work(seed: int) -> Row:
        calls = [("call", "bash", f'{{"command": "{prose(seed * 10 + number, 4)}"}}') for number in range(4)]
        done = [turn for call in calls for turn in (("assistant", None), call, ("tool", "done"))]
        return Row(turns=(("user", f"Solve the task in the repository. {SYSTEM}"), *done, ("assistant", "Submitted.")))

    assert passed([work(seed) for seed in range(8)], tmp_path).dropped == {}


def test_the_same_sequence_of_actions_is_a_near_duplicate_whatever_is_said(tmp_path: Path) -> None:
    def acting(seed: int, last: str) -> Row:
        commands = [f"open file{number}.py" for number in range(9)] + [last]
        done = [
            turn
            for number, command in enumerate(commands)
            for turn in (
                ("assistant", prose(seed + number)),
                ("call", "bash", f'{{"command": "{command}"}}'),
                ("tool", ""),
            )
        ]
        return Row(turns=(("user", prose(seed)), *done, ("assistant", prose(seed + 50))))

    outcome = passed(
        [acting(0, "submit"), acting(100, "submit now"), acting(200, "a b c d e f g h i j k l m")], tmp_path
    )
    assert outcome.dropped == {1: ("near dedupe", "near_duplicate")}


def test_what_is_held_out_stays_and_what_resembles_it_goes(tmp_path: Path) -> None:
    rows = [
        conversation(prose(1), prose(2)),
        conversation(prose(1), altered(prose(2), every=60), split="test"),
        conversation(prose(3), prose(4), split="validation"),
        conversation(altered(prose(3), every=60), prose(4), split="test"),
        # The whole prompt of a row held out, answered otherwise.
        conversation(prose(5), prose(6)),
        conversation(prose(5), prose(7), split="validation"),
    ]
    assert passed(rows, tmp_path).dropped == {
        0: ("near dedupe", "near_held_out"),
        2: ("near dedupe", "near_duplicate"),
        4: ("near dedupe", "near_held_out"),
    }


ITEMS = [ProtectedItem(suite_id="exam", task_id=str(seed), text=prose(9_000 + seed, 40)) for seed in range(50)]


@pytest.mark.parametrize(
    "leak",
    [
        lambda item: item,
        lambda item: item.upper().replace(" ", ", "),
        lambda item: " ".join(item.split()[5:18]),  # 13 words
        lambda item: altered(item, every=10),  # never more than nine words in a row
    ],
    ids=["whole", "other case and punctuation", "thirteen words", "every tenth word changed"],
)
def test_a_row_with_a_piece_of_a_protected_item_is_contaminated(leak, tmp_path: Path) -> None:
    clean = [conversation(prose(seed), prose(300 + seed)) for seed in range(100)]
    planted = [
        conversation(prose(600 + number), f"{prose(700 + number, 30)} {leak(item.text)} {prose(800 + number, 30)}")
        for number, item in enumerate(ITEMS)
    ]
    outcome = passed([*clean, *planted], tmp_path, items=ITEMS)
    assert set(outcome.dropped.values()) == {("decontaminate", "contaminated")}
    assert sorted(outcome.dropped) == list(range(100, 150))


def test_a_protected_item_is_found_in_arguments_and_answers_of_tools(tmp_path: Path) -> None:
    rows = [
        Row(turns=(("user", "x"), ("assistant", None), ("call", "f", f'{{"q": "{ITEMS[0].text}"}}'), ("tool", "y"), ("assistant", "z"))),
        Row(turns=(("user", "x"), ("assistant", None), ("call", "f", "{}"), ("tool", ITEMS[1].text), ("assistant", "z"))),
    ]  # fmt: skip
    assert sorted(passed(rows, tmp_path, items=ITEMS).dropped) == [0, 1]


def test_of_items_by_a_pattern_copies_go_and_other_talks_by_it_stay(tmp_path: Path) -> None:
    """A name or a number in common amid the words of a form is chance: one of a hundred talks at most falls for it."""
    items = [
        ProtectedItem(suite_id="exam", task_id=str(number), text=patterned(5_000 + number)[0]) for number in range(60)
    ]
    rows = [conversation(*patterned(number)) for number in range(300)]
    planted = [conversation(f"{prose(number)} {item.text.upper()}", "Fine.") for number, item in enumerate(items)]
    dropped = passed([*rows, *planted], tmp_path, items=items).dropped
    assert [position for position in range(300, 360) if position not in dropped] == []
    assert len([position for position in dropped if position < 300]) <= 3


def test_eight_words_in_common_are_chance(tmp_path: Path) -> None:
    piece = " ".join(ITEMS[0].text.split()[:8])
    assert passed([conversation(piece, prose(1))], tmp_path, items=ITEMS).dropped == {}


def test_the_frame_of_a_suite_is_no_item(tmp_path: Path) -> None:
    """Instructions stand in every protected item, and in the unprotected tasks of the suite too."""
    framed = [ProtectedItem(suite_id="exam", task_id=item.task_id, text=f"{SYSTEM} {item.text}") for item in ITEMS]
    rows = [conversation(f"{SYSTEM} {prose(seed)}", prose(50 + seed)) for seed in range(9)]
    assert passed(rows, tmp_path, items=framed).dropped == {}
    of_suite = [Row(turns=row.turns, suite_id="exam") for row in rows]
    assert passed(of_suite, tmp_path, items=framed[:1]).dropped == {}


def test_caps_keep_the_first_rows_of_what_has_too_many(tmp_path: Path) -> None:
    def said(number: int, agent: str, codes: str = "", *calls: str) -> Row:
        made = [turn for name in calls for turn in (("assistant", None), ("call", name, "{}"), ("tool", "ok"))]
        turns = (("user", prose(number)), *made, ("assistant", prose(90 + number)))
        return Row(turns=turns, agent_id=agent, failure_codes=codes)

    rows = [
        said(0, "a", "TIMEOUT"), said(1, "a"), said(2, "a"), said(3, "b", "TIMEOUT, LOOP"), said(4, "c", "", "web"),
        said(5, "d", "", "web", "web"), said(6, "e", "", "web"),
    ]  # fmt: skip
    outcome = passed(rows, tmp_path, caps=Caps(agent=2, failure_code=1, tool=2))
    assert outcome.dropped == {2: ("cap", "agent_cap"), 3: ("cap", "failure_code_cap"), 6: ("cap", "tool_cap")}


def test_chunks_of_another_size_change_no_verdict(tmp_path: Path) -> None:
    rows = [
        conversation(prose(seed % 40), altered(prose(seed % 40 + 99), every=60, offset=seed % 3)) for seed in range(90)
    ]
    outcomes = []
    for size in (7, 30, 1_000):
        (folder := tmp_path / str(size)).mkdir()
        outcomes.append(passed(rows, folder, chunk_rows=size))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert len(outcomes[0].kept) == 40
    assert np.all(np.diff(outcomes[0].kept) > 0)
