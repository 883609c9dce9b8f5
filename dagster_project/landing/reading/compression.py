"""From a file's bytes to decompressed blocks: plain, gzip, zstd, zip or Parquet, told apart by content, never by name.

The decompressed bytes of a zip archive are those of all its members, one after the other; those of a Parquet file are
its rows as JSON lines.

Whatever is wrong with the compressed stream becomes a `problem` on the stream, after every byte before it was
handed out: a torn file's complete prefix lands.
"""

import contextlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

import zstandard

from dagster_project.landing.reading.archives import Archive, DamagedError
from dagster_project.landing.reading.parquet_rows import NotCanonicalError, rows_as_lines
from dagster_project.settings import Settings

Compression = Literal["none", "gzip", "zstd", "zip", "parquet"]

BLOCK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")  # of a member, of the end of an empty archive
_PARQUET_MAGIC = b"PAR1"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPED_MAGIC = b"\x2a\x4d\x18"  # after a byte from 0x50 to 0x5f: a frame that holds no data
# One zstd block of 4 bytes can grow to 128 KiB: feeding 1 KiB at a time bounds what one call returns to 32 MiB.
_ZSTD_FEED_BYTES = 1 << 10
# Below this size no ratio is suspicious: a short file of equal lines compresses very well.
_UNSUSPICIOUS_BYTES = 16 << 20


def compression_of(start: bytes) -> Compression:
    """How a file that begins with these bytes is compressed."""
    if start.startswith(_GZIP_MAGIC):
        return "gzip"
    if start.startswith(_ZIP_MAGICS):
        return "zip"
    if start.startswith(_PARQUET_MAGIC):
        return "parquet"
    is_skipped = start[1:4] == _ZSTD_SKIPPED_MAGIC and start[0] & 0xF0 == 0x50
    return "zstd" if is_skipped or start.startswith(_ZSTD_MAGIC) else "none"


