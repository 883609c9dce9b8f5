"""Guards: of protected items that follow one pattern, copies and their telling halves go; other texts by it stay."""

import random
from pathlib import Path

from dagster_project.training.comparing.contamination import ProtectedItem
from tests.training.rows import Row, passed

PLACES = [a + b for a in ("nor", "sel", "bra", "kum", "tol", "vex") for b in ("da", "ri", "mo", "lin", "pas")]
TROUBLES = ("arrived broken at one corner", "never left the warehouse", "was billed twice by mistake")


def asked(draw: random.Random) -> str:
    """A request by a pattern in which phrases of several words are common, too."""
    goods, number = draw.choice(PLACES), draw.randint(10_000, 99_999)
    return (
        f"Hello, this is {draw.choice(PLACES)} {draw.choice(PLACES)} from {draw.choice(PLACES)}. I ordered a {goods} "
        f"lamp with order number {number} and it {draw.choice(TROUBLES)}. Could you check what happened and tell me?"
    )


def row(text: str) -> Row:
    return Row(turns=(("user", text), ("assistant", "I have looked at it and will come back to you.")))


def test_copies_of_patterned_items_go_and_other_requests_by_the_pattern_stay(tmp_path: Path) -> None:
    draw = random.Random(5)
    texts = [asked(draw) for _ in range(60)]
    items = [ProtectedItem(suite_id="gold", task_id=str(number), text=text) for number, text in enumerate(texts)]
    others = [row(asked(draw)) for _ in range(300)]
    copies = [row(f"A question of mine: {text}") for text in texts]
    halves = [row(f"Look: {' '.join(text.split()[:18])} as I said.") for text in texts]
    dropped = passed([*others, *copies, *halves], tmp_path, items=items).dropped
    contaminated = {position for position, verdict in dropped.items() if verdict[1] == "contaminated"}
    assert set(range(300, 420)) <= dropped.keys()
    assert len(contaminated & set(range(300))) <= 3
