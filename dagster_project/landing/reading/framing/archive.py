"""Members of a zip archive: each is a unit of its own. What all units share, the archive's header, goes with each.

Offsets count the decompressed bytes of all members, one after the other as they lie in the file.
"""

import re
from collections.abc import Iterator

from dagster_project.formats.base import ArchiveLayout, Enclosure, Unit
from dagster_project.landing.reading.archive_directory import Member
from dagster_project.landing.reading.archives import Archive, DamagedError
from dagster_project.landing.reading.framing import Blank, Piece
from dagster_project.landing.reading.framing.json_scanner import SPACE
from dagster_project.landing.reading.framing.lines import BYTE_ORDER_MARK
from dagster_project.landing.reading.framing.passed import PassedBytes
from dagster_project.settings import Settings


def split(archive: Archive, *, layout: ArchiveLayout, limits: Settings) -> Iterator[Piece]:
    """The members whose names the layout calls units; `raw` is the member without the space around it."""
    is_unit = re.compile(layout.units).fullmatch
    enclosure = Enclosure(resource=header_of(archive, layout, limits=limits))
    number = offset = 0
    if not archive.members and archive.problem is not None:
        yield _without_members(archive)
        return
    last = archive.members[-1] if archive.members else None
    for member in archive.members:
        reader = _MemberReader(archive, member, byte_offset=offset, limits=limits)
        if is_unit(member.name):
            number += 1
            yield reader.piece(number, enclosure=enclosure, may_grow=archive.is_cut_short and member is last)
        else:
            reader.pass_by()
        offset += reader.length


def _without_members(archive: Archive) -> Piece:
    """An archive of which nothing can be found is one unit that cannot be read: it is not passed over in silence."""
    whole = PassedBytes(byte_offset=0)
    for block in archive.raw_blocks():
        whole.add(block)
    return whole.broken(1, reason="format_error", detail=archive.problem or "", is_tail=archive.is_cut_short)


class _MemberReader:
    """One pass over one member, of which no more than the largest unit is kept."""

    def __init__(self, archive: Archive, member: Member, *, byte_offset: int, limits: Settings) -> None:
        self._archive = archive
        self._member = member
        self._limit = limits.max_document_bytes
        self._offset = byte_offset
        self.length = 0

    def pass_by(self) -> None:
        """Only count."""
        try:
            for block in self._archive.blocks(self._member):
                self.length += len(block)
        except DamagedError:
            return

    def piece(self, number: int, *, enclosure: Enclosure, may_grow: bool) -> Piece:
        """The whole member, or what is left of it as a unit that could not be cut out."""
        kept: list[bytes] = []
        seen = PassedBytes(byte_offset=self._offset)
        fault: DamagedError | None = None
        try:
            for block in self._archive.blocks(self._member):
                seen.add(block)
                if seen.length <= self._limit:
                    kept.append(block)
        except DamagedError as error:
            fault = error
        self.length = seen.length
        if fault is not None:
            reason = "too_large" if fault.is_too_large else "format_error"
            detail = f"{self._member.name[:100]!r}: {fault.detail}"
            return seen.broken(number, reason=reason, detail=detail, is_tail=may_grow and fault.is_cut_off)
        if seen.length > self._limit:
            return seen.broken(number, reason="too_large", detail=f"{seen.length} bytes, more than {self._limit}")
        text = b"".join(kept).removeprefix(BYTE_ORDER_MARK).lstrip(SPACE)
        if not text:
            return Blank(number=number, byte_offset=self._offset, byte_length=seen.length)
        place = self._offset + seen.length - len(text)
        return Unit(raw=text.rstrip(SPACE), number=number, byte_offset=place, enclosure=enclosure)


def header_of(archive: Archive, layout: ArchiveLayout, *, limits: Settings) -> bytes:
    """The first of the header members that can be read and is no larger than a unit; of two of one name the last."""
    by_name = {member.name: member for member in archive.members}
    for name in layout.headers:
        header = _read_small(archive, by_name.get(name), limit=limits.max_document_bytes)
        if header is not None:
            return header
    return b""


def _read_small(archive: Archive, member: Member | None, *, limit: int) -> bytes | None:
    if member is None:
        return None
    content = b""
    try:
        for block in archive.blocks(member):
            content += block
            if len(content) > limit:
                return None
    except DamagedError:
        return None
    return content
