"""Framing: every unit once, in order, at its exact bytes, whatever the blocks; a torn one spares its neighbours."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.formats.base import Framing, Unit
from dagster_project.landing.reading.framing import Blank, Broken, Piece, pieces
from dagster_project.settings import Settings
from tests.formats.units import LIMITS

SMALL = Settings(home=LIMITS.home, max_unit_bytes=40, max_document_bytes=40)
X = b"x" * 60


def cut(framing: Framing, content: bytes, *, block: int = 1 << 20, limits: Settings = LIMITS) -> list[Piece]:
    blocks = [content[at : at + block] for at in range(0, len(content), block)]
    return list(pieces(framing, blocks, limits=limits))


def said(found: list[Piece]) -> list[bytes | str]:
    """A unit's bytes, or the reason for which it could not be cut out."""
    return [
        piece.raw if isinstance(piece, Unit) else piece.reason if isinstance(piece, Broken) else "blank"
        for piece in found
    ]


def hold_their_place(content: bytes, found: list[Piece]) -> None:
    """Numbers have no gap, places do not overlap, and the bytes are the stream's."""
    assert [piece.number for piece in found] == list(range(1, len(found) + 1))
    end = 0
    for piece in found:
        length = len(piece.raw) if isinstance(piece, Unit) else piece.byte_length
        assert end <= piece.byte_offset
        end = piece.byte_offset + length
        assert end <= len(content)
        if not isinstance(piece, Blank):
            kept = piece.raw if isinstance(piece, Unit) else piece.prefix
            assert content[piece.byte_offset : end].startswith(kept)


ARRAYS: list[tuple[bytes, list[bytes | str]]] = [
    (b"[]", []),
    (b" \n[ ]\n", []),
    (b"", []),
    (b"\xef\xbb\xbf[1, 2]", [b"1", b"2"]),
    (b'[1,"a,]", null ,{"b":[1,{}]}]', [b"1", b'"a,]"', b"null", b'{"b":[1,{}]}']),
    (b'[{"a":"\\"},{"},{"a":1}]', [b'{"a":"\\"},{"}', b'{"a":1}']),
    # A bad value stays within its element; the decoder refuses it.
    (b'[{"a":1},{"a":tru},{"a":3}]', [b'{"a":1}', b'{"a":tru}', b'{"a":3}']),
    # A bracket that is missing, wrong or too many.
    (b'[{"a":1},{"a":2,{"a":3},{"a":4}]', [b'{"a":1}', "bad_json", b'{"a":3}', b'{"a":4}']),
    (b'[{"a":1},{"a":[2},{"a":3}]', [b'{"a":1}', "bad_json", b'{"a":3}']),
    (b'[{"a":1},{"a":[2,{"a":3},{"a":4}]', [b'{"a":1}', "bad_json", b'{"a":3}', b'{"a":4}']),
    (b'[{"a":1}},{"a":2}]', ["bad_json", b'{"a":2}']),
    # A quote that is missing: on a line of its own, and within one line.
    (b'[{"a":1},\n{"a":"x},\n{"a":"y"},\n{"a":2}]', [b'{"a":1}', "bad_json", b'{"a":"y"}', b'{"a":2}']),
    (b'[{"a":1},{"a":"x},{"a":"y"},{"a":2}]', [b'{"a":1}', "bad_json", b'{"a":"y"}', b'{"a":2}']),
    # A first key of its own on a line of its own.
    (b'[\n{"a":1},\n{"b":[2},\n{"c":3}\n]', [b'{"a":1}', "bad_json", b'{"c":3}']),
    (b'[\n{"a":[1},\n{"b":2}\n]', ["bad_json", b'{"b":2}']),
    (b"[\n[1},\n[2]\n]", ["bad_json", b"[2]"]),
    # Commas without a value.
    (b"[1,,2]", [b"1", "bad_json", b"2"]),
    (b"[1,]", [b"1", "bad_json"]),
    # The array's own ends.
    (b"[1] [2]", [b"1", "bad_json"]),
    (b'{"a":1}', ["format_error"]),
    (b"[" + b'{"a":"' + X + b'"},{"a":2}]', ["too_large", b'{"a":2}']),
]


@pytest.mark.parametrize(("content", "expected"), ARRAYS, ids=lambda value: repr(value)[:50])
@pytest.mark.parametrize("block", [1 << 20, 1, 7])
def test_elements_of_an_array(content: bytes, expected: list[bytes | str], block: int) -> None:
    found = cut("array", content, block=block, limits=SMALL)
    assert said(found) == expected
    hold_their_place(content, found)


