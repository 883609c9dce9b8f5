"""Guards: what is worked on for many rows at once is what each row by itself would give."""

import random

import pyarrow as pa

from dagster_project.training.comparing.shingles import distinct, ngrams, shingles_of_each, word_hashes, words_of_each
from dagster_project.training.datasets import MESSAGE
from dagster_project.training.verification.rows import _values
from dagster_project.training.writing.scratch_rows import message_lists


def texts(draw: random.Random) -> list[str]:
    """Of no, one, few and many words, of other scripts, and longer than what is hashed at once."""
    drawn = [
        " ".join(f"w{draw.randrange(500)}" + draw.choice(("", ".", "\n", "é", "_")) for _ in range(draw.randrange(60)))
        for _ in range(200)
    ]
    return ["", "one", *drawn, "...", "x" * 70_000, "東京 は 晴れ", " ".join(map(str, range(20_000))), "", "a b c d e"]


def test_texts_hashed_together_have_the_words_and_runs_that_each_has_alone() -> None:
    said = texts(random.Random(3))
    words, counts = words_of_each(said)
    alone = [word_hashes(text) for text in said]
    assert counts.tolist() == [len(one) for one in alone]
    assert words.tolist() == [word for one in alone for word in one.tolist()]
    together = shingles_of_each(said)
    assert [grams.tolist() for grams in together] == [distinct(ngrams(one, 5)).tolist() for one in alone]


def test_messages_are_written_and_read_by_column_as_they_are_one_by_one() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    plain = {"role": "user", "content": "Hello", "tool_calls": None, "tool_call_id": None, "name": None}
    calling = plain | {"role": "assistant", "content": None, "tool_calls": [call, call]}
    answer = plain | {"role": "tool", "tool_call_id": "c1", "name": "find"}
    for rows in ([[plain], [], [plain, calling, answer]], [[plain], [plain]], []):
        column = message_lists(rows)
        assert column.equals(pa.array(rows, pa.list_(MESSAGE)))
        assert _values(column) == rows
    column = pa.array([[plain], None, [calling]], pa.list_(MESSAGE))
    assert _values(column) == column.to_pylist()
    assert _values(column.slice(1)) == column.to_pylist()[1:]
