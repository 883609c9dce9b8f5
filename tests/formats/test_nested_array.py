"""The array within a document gives its elements and nothing else, in any blocks, in bounded memory."""

import tracemalloc

import pytest

from dagster_project.formats.base import Unit
from dagster_project.formats.head_values import CUT_OFF, first_members, first_values
from dagster_project.landing.reading.framing import Piece, pieces
from dagster_project.settings import Settings
from tests.formats.units import LIMITS, head

SMALL = Settings(home=LIMITS.home, max_unit_bytes=40, max_document_bytes=40)
NO_ARRAY = "not a JSON object with an array 'simulations'"


def cut(content: bytes, *, block: int) -> list[Piece]:
    blocks = [content[at : at + block] for at in range(0, len(content), block)]
    return list(pieces("array:simulations", blocks, limits=SMALL))


def said(piece: Piece) -> tuple[bytes | str, int]:
    return (piece.raw if isinstance(piece, Unit) else piece.reason), piece.byte_offset


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"a":1,"simulations":[{"x":1},{"y":[2]}],"z":3}', [(b'{"x":1}', 22), (b'{"y":[2]}', 30)]),
        (b'\xef\xbb\xbf { "simulations" : [ 5 , 6 ] }', [(b"5", 24), (b"6", 28)]),
        (b'{"simulations":[]}', []),
        (b"", []),
        # The key deeper down, or in a text, is another key.
        (b'{"a":{"simulations":[1]},"b":"\\"simulations\\":[2","simulations":[3]}', [(b"3", 65)]),
        (b'{"simulations":[{"a":1},{"a":2,{"a":3}],"b":1}', [(b'{"a":1}', 16), ("bad_json", 24), (b'{"a":3}', 31)]),
        (b'{"simulations":[{"a":1},{"a":2', [(b'{"a":1}', 16), ("bad_json", 24)]),
        (b'{"simulations":[1,"' + b"x" * 60 + b'",2]}', [(b"1", 16), ("too_large", 18), (b"2", 81)]),
    ],
    ids=str,
)
def test_elements_are_cut_out_at_their_bytes(
    content: bytes, expected: list[tuple[bytes | str, int]], block: int
) -> None:
    assert [said(piece) for piece in cut(content, block=block)] == expected


@pytest.mark.parametrize("block", [1, 3, 1000])
@pytest.mark.parametrize(
    "content",
    [b'{"a":1}', b"[1]", b'{"simulations":null}', b'{"simulations":{"a":[1]}}', b'{"a":[1}', b'{"a":"torn', b"{5:[]}"],
    ids=str,
)
def test_a_document_without_the_array_is_one_broken_unit(content: bytes, block: int) -> None:
    [piece] = cut(content, block=block)
    assert not isinstance(piece, Unit)
    assert (piece.reason, piece.detail, piece.byte_offset, piece.byte_length) == (  # type: ignore[union-attr]
        "format_error", NO_ARRAY, 0, len(content),
    )  # fmt: skip


def test_what_stands_around_the_array_is_never_held() -> None:
    large = b"x" * (1 << 16)

    def blocks():
        yield b'{"policy":"'
        for _ in range(400):
            yield large
        yield b'","simulations":[1],"tasks":"'
        for _ in range(400):
            yield large
        yield b'"}'

    tracemalloc.start()
    found = list(pieces("array:simulations", blocks(), limits=SMALL))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [said(piece)[0] for piece in found] == [b"1"]
    assert peak < 1 << 20


def test_detection_sees_the_first_element_and_the_members_before_it() -> None:
    start = head("results.json", b'{"info": {"seed": 1}, "simulations": [ {"id": "a"}, {"id": "', is_whole=False)
    assert list(first_values(start, "array:simulations")) == [{"id": "a"}]
    assert first_members(start) == {"info": {"seed": 1}, "simulations": CUT_OFF}
    assert first_members(head("results.json", b"[1]")) == {}
