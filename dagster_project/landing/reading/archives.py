"""Reading zip archives: which members there are, and the bytes of each, without ever extracting to disk.

The directory at the end says what is in an archive. Where it is missing (a file cut short) or unreadable, the headers
before each member do. Names are data: they are compared, never opened. Each member is read by itself, so one that is
damaged takes no other with it; what a member may grow to is bounded by what it takes in the file.
"""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import zstandard

from dagster_project.landing.reading.archive_directory import LOCAL_HEADER, LOCAL_MAGIC, Member, read_directory
from dagster_project.settings import Settings

_READ_BYTES = 1 << 16
_BLOCK_BYTES = 1 << 18
# One zstd block of 4 bytes can grow to 128 KiB: feeding 1 KiB at a time bounds what one call returns.
_ZSTD_FEED_BYTES = 1 << 10
# What all members together may grow beyond the allowed ratio: short texts of equal lines compress very well.
_UNSUSPICIOUS_BYTES = 16 << 20
_ENCRYPTED = 1
_HOSTILE_NAME = re.compile(r"[\x00-\x1f\x7f\\]|^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)")


class DamagedError(Exception):
    """The member cannot be read as it was written; the bytes handed out before are all there are."""

    def __init__(self, detail: str, *, is_too_large: bool = False, is_cut_off: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_too_large = is_too_large
        self.is_cut_off = is_cut_off


class Archive:
    """The members of a zip file's first `file_bytes` bytes, in the order they lie in it.

    `problem` says what is wrong with the archive as a whole, or is None. Raises OSError when it cannot be read.
    """

    def __init__(self, handle: BinaryIO, *, file_bytes: int, settings: Settings) -> None:
        self._handle = handle
        self._file_bytes = file_bytes
        self._settings = settings
        self._total = 0
        self._spare = _UNSUSPICIOUS_BYTES
        directory = read_directory(handle, file_bytes=file_bytes)
        self.members = directory.members
        self.problem = directory.problem
        self.is_cut_short = directory.is_cut_short

    def raw_blocks(self) -> Iterator[bytes]:
        """The file itself, as it lies there."""
        self._handle.seek(0)
        left = self._file_bytes
        while left > 0 and (block := self._handle.read(min(left, _BLOCK_BYTES))):
            left -= len(block)
            yield block

    def blocks(self, member: Member) -> Iterator[bytes]:
        """The member's decompressed bytes in non-empty blocks. Raises DamagedError at the end of a damaged one."""
        if _HOSTILE_NAME.search(member.name):
            raise DamagedError(f"the member's name is refused: {member.name[:100]!r}")
        if member.is_overlapped:
            raise DamagedError("the member lies within another one")
        if member.flags & _ENCRYPTED:
            raise DamagedError("the member is encrypted")
        expand = {0: self._stored, 8: self._deflated, 93: self._zstd}.get(member.method)
        if expand is None:
            raise DamagedError(f"the member is compressed by method {member.method}, which is not known here")
        checksum = 0
        for block in self._bounded(expand(self._compressed(member)), member):
            checksum = zlib.crc32(block, checksum)
            yield block
        if checksum != member.checksum:
            raise DamagedError("the member's checksum differs")

    def _compressed(self, member: Member) -> Iterator[bytes]:
        """The member's bytes as they lie in the file, after its own header."""
        self._handle.seek(member.offset)
        header = self._handle.read(LOCAL_HEADER.size)
        if len(header) < LOCAL_HEADER.size or not header.startswith(LOCAL_MAGIC):
            raise DamagedError("the member's header is damaged", is_cut_off=self._ends_before(member))
        *_, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
        self._handle.seek(name_bytes + extra_bytes, 1)
        left = member.compressed_bytes
        while left > 0:
            position = self._handle.tell()
            block = self._handle.read(max(0, min(left, _READ_BYTES, self._file_bytes - position)))
            if not block:
                raise DamagedError("the member ends too early: the file is truncated", is_cut_off=True)
            left -= len(block)
            yield block

    def _ends_before(self, member: Member) -> bool:
        return member.offset + LOCAL_HEADER.size > self._file_bytes

    def _bounded(self, blocks: Iterator[bytes], member: Member) -> Iterator[bytes]:
        """Stop a bomb: by its ratio to the bytes it takes, and by the size of all members together."""
        allowed = member.compressed_bytes * self._settings.max_decompression_ratio
        size = 0
        for block in blocks:
            size += len(block)
            self._total += len(block)
            self._spare -= max(0, size - allowed) - max(0, size - len(block) - allowed)
            if self._spare < 0 or self._total > self._settings.max_decompressed_bytes:
                self._spare = max(0, self._spare)
                detail = f"decompression stopped: over {size} bytes from {member.compressed_bytes}"
                raise DamagedError(detail, is_too_large=True)
            yield block

    def _stored(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        return blocks

    def _deflated(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        member = zlib.decompressobj(wbits=-15)
        for block in blocks:
            data = block
            while data and not member.eof:
                try:
                    expanded = member.decompress(data, _BLOCK_BYTES)
                except zlib.error as error:
                    raise DamagedError(f"the member's data is damaged: {error}") from error
                if expanded:
                    yield expanded
                data = member.unconsumed_tail
        while not member.eof:
            try:
                expanded = member.decompress(b"", _BLOCK_BYTES)
            except zlib.error:
                expanded = b""
            if not expanded:
                raise DamagedError("the member's data ends too early", is_cut_off=True)
            yield expanded

    def _zstd(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        frame = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        for block in blocks:
            for start in range(0, len(block), _ZSTD_FEED_BYTES):
                if frame.eof:
                    return
                try:
                    expanded = frame.decompress(block[start : start + _ZSTD_FEED_BYTES])
                except zstandard.ZstdError as error:
                    raise DamagedError(f"the member's data is damaged: {error}") from error
                if expanded:
                    yield expanded
        if not frame.eof:
            raise DamagedError("the member's data ends too early", is_cut_off=True)