def test_a_torn_element_is_left_behind_where_the_next_one_begins() -> None:
    content = b'[\n  {"a": 1, "in": [{"a": 0}]},\n  {"a": 2, "in": [{"a": 0},\n  {"a": 3}\n]'
    assert said(cut("array", content)) == [b'{"a": 1, "in": [{"a": 0}]}', "bad_json", b'{"a": 3}']


def test_the_beginning_of_an_element_within_a_text_is_text() -> None:
    content = b'[{"a":1},{"a":[2},{"b":"{\\"a\\":1},{\\"a\\":5}"},{"a":3}]'
    assert said(cut("array", content)) == [b'{"a":1}', "bad_json", b'{"a":3}']


@pytest.mark.parametrize(
    ("content", "whole", "is_tail"),
    [(b'[{"a":1},{"a":2', [b'{"a":1}'], True), (b"[1,", [b"1"], True), (b'{"k":1,"l', [b'"k":1'], True)],
)
def test_a_container_that_ends_early_leaves_a_tail(content: bytes, whole: list[bytes], is_tail: bool) -> None:
    *units, tail = cut("array" if content.startswith(b"[") else "object", content)
    assert said(units) == whole
    assert isinstance(tail, Broken)
    assert tail.is_tail is is_tail


def test_a_last_element_without_the_closing_bracket_may_still_grow() -> None:
    first, last = cut("array", b'[{"a":1},{"a":2}')
    assert (isinstance(first, Unit) and first.is_terminated, isinstance(last, Unit) and last.is_terminated) == (
        True, False,
    )  # fmt: skip


OBJECTS: list[tuple[bytes, list[bytes | str]]] = [
    (b"{}", []),
    (b'{"a": true , "b,":false}', [b'"a": true', b'"b,":false']),
    (b'{"a":tru,"b":{"c":[1,2]}}', [b'"a":tru', b'"b":{"c":[1,2]}']),
    (b'{"a" 1,"b":2}', ["bad_json", b'"b":2']),
    (b'{"a":1,2,"b":2}', [b'"a":1', "bad_json", b'"b":2']),
    (b'{\n "a": 1,\n "b": [2},\n "c": 3\n}', [b'"a": 1', "bad_json", b'"c": 3']),
    (b"[1]", ["format_error"]),
]


@pytest.mark.parametrize(("content", "expected"), OBJECTS, ids=lambda value: repr(value)[:50])
@pytest.mark.parametrize("block", [1 << 20, 1, 7])
def test_pairs_of_an_object(content: bytes, expected: list[bytes | str], block: int) -> None:
    found = cut("object", content, block=block)
    assert said(found) == expected
    hold_their_place(content, found)


def test_a_pair_knows_its_decoded_key() -> None:
    [pair] = cut("object", b'{"a\\n\\u00e9": 1}')
    assert isinstance(pair, Unit)
    assert pair.key == "a\né"


RECORDS: list[tuple[bytes, list[dict[str, str] | str]]] = [
    (b"a,b\n1,2\n3,4", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
    (b'a,b\r\n1,"x,""y""\r\nz"\r\n\r\n,\r\n', [{"a": "1", "b": 'x,"y"\r\nz'}, "blank", {"a": "", "b": ""}]),
    (b'\xef\xbb\xbf"a b",c\n1,2\n', [{"a b": "1", "c": "2"}]),
    (b'a,b\n5" x,6\n', [{"a": '5" x', "b": "6"}]),
    (b"a,b\n1\n2,3\n1,2,3\n", ["format_error", {"a": "2", "b": "3"}, "format_error"]),
    (b'a,b\n1,"x\n2,"y"\n3,4\n', ["format_error", {"a": "2", "b": "y"}, {"a": "3", "b": "4"}]),
    (b'a,b\n"x"y,1\n2,3\n', ["format_error", {"a": "2", "b": "3"}]),
    (b'a,b\n1,"open\n2,3\n', ["format_error", {"a": "2", "b": "3"}]),
    (b"a\n\xff\nx\n", ["bad_encoding", {"a": "x"}]),
    (b"a,a\n1,2\n", ["format_error"]),
    (b"", []),
    (b"a,b\n", []),
]


def fields_of(piece: Piece) -> dict[str, str] | str:
    if isinstance(piece, Unit):
        return piece.fields or {}
    return piece.reason if isinstance(piece, Broken) else "blank"


@pytest.mark.parametrize(("content", "expected"), RECORDS, ids=lambda value: repr(value)[:50])
@pytest.mark.parametrize("block", [1 << 20, 1, 7])
def test_records_of_a_csv_file(content: bytes, expected: list[dict[str, str] | str], block: int) -> None:
    found = cut("csv", content, block=block)
    assert [fields_of(piece) for piece in found] == expected
    hold_their_place(content, found)


@pytest.mark.parametrize("block", [1 << 20, 7])
def test_a_record_that_is_too_large_hides_no_record_in_its_text(block: int) -> None:
    content = b'a,b\n1,"' + X + b"\n2,3\n" + X + b'"\n4,5\n'
    found = cut("csv", content, block=block, limits=SMALL)
    assert [fields_of(piece) for piece in found] == ["too_large", {"a": "4", "b": "5"}]


def test_a_record_knows_its_line() -> None:
    found = cut("csv", b'a\n"x\ny"\nz\n')
    assert [piece.line_number for piece in found if isinstance(piece, Unit)] == [2, 4]


def test_a_document_is_one_unit() -> None:
    assert said(cut("document", b'\n {"a":\n 1} \n', block=3)) == [b'{"a":\n 1}']
    assert said(cut("document", b" \n")) == ["blank"]
    assert said(cut("document", X, block=9, limits=SMALL)) == ["too_large"]


def test_memory_is_bounded_by_the_cap_and_not_by_the_unit() -> None:
    """A generator of blocks proves that nothing waits for the end: what was cut out is given before more is asked."""
    asked = 0

    def blocks() -> Any:
        nonlocal asked
        yield b'[{"a":1},{"a":"'
        for _ in range(2000):
            asked += 1
            yield b"x" * 1000
        yield b'"},{"a":2}]'

    stream = pieces("array", blocks(), limits=SMALL)
    assert (next(stream).byte_offset, asked) == (1, 0)
    large, last = list(stream)
    assert isinstance(large, Broken)
    assert (large.reason, large.byte_length, len(large.prefix)) == ("too_large", 2_000_008, 4096)
    assert said([last]) == [b'{"a":2}']


texts = st.text(max_size=6)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), texts, st.sampled_from(['{"a":1},', "]}", '\\"']))
values = st.recursive(scalars, lambda below: st.lists(below, max_size=3) | st.dictionaries(texts, below, max_size=3))
indents = st.sampled_from([None, 1])
blocks = st.sampled_from([1, 3, 16, 1 << 20])


