"""What is decoded in one go, and what was in it: the messages between landing and its workers."""

import datetime as dt
from pathlib import Path
from typing import Literal

import msgspec

from dagster_project.landing.decoding.parts import Part
from dagster_project.payloads.consent import Consent
from dagster_project.settings import Settings


class Chunk(msgspec.Struct, frozen=True):
    """A stretch of a file that is decoded in one go: all of it, or a range of bytes of a large plain file.

    `start` and `end` are decompressed offsets; the lines that *begin* between them belong to the chunk
    (`end` None: to the end of the file). `is_last_chance`: an unfinished tail is quarantined, not pending.
    `keeps`: of content that has landed already, only texts, or only units numbered above `settled_units`.
    """

    number: int
    file: int
    path: str
    display: str
    file_bytes: int
    format_name: str
    start: int = 0
    end: int | None = None
    is_last_chance: bool = False
    keeps: Literal["all", "texts", "tail"] = "all"
    settled_units: int = 0
    only_units: frozenset[int] | None = None  # a second look at these alone, by number


class ChunkResult(msgspec.Struct):
    """What was in a chunk. `units` counts everything; `decoded` = units − blank − quarantined − pending."""

    number: int
    units: int = 0
    blank: int = 0
    decoded: int = 0
    pending: int = 0
    quarantined: dict[str, int] = {}
    end_offset: int = 0  # decompressed offset up to which the units are settled
    problem: str | None = None
    texts_refused: int = 0  # texts that no consent keeps
    first_date: dt.date | None = None
    last_date: dt.date | None = None
    looked_at: list[int] = []  # of a second look: the units that were there


class Task(msgspec.Struct, frozen=True):
    """Neighbouring chunks that one worker decodes; `stem` begins the names of its parts."""

    settings: Settings
    map_files: tuple[Path, ...]
    consent: Consent
    stem: str
    chunks: tuple[Chunk, ...]


class TaskResult(msgspec.Struct):
    """The chunks' results and the parts, in order."""

    chunks: list[ChunkResult]
    parts: list[Part]
