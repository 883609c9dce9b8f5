"""Zip archives: every member is judged by itself, nothing is extracted, and no archive makes us read without end."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.formats.base import ArchiveLayout, Unit
from dagster_project.landing.reading.archive_directory import MAX_MEMBERS, read_directory
from dagster_project.landing.reading.archives import Archive
from dagster_project.landing.reading.compression import Stream
from dagster_project.landing.reading.framing import Blank, Broken, Piece
from dagster_project.landing.reading.framing.archive import split
from dagster_project.landing.reading.heads import read_head
from dagster_project.settings import Settings

LIMITS = Settings(home=Path("unused"), max_unit_bytes=1000, max_document_bytes=1000)
LAYOUT = ArchiveLayout(units=r"samples/.+\.json", headers=("header.json", "start.json"))
A, B, C = "samples/a.json", "samples/b.json", "samples/c.json"
THREE = {A: b'{"n":1}', B: b'{"n":2}', C: b'{"n":3}', "header.json": b'{"h":1}'}


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text, compress_type=method)
    return content.getvalue()


def cut(content: bytes, *, limits: Settings = LIMITS, layout: ArchiveLayout = LAYOUT) -> list[Piece]:
    return list(
        split(Archive(io.BytesIO(content), file_bytes=len(content), settings=limits), layout=layout, limits=limits)
    )


def said(found: list[Piece]) -> list[bytes | str]:
    return [
        piece.raw if isinstance(piece, Unit) else piece.reason if isinstance(piece, Broken) else "blank"
        for piece in found
    ]


def changed(content: bytes, at: int, replacement: bytes) -> bytes:
    return content[:at] + replacement + content[at + len(replacement) :]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_each_member_that_the_layout_names_is_a_unit_with_the_header(method: int) -> None:
    found = cut(zipped(THREE, method=method))
    assert said(found) == [THREE[A], THREE[B], THREE[C]]
    assert [piece.number for piece in found] == [1, 2, 3]
    assert {piece.enclosure.resource for piece in found if isinstance(piece, Unit) and piece.enclosure} == {b'{"h":1}'}


def test_members_compressed_with_zstd_are_read() -> None:
    text, name = b'{"n":1}', A.encode()
    packed = zstandard.ZstdCompressor().compress(text)
    sizes = (93, 0, 0, zlib.crc32(text), len(packed), len(text), len(name), 0)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 63, 0, *sizes) + name + packed
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 63, 63, 0, *sizes, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(local), 0)
    assert said(cut(local + entry + end)) == [text]
    assert said(cut(local)) == [text]
    assert said(cut(local[:-3])) == ["format_error"]


def test_a_second_header_takes_the_place_of_a_missing_one() -> None:
    [found] = cut(zipped({A: b"{}", "start.json": b"2"}))
    assert isinstance(found, Unit)
    assert found.enclosure is not None
    assert found.enclosure.resource == b"2"


def test_offsets_count_the_bytes_of_all_members(tmp_path: Path) -> None:
    path = tmp_path / "x.eval"
    path.write_bytes(zipped({"other.txt": b"12345", A: b' {"n":1} ', B: b'{"n":2}'}))
    stream = b"".join(Stream(path, file_bytes=path.stat().st_size, settings=LIMITS).blocks())
    assert stream == b'12345 {"n":1} {"n":2}'
    found = cut(path.read_bytes())
    assert [piece.byte_offset for piece in found] == [6, 14]
    assert [stream[piece.byte_offset :][: len(piece.raw)] for piece in found if isinstance(piece, Unit)] == said(found)


def test_a_blank_member_is_blank() -> None:
    assert isinstance(cut(zipped({A: b" \n"}))[0], Blank)


def test_a_member_that_is_too_large_is_not_kept_and_spares_the_others() -> None:
    found = cut(zipped({A: b"x" * 5000, B: b"{}"}))
    assert said(found) == ["too_large", b"{}"]
    assert isinstance(found[0], Broken)
    assert found[0].byte_length == 5000


def damaged_data(content: bytes) -> bytes:
    return changed(content, content.index(b"samples/b.json") + len(B) + 2, b"\xff\xff\xff")


def damaged_checksum(content: bytes) -> bytes:
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"samples/b.json"))
    return changed(content, at + 16, b"\x00\x01\x02\x03")


def damaged_header(content: bytes) -> bytes:
    return changed(content, content.index(b"samples/b.json") - 30, b"XX")


def encrypted(content: bytes) -> bytes:
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"samples/b.json"))
    return changed(content, at + 8, struct.pack("<H", 1))


def unknown_method(content: bytes) -> bytes:
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"samples/b.json"))
    return changed(content, at + 10, struct.pack("<H", 12))


def overlapped(content: bytes) -> bytes:
    """The second member claims to begin where the first one does."""
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(b"samples/b.json"))
    return changed(content, at + 42, struct.pack("<L", content.index(b"samples/a.json") - 30))


@pytest.mark.parametrize(
    "damage", [damaged_data, damaged_checksum, damaged_header, encrypted, unknown_method, overlapped],
    ids=lambda damage: damage.__name__,
)  # fmt: skip
def test_a_damaged_member_takes_no_other_with_it(damage: Callable[[bytes], bytes]) -> None:
    found = cut(damage(zipped({name: text * 20 for name, text in THREE.items()})))
    assert sorted(said(found), key=str) == sorted([THREE[A] * 20, THREE[C] * 20, "format_error"], key=str)
    assert [piece.number for piece in found] == [1, 2, 3]


@pytest.mark.parametrize(
    "name", ["samples/../../etc/x.json", "/samples/x.json", "samples\\x.json", "C:samples/x.json", "samples/a\x01.json"]
)
def test_a_hostile_name_is_refused_and_nothing_is_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = cut(zipped({name: b"{}", B: b"{}"}), layout=ArchiveLayout(units=r".+\.json", headers=()))
    assert said(found) == ["format_error", b"{}"]
    assert list(tmp_path.iterdir()) == []


def test_a_file_cut_short_gives_its_whole_members() -> None:
    content = zipped({name: text * 20 for name, text in THREE.items()})
    whole, cut_off = content.index(b"samples/c.json") - 30, content.index(b"samples/c.json") + 18
    assert said(cut(content[:whole])) == [THREE[A] * 20, THREE[B] * 20]
    found = cut(content[:cut_off])
    assert said(found) == [THREE[A] * 20, THREE[B] * 20, "format_error"]
    assert isinstance(found[2], Broken)
    assert found[2].is_tail


def test_a_directory_that_is_damaged_is_done_without() -> None:
    content = zipped(THREE)
    found = cut(changed(content, content.index(b"PK\x01\x02"), b"XX"))
    assert said(found) == [THREE[A], THREE[B], THREE[C]]


def test_sizes_written_behind_a_member_are_understood_without_a_directory() -> None:
    content = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            return content.write(bytes(data))

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[arg-type]
        for name in (A, B):
            archive.writestr(name, THREE[name])
    whole = content.getvalue()
    assert said(cut(whole)) == [THREE[A], THREE[B]]
    assert len(cut(whole[: whole.index(b"PK\x01\x02")])) == 2


def test_an_archive_of_which_nothing_is_left_is_one_unit_that_cannot_be_read() -> None:
    [found] = cut(b"PK\x03\x04" + b"\xff" * 10)
    assert isinstance(found, Broken)
    assert (found.reason, found.byte_length) == ("format_error", 14)


def test_an_empty_archive_has_no_units() -> None:
    assert cut(zipped({})) == []


def test_a_bomb_is_stopped_and_spares_its_neighbours() -> None:
    content = zipped({A: b'{"n":1}', B: b"\0" * (64 << 20), C: b'{"n":3}'})
    found = cut(content)
    assert said(found) == [b'{"n":1}', "too_large", b'{"n":3}']
    assert isinstance(found[1], Broken)
    # Allowed were 200 times its 65 kB and 16 MiB to spare.
    assert found[1].byte_length < 32 << 20


def test_many_bombs_share_what_is_to_spare() -> None:
    content = zipped({f"samples/{n}.json": b"\0" * (20 << 20) for n in range(4)})
    lengths = [piece.byte_length for piece in cut(content) if isinstance(piece, Broken)]
    # Each may grow to 200 times its 20 kB; 16 MiB to spare are there once, not four times.
    assert sum(lengths) < 4 * (4 << 20) + (18 << 20)


def test_a_directory_without_end_is_not_read_to_its_end() -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[0] * 6, 0, 0, 0, 1, *[0] * 4, 0, 0) + b"a"
    count = MAX_MEMBERS + 5
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, len(entry) * count, 0, 0)
    content = entry * count + end
    found = read_directory(io.BytesIO(content), file_bytes=len(content))
    assert len(found.members) == MAX_MEMBERS
    assert found.problem is not None


def test_the_head_of_an_archive_tells_its_members(tmp_path: Path) -> None:
    path = tmp_path / "x.eval"
    path.write_bytes(zipped(THREE))
    head = read_head(path, display="x.eval", file_bytes=path.stat().st_size, settings=LIMITS)
    assert head.members == (A, B, C, "header.json")
    assert head.start.startswith(b"PK\x03\x04")


WHOLE = zipped({name: text * 20 for name, text in THREE.items()})
edits = st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=4)), max_size=6)


@settings(max_examples=300)
@given(edits, st.integers(4, len(WHOLE)))
def test_no_damage_is_too_bad_and_no_member_is_made_up(changes: list[tuple[int, bytes]], length: int) -> None:
    content = WHOLE
    for at, replacement in changes:
        content = changed(content, at, replacement)
    found = cut(content[:length])
    assert [piece.number for piece in found] == list(range(1, len(found) + 1))
    # What a checksum proves is what was written; a changed name is still a member of its bytes.
    assert {piece.raw for piece in found if isinstance(piece, Unit)} <= {text * 20 for text in THREE.values()}


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_after_the_magic_come_to_an_end(content: bytes) -> None:
    found = cut(b"PK\x03\x04" + content)
    assert [piece.number for piece in found] == list(range(1, len(found) + 1))
