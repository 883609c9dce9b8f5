"""Framings of maps: leaves of a tree, elements of a YAML list, units that know the one before them."""

import json

import pytest

from dagster_project.formats.base import Rejected, Unit
from dagster_project.formats.mapped.yaml_values import parse_yaml
from dagster_project.landing.reading.framing import Broken, Piece
from dagster_project.settings import Settings
from tests.formats.test_framing import cut, hold_their_place, said
from tests.formats.units import LIMITS

SMALL = Settings(home=LIMITS.home, max_unit_bytes=40, max_document_bytes=40)

TREE = b"""{"start": "s", "tests": {
  "a": {"ok": true},
  "suite": {"about": 1, "tests": {
    "b": {"ok": false}, "inner": {"tests": {"c": {"x": "\\"tests\\": {"}}}, "none": {"tests": {}}}},
  "d": 1
}, "end": "e"}"""


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_leaves_of_a_tree_know_their_way_and_their_document(block: int) -> None:
    found = cut("tree:tests", TREE, block=block)
    assert said(found) == [b'"a": {"ok": true}', b'"b": {"ok": false}', b'"c": {"x": "\\"tests\\": {"}', b'"d": 1']
    hold_their_place(TREE, found)
    around = [piece.enclosure for piece in found if isinstance(piece, Unit) and piece.enclosure is not None]
    assert [json.loads(entry.scope) for entry in around] == [["a"], ["suite", "b"], ["suite", "inner", "c"], ["d"]]
    assert all(json.loads(entry.resource) == {"start": "s", "end": "e"} for entry in around)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b'{"tests": {}}', []),
        (b'{"tests": {"suite": {"tests": {}}}}', []),
        (b'{"tests": []}', ["format_error"]),
        (b'{"other": {}}', ["format_error"]),
        (b'{"tests": {"a": 1}, "tests": {"b": 2}}', ["format_error"]),
        # Which of two equal keys counts is not known: the leaf's own decoder refuses it.
        (b'{"tests": {"a": {"tests": {}, "tests": {"b": 1}}}}', [b'"a": {"tests": {}, "tests": {"b": 1}}']),
        (b'{"tests": {"a": 1, "b" 2, "c": 3}}', [b'"a": 1', "bad_json", b'"c": 3']),
        (b'{"tests": {"a": 1', ["bad_json"]),
        (b"[1]", ["format_error"]),
    ],
    ids=str,
)
def test_what_is_no_leaf_of_a_tree(content: bytes, expected: list[bytes | str]) -> None:
    assert said(cut("tree:tests", content)) == expected


def test_a_tree_without_end_is_given_up_at_once() -> None:
    content = b'{"tests":{"a":' * 40_000 + b"1" + b"}}" * 40_000
    assert said(cut("tree:tests", content)) == ["too_deep"]


