"""Reading a chunk: its pieces one by one, or the stretches of whole lines in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from dagster_project.formats.base import ArchiveFormat, ArchiveLayout, Format
from dagster_project.landing.decoding.chunks import Chunk
from dagster_project.landing.reading.archives import Archive
from dagster_project.landing.reading.compression import Stream
from dagster_project.landing.reading.framing import Piece, pieces
from dagster_project.landing.reading.framing.archive import split as split_archive
from dagster_project.landing.reading.framing.lines import Stretch, stretches
from dagster_project.landing.reading.framing.lines import split as split_lines
from dagster_project.landing.reading.heads import is_archive
from dagster_project.settings import Settings


class ChunkReader:
    """Reads one chunk once; afterwards `problem` says what is wrong with its file as a whole, or is None."""

    def __init__(self, settings: Settings, chunk: Chunk) -> None:
        self._settings = settings
        self._chunk = chunk
        self._path = Path(chunk.path)
        self._stream = self._new_stream()

    @property
    def problem(self) -> str | None:
        return self._stream.problem

    def pieces(self, format: Format) -> Iterator[Piece]:
        """What the format's framing cuts the chunk into. Raises OSError when the file cannot be read."""
        if format.framing == "archive":
            if is_archive(self._path):
                return self._archive_pieces(cast(ArchiveFormat, format).layout)
            return pieces("document", self._stream.blocks(), limits=self._settings)
        if format.framing != "lines":
            return pieces(format.framing, self._stream.blocks(), limits=self._settings)
        start, blocks = self._line_blocks()
        return split_lines(blocks, limits=self._settings, byte_offset=start)

    def stretches(self) -> Iterator[Stretch | Piece]:
        """The chunk's lines, many at once, and what is no whole line. Raises OSError likewise."""
        start, blocks = self._line_blocks()
        return stretches(blocks, limits=self._settings, byte_offset=start)

    def _new_stream(self) -> Stream:
        return Stream(self._path, file_bytes=self._chunk.file_bytes, settings=self._settings)

    def _line_blocks(self) -> tuple[int, Iterator[bytes]]:
        """Where the chunk's first line begins, and the blocks of its lines."""
        start, end = self._line_start(self._chunk.start), self._chunk.end
        return start, self._stream.blocks(start=start, end=None if end is None else self._line_start(end))

    def _line_start(self, offset: int) -> int:
        """Where the first line begins that begins at decompressed `offset` or later; the end when none does."""
        if offset <= 0:
            return 0
        position = offset - 1
        for block in self._new_stream().blocks(start=position, end=self._chunk.file_bytes):
            found = block.find(b"\n")
            if found >= 0:
                return position + found + 1
            position += len(block)
        return position

    def _archive_pieces(self, layout: ArchiveLayout) -> Iterator[Piece]:
        with self._path.open("rb") as handle:
            archive = Archive(handle, file_bytes=self._chunk.file_bytes, settings=self._settings)
            self._stream.problem = archive.problem
            yield from split_archive(archive, layout=layout, limits=self._settings)