class Stream:
    """The decompressed blocks of a file's first `file_bytes` bytes.

    Iterate once; afterwards `problem` says what is wrong with the file as a whole, or is None.
    Offsets are decompressed bytes. Raises OSError when the file cannot be read.
    """

    def __init__(self, path: Path, *, file_bytes: int, settings: Settings) -> None:
        self.problem: str | None = None
        self._path = path
        self._file_bytes = file_bytes
        self._read_bytes = 0
        self._settings = settings

    def blocks(self, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Non-empty blocks from decompressed offset `start`; `end` (plain files only) is where to stop."""
        with self._path.open("rb") as handle:
            compression = compression_of(handle.read(4))
            handle.seek(0)
            if compression == "none":
                yield from self._plain(handle, start, self._file_bytes if end is None else end)
                return
            to_skip = start
            for block in self._expanded(handle, compression):
                if len(block) > to_skip:
                    yield block[to_skip:]
                to_skip = max(0, to_skip - len(block))

    def _expanded(self, handle: BinaryIO, compression: Compression) -> Iterator[bytes]:
        if compression == "zip":
            return self._zip(handle)
        expand = {"gzip": self._gzip, "zstd": self._zstd, "parquet": self._parquet}[compression]
        return self._capped(expand(handle))

    def _zip(self, handle: BinaryIO) -> Iterator[bytes]:
        archive = Archive(handle, file_bytes=self._file_bytes, settings=self._settings)
        self.problem = archive.problem
        for member in archive.members:
            with contextlib.suppress(DamagedError):
                yield from archive.blocks(member)

    def _parquet(self, handle: BinaryIO) -> Iterator[bytes]:
        try:
            for lines, share in rows_as_lines(handle):
                self._read_bytes = int(self._file_bytes * share)
                yield lines
        except NotCanonicalError as error:
            self.problem = str(error)

    def _plain(self, handle: BinaryIO, start: int, end: int) -> Iterator[bytes]:
        handle.seek(start)
        left = end - start
        while left > 0 and (block := handle.read(min(left, BLOCK_BYTES))):
            left -= len(block)
            yield block
        if left > 0:
            self.problem = f"the file became {left} bytes shorter while it was read"

    def _raw(self, handle: BinaryIO, size: int) -> Iterator[bytes]:
        while block := handle.read(min(size, self._file_bytes - self._read_bytes)):
            self._read_bytes += len(block)
            yield block

    def _capped(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Stop a decompression bomb: bounded by size, and by its ratio to the bytes read so far."""
        total = 0
        for block in blocks:
            total += len(block)
            ratio_cap = max(_UNSUSPICIOUS_BYTES, self._read_bytes * self._settings.max_decompression_ratio)
            if total > min(ratio_cap, self._settings.max_decompressed_bytes):
                self.problem = f"decompression stopped: over {total >> 20} MiB from {self._read_bytes} bytes"
                return
            yield block

    def _gzip(self, handle: BinaryIO) -> Iterator[bytes]:
        """Members one after the other; what follows the last one is reported, not guessed at."""
        member = zlib.decompressobj(wbits=31)
        is_first = at_start = True
        for block in self._raw(handle, BLOCK_BYTES // 4):
            data = block
            while data:
                if member.eof:
                    data = data.lstrip(b"\0")  # some writers pad with zeros
                    if not data:
                        break
                    member, at_start = zlib.decompressobj(wbits=31), True
                saved = member.copy()
                try:
                    expanded = member.decompress(data, BLOCK_BYTES)
                except zlib.error as error:
                    if at_start and not is_first:
                        self.problem = "junk after the end of the gzip data"
                        return
                    yield from _expand_bytewise(saved, data)
                    self.problem = f"the gzip data is damaged: {_without_code(error)}"
                    return
                at_start = False
                if expanded:
                    yield expanded
                data = member.unused_data if member.eof else member.unconsumed_tail
                is_first = is_first and not member.eof
        if not member.eof:
            self.problem = "the gzip data ends too early: the file is truncated"

    def _zstd(self, handle: BinaryIO) -> Iterator[bytes]:
        """Frames one after the other, those that hold no data among them."""
        decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        frame = decompressor.decompressobj()
        is_open = False
        begun = 0
        for block in self._raw(handle, _ZSTD_FEED_BYTES):
            data = block
            while data:
                position = self._read_bytes - len(data)
                if not is_open:
                    frame, is_open, begun = decompressor.decompressobj(), True, position
                try:
                    expanded = frame.decompress(data)
                except zstandard.ZstdError as error:
                    handle.seek(begun)
                    yield from _last_of_frame(decompressor.decompressobj(), handle, position - begun, data)
                    self.problem = f"the zstd data is damaged: {error}"
                    return
                if expanded:
                    yield expanded
                is_open = not frame.eof
                data = frame.unused_data if frame.eof else b""
        if is_open:
            self.problem = "the zstd data ends too early: the file is truncated"


def _last_of_frame(
    frame: "zstandard.ZstdDecompressionObj", handle: BinaryIO, known_bytes: int, data: bytes
) -> Iterator[bytes]:
    """As `_expand_bytewise`, of Zstandard, whose state nobody can copy: the frame is gone through once more."""
    while known_bytes > 0 and (block := handle.read(min(known_bytes, _ZSTD_FEED_BYTES))):
        frame.decompress(block)
        known_bytes -= len(block)
    with contextlib.suppress(zstandard.ZstdError):
        for position in range(len(data)):
            if expanded := frame.decompress(data[position : position + 1]):
                yield expanded


def _expand_bytewise(member: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """What can still be had of a block in which decompression fails: a failing call returns nothing at all."""
    expanded = []
    try:
        for position in range(len(data)):
            expanded.append(member.decompress(data[position : position + 1]))
    except zlib.error:
        pass
    whole = b"".join(expanded)
    if whole:
        yield whole


def _without_code(error: zlib.error) -> str:
    """zlib's message without its "Error -3 while decompressing data"."""
    return str(error).partition(": ")[2] or str(error)
