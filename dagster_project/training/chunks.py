"""The rows of an export in chunks, each as the work of one process."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pyarrow as pa

from dagster_project.training.choices import Choices
from dagster_project.training.comparing.contamination import Protection
from dagster_project.training.comparing.sketches import Frame
from dagster_project.training.comparing.verdicts import Verdicts
from dagster_project.training.datasets import Dataset
from dagster_project.training.texts.text_pass import ChunkResult, ChunkTask, frame_of_chunk
from dagster_project.training.workbench import Workbench

CHUNK_ROWS = 2_000
"""Rows worked on at once: with conversations of 20 kB some 40 MB."""


def chunk_tasks(
    dataset: Dataset, bench: Workbench, protection: Protection, choices: Choices, *, work: Path
) -> Iterator[ChunkTask]:
    """Every row of the workbench, in the order of export."""
    grams = protection.grams()
    frame = Frame()
    for number, (examples, parts) in enumerate(bench.chunks(CHUNK_ROWS)):
        streams = stream_of(examples), stream_of(parts)
        if number == 0:
            # Rows come in the order of a hash: the first are a fair sample of all.
            frame = frame_of_chunk(*streams, bench.texts)
        yield ChunkTask(
            number=number,
            dataset=dataset.name,
            examples=streams[0],
            parts=streams[1],
            texts=bench.texts,
            folder=work,
            protected=grams,
            frame=frame,
            keeps_reasoning=choices.keeps_reasoning,
        )


class Passed(msgspec.Struct, kw_only=True):
    """What became of all chunks. `hits`: protected n-grams by position of the row that holds them."""

    verdicts: Verdicts
    chunks: int = 0
    scrubbed: Counter[str] = msgspec.field(default_factory=Counter)
    scrubbed_rows: int = 0
    hits: dict[int, list[int]] = msgspec.field(default_factory=dict)


def taken_together(results: Iterable[ChunkResult], *, rows: int) -> Passed:
    """What became of all these rows, of each chunk as it is done: the results themselves name each row dropped."""
    passed = Passed(verdicts=Verdicts(rows))
    for result in results:
        for (in_pass, reason), positions in result.dropped.items():
            passed.verdicts.drop(positions, in_pass, reason)
        passed.chunks += 1
        passed.scrubbed.update(result.scrubbed)
        passed.scrubbed_rows += result.scrubbed_rows
        passed.hits |= result.hits
    return passed


def stream_of(table: pa.Table) -> bytes:
    """The table as an Arrow stream, as another process gets it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()
