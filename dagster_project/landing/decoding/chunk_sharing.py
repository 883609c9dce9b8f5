"""Which chunks the planned files are decoded in, and which of them one worker decodes together."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from dagster_project.formats.base import Format
from dagster_project.landing.decoding.chunks import Chunk, Task
from dagster_project.landing.plans import Plan
from dagster_project.payloads.consent import Consent
from dagster_project.settings import Settings

# So many of the last chunks of a commit are cut into so many each.
_FINE_CHUNKS, _FINER = 4, 4


class Shares(msgspec.Struct, frozen=True):
    """How the decoding of a commit is shared out: its chunks, where each file's begin (and the end), and its tasks."""

    chunks: list[Chunk]
    first_chunks: list[int]
    tasks: list[Task]


def shared(
    plans: Sequence[Plan],
    *,
    formats: Mapping[str, Format],
    settings: Settings,
    map_files: tuple[Path, ...],
    consent: Consent,
    work: Path,
    second_looks: Mapping[str, frozenset[int]] | None = None,
) -> Shares:
    """The shares of the planned files; the same for the same plans, whatever their hashes."""
    chunks: list[Chunk] = []
    first_chunks: list[int] = []
    for file, plan in enumerate(plans):
        first_chunks.append(len(chunks))
        chunks += chunks_of(
            plan,
            file=file,
            first=len(chunks),
            is_lines=formats[plan.format].framing == "lines",
            only_units=(second_looks or {}).get(plan.batch_id),
            size=settings.chunk_bytes,
            is_last=file == len(plans) - 1,
        )
    tasks = [
        Task(settings, map_files, consent, str(work / f"task-{number:06d}"), tuple(together))
        for number, together in enumerate(neighbours(chunks, plans, size=settings.chunk_bytes))
    ]
    return Shares(chunks, [*first_chunks, len(chunks)], tasks)


def chunks_of(
    plan: Plan, *, file: int, first: int, is_lines: bool, only_units: frozenset[int] | None, size: int, is_last: bool
) -> list[Chunk]:
    """All of a file, or stretches of `size` bytes when it is large, plain and made of lines; numbered from `first`.

    The end of the last file is cut finer: while the last stretch of all is decoded, all workers but one have none.
    """
    starts = [plan.resume_offset]
    if is_lines and plan.is_plain and plan.action not in ("texts", "again"):
        is_fine = is_last and plan.weight > size
        fine = plan.file_bytes - _FINE_CHUNKS * size if is_fine else plan.file_bytes
        starts = list(_starts(plan.resume_offset, plan.file_bytes, size=size, fine=fine))
    keeps = "texts" if plan.action == "texts" else "tail" if plan.action == "tail" and not is_lines else "all"
    return [
        Chunk(
            number=first + place,
            file=file,
            path=str(plan.source.path),
            display=plan.source.display,
            file_bytes=plan.file_bytes,
            format_name=plan.format,
            start=start,
            end=starts[place + 1] if place + 1 < len(starts) else None,
            is_last_chance=plan.settles_tail or plan.action == "again",
            keeps=keeps,
            settled_units=plan.previous["unit_count"] - plan.previous["pending_count"] if plan.previous else 0,
            only_units=only_units,
        )
        for place, start in enumerate(starts)
    ]


def _starts(start: int, end: int, *, size: int, fine: int) -> Iterator[int]:
    """From `start` on at least one, `size` bytes apart, from `fine` on a quarter of that."""
    yield start
    while (start := start + (size if start < fine else max(1, size // _FINER))) < end:
        yield start


def neighbours(chunks: Sequence[Chunk], plans: Sequence[Plan], *, size: int) -> list[list[Chunk]]:
    """Neighbouring small chunks together, so that a thousand small files are not a thousand parts."""
    groups: list[list[Chunk]] = []
    weight = 0
    for chunk in chunks:
        own = min(plans[chunk.file].weight, size)
        if not groups or weight + own > size:
            groups.append([])
            weight = 0
        groups[-1].append(chunk)
        weight += own
    return groups


def source_bytes(chunk: Chunk, plan: Plan) -> int:
    """Source bytes of the chunk, about."""
    end = plan.resume_offset + plan.weight if chunk.end is None else chunk.end
    return end - chunk.start