@settings(max_examples=150)
@given(st.lists(values, max_size=5), indents, blocks)
def test_a_whole_array_comes_apart_into_its_elements(elements: list[Any], indent: int | None, block: int) -> None:
    content = json.dumps(elements, indent=indent).encode()
    found = cut("array", content, block=block)
    assert [json.loads(piece.raw) for piece in found if isinstance(piece, Unit)] == elements
    hold_their_place(content, found)


@settings(max_examples=150)
@given(st.dictionaries(st.text(max_size=5), values, max_size=5), indents, blocks)
def test_a_whole_object_comes_apart_into_its_pairs(pairs: dict[str, Any], indent: int | None, block: int) -> None:
    content = json.dumps(pairs, indent=indent).encode()
    found = [piece for piece in cut("object", content, block=block) if isinstance(piece, Unit)]
    assert {piece.key: json.loads(b"{" + piece.raw + b"}")[piece.key] for piece in found} == pairs


cells = st.text(st.sampled_from('ab,"\n\r é'), max_size=5)


@settings(max_examples=150)
@given(st.lists(st.tuples(cells, cells), max_size=5), st.sampled_from(["\n", "\r\n"]), blocks)
def test_csv_is_read_as_the_standard_library_writes_it(rows: list[tuple[str, str]], end: str, block: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    found = cut("csv", text.getvalue().encode(), block=block)
    assert [tuple(piece.fields.values()) for piece in found if isinstance(piece, Unit) and piece.fields] == rows


@settings(max_examples=300)
@given(
    st.sampled_from(["array", "object", "csv", "document"]),
    st.binary(max_size=60) | st.text(st.sampled_from('[]{}",:\\\n a1'), max_size=80).map(str.encode),
    st.sampled_from([1, 5, 1 << 20]),
)
def test_no_bytes_are_too_bad_and_all_keep_their_place(framing: Framing, content: bytes, block: int) -> None:
    found = cut(framing, content, block=block, limits=SMALL)
    hold_their_place(content, found)
    assert all(len(piece.raw) <= SMALL.max_unit_bytes for piece in found if isinstance(piece, Unit))


@pytest.mark.parametrize(
    ("framing", "content"),
    [("document", b'{"a": "%s"}' % X), ("array", b'[{"a": "%s"}]' % X), ("object", b'{"a": "%s"}' % X)],
)  # fmt: skip
def test_what_holds_a_whole_run_may_be_larger_than_a_line(framing: Framing, content: bytes) -> None:
    larger = Settings(home=LIMITS.home, max_unit_bytes=40, max_document_bytes=80)
    [unit] = cut(framing, content, limits=larger)
    assert isinstance(unit, Unit)
    [line] = cut("lines", content, limits=larger)
    assert isinstance(line, Broken)
    assert line.reason == "too_large"
