"""The directory of a zip archive: what each member is called, where it lies and how long it is.

Read by hand, because the standard library loads a directory of any length and gives up on one that is missing.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

LOCAL_MAGIC = b"PK\x03\x04"
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_ENTRY_MAGIC = b"PK\x01\x02"
_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
_LARGE_END_MAGIC = b"PK\x06\x06"
_LOCATOR = struct.Struct("<4sLQL")
_LOCATOR_MAGIC = b"PK\x06\x07"
_LONGEST_COMMENT = 1 << 16
_LARGE = 0xFFFFFFFF
_UTF8_NAME = 1 << 11
_SIZES_FOLLOW = 1 << 3
_SEARCH_BYTES = 1 << 18
# A log of a million samples is no log; a directory that long is an attack on memory.
MAX_MEMBERS = 200_000


class Member(msgspec.Struct, frozen=True):
    """One member as the directory says it. `offset` is where its own header begins in the file."""

    name: str
    flags: int
    method: int
    checksum: int
    compressed_bytes: int
    offset: int
    is_overlapped: bool = False


class Directory(msgspec.Struct, frozen=True):
    """The members by place, and what is wrong with the archive as a whole.

    `is_cut_short`: it has no directory; its last member may still be being written.
    """

    members: list[Member]
    problem: str | None = None
    is_cut_short: bool = False


def read_directory(handle: BinaryIO, *, file_bytes: int) -> Directory:
    """The archive's directory, else what the members' own headers say. Raises OSError."""
    place = _find_directory(handle, file_bytes)
    if place is None:
        members = _without_overlaps(_walk(handle, file_bytes))
        return Directory(members, "the archive has no directory: the file is truncated or damaged", is_cut_short=True)
    start, size = place
    members, problem = _entries(handle, start, size)
    if problem is not None and not members:
        members = list(_walk(handle, file_bytes))
    return Directory(_without_overlaps(members), problem)


def _find_directory(handle: BinaryIO, file_bytes: int) -> tuple[int, int] | None:
    """Where the directory begins and how long it is; None when the record that says so is missing."""
    tail_start = max(0, file_bytes - _END.size - _LONGEST_COMMENT)
    handle.seek(tail_start)
    tail = handle.read(file_bytes - tail_start)
    at = _find_end(tail)
    if at is None:
        return None
    _, _, _, _, _, size, start, _ = _END.unpack_from(tail, at)
    end_at = tail_start + at
    large = _large_end(handle, end_at)
    if large is not None:
        start, size = large
    elif size == _LARGE or start == _LARGE:
        return None
    return (start, size) if start + size <= end_at else None


def _find_end(tail: bytes) -> int | None:
    """Where the last record lies that ends with the file, as its comment's length says; else the last of all."""
    places = []
    at = tail.rfind(_END_MAGIC)
    while at >= 0:
        if len(tail) - at >= _END.size:
            *_, comment_bytes = _END.unpack_from(tail, at)
            if at + _END.size + comment_bytes == len(tail):
                return at
            places.append(at)
        at = tail.rfind(_END_MAGIC, 0, at)
    return places[0] if places else None


def _large_end(handle: BinaryIO, end_at: int) -> tuple[int, int] | None:
    """The same of an archive that needs 64 bits."""
    if end_at < _LOCATOR.size:
        return None
    handle.seek(end_at - _LOCATOR.size)
    magic, _, place, _ = _LOCATOR.unpack(handle.read(_LOCATOR.size))
    if magic != _LOCATOR_MAGIC or place >= end_at:
        return None
    handle.seek(place)
    record = handle.read(_LARGE_END.size)
    if len(record) < _LARGE_END.size or not record.startswith(_LARGE_END_MAGIC):
        return None
    *_, size, start = _LARGE_END.unpack(record)
    return start, size


def _entries(handle: BinaryIO, start: int, size: int) -> tuple[list[Member], str | None]:
    handle.seek(start)
    members: list[Member] = []
    left = size
    while left >= _ENTRY.size:
        record = handle.read(_ENTRY.size)
        if len(record) < _ENTRY.size or not record.startswith(_ENTRY_MAGIC):
            return members, "the archive's directory is damaged"
        (_, _, _, flags, method, _, _, checksum, packed, unpacked, name_bytes, extra_bytes, comment_bytes, _, _, _,
         offset) = _ENTRY.unpack(record)  # fmt: skip
        name, extra = handle.read(name_bytes), handle.read(extra_bytes)
        handle.seek(comment_bytes, 1)
        left -= _ENTRY.size + name_bytes + extra_bytes + comment_bytes
        if len(members) == MAX_MEMBERS:
            return members, f"the archive holds more than {MAX_MEMBERS} members"
        packed, offset = _large_values(extra, unpacked=unpacked, packed=packed, offset=offset)
        members.append(Member(_name(name, flags), flags, method, checksum, packed, offset))
    return members, None


def _walk(handle: BinaryIO, file_bytes: int) -> Iterator[Member]:
    """Members by their own headers, from the beginning; what cannot be one is searched through."""
    at, count = 0, 0
    while count < MAX_MEMBERS:
        found = _next_header(handle, at, file_bytes)
        if found is None:
            return
        handle.seek(found)
        header = handle.read(min(LOCAL_HEADER.size, file_bytes - found))
        if len(header) < LOCAL_HEADER.size:
            return
        _, _, flags, method, _, _, checksum, packed, unpacked, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
        name, extra = handle.read(name_bytes), handle.read(extra_bytes)
        packed, _ = _large_values(extra, unpacked=unpacked, packed=packed, offset=0)
        at = found + LOCAL_HEADER.size + name_bytes + extra_bytes
        if flags & _SIZES_FOLLOW and packed == 0:
            # How long it is stands behind it: the next header that can be found ends it.
            packed = (_next_header(handle, at, file_bytes) or file_bytes) - at
        at += packed
        count += 1
        yield Member(_name(name, flags), flags, method, checksum, packed, found)


def _next_header(handle: BinaryIO, at: int, file_bytes: int) -> int | None:
    """Where the next member's header begins, from `at` on."""
    while at < file_bytes:
        handle.seek(at)
        block = handle.read(min(_SEARCH_BYTES, file_bytes - at))
        found = block.find(LOCAL_MAGIC)
        if found >= 0:
            return at + found
        if len(block) < len(LOCAL_MAGIC):
            return None
        at += len(block) - len(LOCAL_MAGIC) + 1
    return None


def _large_values(extra: bytes, *, unpacked: int, packed: int, offset: int) -> tuple[int, int]:
    """Compressed size and offset, from the 64-bit field where 32 bits do not hold them."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        values = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if kind != 1:
            continue
        wide = iter(struct.unpack_from(f"<{len(values) // 8}Q", values))
        if unpacked == _LARGE:
            next(wide, None)
        packed = next(wide, packed) if packed == _LARGE else packed
        offset = next(wide, offset) if offset == _LARGE else offset
    return packed, offset


def _name(raw: bytes, flags: int) -> str:
    return raw.decode("utf-8" if flags & _UTF8_NAME else "cp437", "backslashreplace")


def _without_overlaps(members: Iterator[Member] | list[Member]) -> list[Member]:
    """By place; a member that begins within the one before it is marked: one stretch of bytes is one member's."""
    marked: list[Member] = []
    end = 0
    for member in sorted(members, key=lambda member: member.offset):
        is_overlapped = member.offset < end
        marked.append(msgspec.structs.replace(member, is_overlapped=is_overlapped))
        if not is_overlapped:
            end = member.offset + LOCAL_HEADER.size + member.compressed_bytes
    return marked
