"""The whole stream as one JSON document."""

from collections.abc import Iterable, Iterator

from dagster_project.formats.base import Unit
from dagster_project.landing.reading.framing import Blank, Piece
from dagster_project.landing.reading.framing.json_scanner import SPACE
from dagster_project.landing.reading.framing.lines import BYTE_ORDER_MARK
from dagster_project.landing.reading.framing.passed import PassedBytes
from dagster_project.settings import Settings


def split(blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]:
    """One unit, without the space around it; a document over `max_document_bytes` is hashed, never buffered."""
    kept = b""
    passing: PassedBytes | None = None
    for block in blocks:
        if passing is None:
            kept += block
            if len(kept.strip(SPACE)) > limits.max_document_bytes:
                passing = PassedBytes(byte_offset=0)
                passing.add(kept)
        else:
            passing.add(block)
    if passing is not None:
        detail = f"{passing.length} bytes, more than {limits.max_document_bytes}"
        yield passing.broken(1, reason="too_large", detail=detail)
        return
    text = kept.removeprefix(BYTE_ORDER_MARK).lstrip(SPACE)
    if text:
        yield Unit(raw=text.rstrip(SPACE), number=1, byte_offset=len(kept) - len(text))
    elif kept:
        yield Blank(number=1, byte_offset=0, byte_length=len(kept))
