"""Described arrays: every element knows what its object said before the array, in bounded memory."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.formats.base import Unit
from dagster_project.landing.reading.framing import Broken, Piece, pieces
from dagster_project.settings import Settings
from tests.formats.units import LIMITS

SMALL = Settings(home=LIMITS.home, max_unit_bytes=100, max_document_bytes=100)


def cut(content: bytes, *, block: int = 1 << 20, limits: Settings = LIMITS) -> list[Piece]:
    blocks = [content[at : at + block] for at in range(0, len(content), block)]
    return list(pieces("described_array:samples", blocks, limits=limits))


def header(piece: Piece) -> dict:
    assert isinstance(piece, Unit)
    assert piece.enclosure is not None
    return json.loads(piece.enclosure.resource)


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_elements_carry_what_stands_before_their_array(block: int) -> None:
    content = b' {"version": 2, "eval": {"samples": [9], "task": "t"}, "samples": [{"id": 1}, {"id": 2}], "late": 1}\n'
    found = cut(content, block=block)
    assert [piece.raw for piece in found if isinstance(piece, Unit)] == [b'{"id": 1}', b'{"id": 2}']
    assert header(found[0]) == {"version": 2, "eval": {"samples": [9], "task": "t"}, "samples": None}
    assert [content[piece.byte_offset :].startswith(piece.raw) for piece in found if isinstance(piece, Unit)] == [
        True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("block", [1, 7, 1 << 20])
@pytest.mark.parametrize("content", [b'{"eval": {"a": 1}}', b'{"samples": null, "b": 1}\n', b'{"samples": []}'])
def test_an_object_without_elements_has_no_units(content: bytes, block: int) -> None:
    assert cut(content, block=block) == []


@pytest.mark.parametrize("content", [b'{"eval": {"a": 1', b'{"samples": 5}', b'{"a": 1]', b"[1]", b'{"samples"'])
def test_an_object_that_is_torn_before_its_array_is_one_unit_that_cannot_be_read(content: bytes) -> None:
    [found] = cut(content)
    assert isinstance(found, Broken)


def test_a_torn_element_takes_no_other_with_it() -> None:
    found = cut(b'{"a": 1, "samples": [{"id": 1}, {"id": [2}, {"id": 3}]}')
    assert [piece.raw if isinstance(piece, Unit) else piece.reason for piece in found] == [
        b'{"id": 1}', "bad_json", b'{"id": 3}',
    ]  # fmt: skip
    assert header(found[2])["a"] == 1


def test_a_description_larger_than_a_unit_is_not_kept() -> None:
    [found] = cut(b'{"a": "' + b"x" * 200 + b'", "samples": [{"id": 1}]}', limits=SMALL)
    assert isinstance(found, Unit)
    assert found.enclosure is not None
    assert found.enclosure.resource == b""


@settings(max_examples=300)
@given(st.text(st.sampled_from('[]{}",:\\\n a1'), max_size=60), st.sampled_from([1, 5, 1 << 20]))
def test_no_bytes_are_too_bad(text: str, block: int) -> None:
    content = b'{"a": 1, "samples": ' + text.encode()
    found = cut(content, block=block, limits=SMALL)
    assert [piece.number for piece in found] == list(range(1, len(found) + 1))
    assert all(content[piece.byte_offset :].startswith(piece.raw) for piece in found if isinstance(piece, Unit))
