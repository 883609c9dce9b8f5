"""What a file says that holds no unit: it would otherwise land as nothing at all, and nobody be told why."""

from pathlib import Path
from typing import cast

from dagster_project.formats.base import ArchiveFormat, DescribedFormat, Format
from dagster_project.landing.reading.archives import Archive
from dagster_project.landing.reading.compression import Stream
from dagster_project.landing.reading.framing.archive import header_of
from dagster_project.landing.reading.heads import is_archive
from dagster_project.settings import Settings


def told_without_units(format: Format, path: Path, *, file_bytes: int, settings: Settings) -> str | None:
    """What to tell of the file; None when its format has nothing to say. Raises OSError when it cannot be read."""
    if not isinstance(format, DescribedFormat):
        return None
    if format.framing == "archive" and is_archive(path):
        with path.open("rb") as handle:
            archive = Archive(handle, file_bytes=file_bytes, settings=settings)
            layout = cast(ArchiveFormat, format).layout
            return format.without_units(header_of(archive, layout, limits=settings))
    blocks, size = [], 0
    for block in Stream(path, file_bytes=file_bytes, settings=settings).blocks():
        blocks.append(block)
        size += len(block)
        if size > settings.max_document_bytes:
            return format.without_units(b"")
    return format.without_units(b"".join(blocks))
