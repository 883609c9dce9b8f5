"""Units and heads as landing would make them, and a map as a person would write it."""

from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from dagster_project.formats.base import Event, FileFacts, Head, Unit
from dagster_project.formats.mapped.files import read_map
from dagster_project.formats.mapped.mapped_format import MappedFormat
from dagster_project.landing.reading.framing import pieces
from dagster_project.settings import Settings

LIMITS = Settings(home=Path("unused"))


def head(path: str, content: bytes, *, is_whole: bool = True) -> Head:
    return Head(path=PurePosixPath(path), start=content, is_whole=is_whole)


def unit(value: Any) -> Unit:
    return Unit(raw=msgspec.json.encode(value), number=1, byte_offset=0)


def decode_file(log_format: Any, path: str, content: bytes) -> list[Event]:
    """Events of all units of the file, which must be of that format."""
    file_head = head(path, content[:65536], is_whole=len(content) <= 65536)
    assert log_format.refusal(file_head) is None
    facts: FileFacts = log_format.facts(file_head)
    return [log_format.decode(piece, facts) for piece in pieces(log_format.framing, [content], limits=LIMITS)]


def rows(event: Event, table: str) -> list[dict[str, Any]]:
    return [fields for name, fields in event.records if name == table]


def run(event: Event) -> dict[str, Any]:
    [fields] = rows(event, "runs")
    return fields


def mapped(folder: Path, text: str) -> MappedFormat:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return MappedFormat(read_map(path), LIMITS)