def test_a_tree_under_a_large_header_is_not_judged_leaf_by_leaf() -> None:
    content = b'{"h": "' + b"x" * (LIMITS.max_unit_bytes // 16) + b'", "tests": {"a": 1, "b": 2}}'
    assert said(cut("tree:tests", content)) == ["too_large"]


def test_a_tree_larger_than_a_unit_is_not_buffered() -> None:
    assert said(cut("tree:tests", b'{"tests": {"a": "' + b"x" * 60 + b'"}}', limits=SMALL)) == ["too_large"]


YAML = [
    (b"- a: 1\n  b: 2\n\n- a: 3\n", [b"- a: 1\n  b: 2", b"- a: 3"]),
    (b"\xef\xbb\xbf- a: 1", [b"- a: 1"]),
    (b"%YAML 1.2\n---\n# said first\n- a: 1\n# of the first\n- a: 2", [b"- a: 1\n# of the first", b"- a: 2"]),
    (b"- a\r\n- b\r\n", [b"- a", b"- b"]),
    (b"-\n  a: 1\n-", [b"-\n  a: 1", b"-"]),
    (b"- text: |\n    - no element\n  b: 1\n- c", [b"- text: |\n    - no element\n  b: 1", b"- c"]),
    (b'- a: "torn\n- b: 2\n', [b'- a: "torn', b"- b: 2"]),
    (b"# nothing\n", []),
    (b"", []),
    (b"-", [b"-"]),
    (b"a: 1\n", ["format_error"]),
    (b"a: 1\n- b: 2\n", ["format_error", b"- b: 2"]),
    (b"-- no dash\n", ["format_error"]),
    (b"- " + b"x" * 60 + b"\n- b\n", ["too_large", b"- b"]),
]


@pytest.mark.parametrize("block", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize(("content", "expected"), YAML, ids=lambda value: repr(value)[:40])
def test_elements_of_a_yaml_list(content: bytes, expected: list[bytes | str], block: int) -> None:
    found = cut("yaml", content, block=block, limits=SMALL)
    assert said(found) == expected
    hold_their_place(content, found)
    lines = [content[: piece.byte_offset].count(b"\n") + 1 for piece in found]
    assert [piece.line_number for piece in found if not isinstance(piece, str)] == lines


def test_a_last_yaml_element_without_a_line_s_end_may_still_grow() -> None:
    assert [isinstance(piece, Unit) and piece.is_terminated for piece in cut("yaml", b"- a\n- b")] == [True, False]
    assert [isinstance(piece, Unit) and piece.is_terminated for piece in cut("yaml", b"- a\n- b\n")] == [True, True]


def test_yaml_values_are_those_of_json() -> None:
    text = b"""- {a: 1, b: 2.50, c: -1.5e+3, d: true, e: null, f: ~, g: , h: 2024-07-18, i: 415e898, j: 007}
"""
    assert parse_yaml(text, limits=LIMITS) == [
        {"a": 1, "b": 2.5, "c": -1500.0, "d": True, "e": None, "f": None, "g": None, "h": "2024-07-18",
         "i": "415e898", "j": "007"}
    ]  # fmt: skip
    assert parse_yaml(b"- [yes, 'true', \"1\", 1_000, .5]", limits=LIMITS) == [["yes", "true", "1", "1_000", ".5"]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"- a: 1\n  a: 1", "duplicate_key"),
        (b"- a: &x [1]\n  b: *x", "bad_value"),
        (b"- !!python/object/apply:os.system [ls]", "bad_value"),
        (b"- ? [a]\n  : b", "bad_value"),
        (b"- a\n---\n- b", "bad_value"),
        (b'- "torn', "bad_value"),
        (b"- " + b"[" * 100_000, "too_deep"),
        (b"- " * 100_000, "too_deep"),
        (b"- 99999999999999999999", "bad_number"),
        (b"- 1.0e999", "bad_number"),
        (b"- \xff", "bad_encoding"),
        (b"", "bad_value"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_yaml_that_is_not_plain_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_yaml(text, limits=LIMITS)
    assert caught.value.reason == reason


def before(piece: Piece) -> bytes | str:
    assert isinstance(piece, Unit)
    assert piece.enclosure is not None
    return "unknown" if piece.enclosure.is_torn else piece.enclosure.resource


def test_units_know_the_one_before_them() -> None:
    first, second, third = cut("after:array", b"[1, 2,3]", block=1)
    assert [before(piece) for piece in (first, second, third)] == [b"", b"1", b"2"]


def test_after_a_torn_unit_the_one_before_is_unknown() -> None:
    first, torn, third, fourth = cut("after:array", b'[{"a":1},{"a":[2},{"a":3},{"a":4}]')
    assert isinstance(torn, Broken)
    assert [before(piece) for piece in (first, third, fourth)] == [b"", "unknown", b'{"a":3}']


def test_a_blank_line_comes_between_nothing() -> None:
    first, _, second = cut("after:lines", b'{"a":1}\n\n{"a":2}\n')
    assert [before(first), before(second)] == [b"", b'{"a":1}']
