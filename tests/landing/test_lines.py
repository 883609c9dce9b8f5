r"""Lines are cut at `\n` and nowhere else, wherever the blocks happen to end."""

import pytest

from dagster_project.formats.base import Unit
from dagster_project.landing.reading.framing import Blank, Broken
from dagster_project.landing.reading.framing.lines import split
from dagster_project.settings import Settings

STREAM = b"\xef\xbb\xbf{1}\n\r\n{2}\r\n" + b"x" * 30 + b"\n\n{3"


def cut(stream: bytes, settings: Settings, *, block_bytes: int) -> list:
    blocks = [stream[start : start + block_bytes] for start in range(0, len(stream), block_bytes)]
    return list(split(blocks, limits=settings))


@pytest.fixture
def small(settings: Settings) -> Settings:
    return Settings(home=settings.home, max_unit_bytes=20)


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 1000])
def test_the_pieces_do_not_depend_on_where_blocks_end(small: Settings, block_bytes: int) -> None:
    first, blank, second, large, empty, tail = cut(STREAM, small, block_bytes=block_bytes)
    assert first == Unit(raw=b"{1}", number=1, byte_offset=3, line_number=1)
    assert blank == Blank(number=2, byte_offset=7, byte_length=1)
    assert second == Unit(raw=b"{2}\r", number=3, byte_offset=9, line_number=3)
    assert isinstance(large, Broken)
    assert (large.reason, large.number, large.byte_offset, large.byte_length) == ("too_large", 4, 14, 30)
    assert large.prefix == b"x" * 30
    assert empty == Blank(number=5, byte_offset=45, byte_length=0)
    assert tail == Unit(raw=b"{3", number=6, byte_offset=46, line_number=6, is_terminated=False)


def test_a_line_that_passes_by_is_hashed_whole_and_kept_in_part(small: Settings) -> None:
    (large,) = cut(b"y" * 100_000 + b"\n", small, block_bytes=64)
    assert large.byte_length == 100_000
    assert large.prefix == b"y" * 4096
    # sha256 of 100,000 times the letter y, by coreutils' sha256sum
    assert large.raw_sha256 == "24f3b78cabc6269dc973739ded3f476534d27689bd66157953563d328ce339e8"


def test_other_line_separators_are_data(small: Settings) -> None:
    (unit,) = cut("a\u2028b\x1c\x85\r".encode(), small, block_bytes=3)
    assert unit.raw == "a\u2028b\x1c\x85\r".encode()
