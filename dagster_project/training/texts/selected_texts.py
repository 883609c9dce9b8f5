"""The texts that the parts of an export ask for, out of the payload files that its build names."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from dagster_project.training.statements import TEXT_PLACES, TEXTS
from dagster_project.training.texts.text_file import write_texts

BATCH_ROWS = 2_048
"""Rows handed to Python at once: with texts of 2 kB a few megabytes."""
TEXTS_OF_A_LOT = 4_000_000
"""Texts that are looked for in one pass over the files: their keys take some 100 MB."""
_BATCHES_AT_ONCE = 64


def read_texts(settings: Settings, work: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Texts out of exactly the payload files that the build's snapshot names, into the file."""
    ((number,),) = work.execute("select snapshot_number from build").fetchall()
    files = [str(settings.home / file.path) for file in read_snapshot(settings, number).files("payloads")]
    gone = [file for file in files if not Path(file).exists()]
    if gone:
        raise UsageError(
            f"{len(gone)} payload files of the published build are gone, the first is {gone[0]}.",
            remedy="Build and publish again: `reliability build && reliability publish`.",
        )
    work.execute(
        "create table text_places (organization_id varchar, sha256 varchar, first_byte bigint, byte_count bigint)"
    )
    path.touch()
    if files:
        for place in _joined(write_texts(path, _texts(work, files))):
            work.register("found_places", place)
            work.execute("insert into text_places from found_places")
            work.unregister("found_places")
    work.execute(TEXT_PLACES)
    work.execute("drop table text_places")


def _texts(work: duckdb.DuckDBPyConnection, files: list[str]) -> Iterator[pa.RecordBatch]:
    """The texts that parts ask for, in as many passes over the files as keep those asked for in memory."""
    ((count,),) = work.execute("select count(*) from parts").fetchall()
    lots = 1 + count // TEXTS_OF_A_LOT
    for lot in range(lots):
        with work.cursor() as cursor:
            asked = {"files": files, "lots": lots, "lot": lot}
            yield from cursor.execute(TEXTS, asked).to_arrow_reader(BATCH_ROWS)


def _joined(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Tables of many batches: each statement costs a millisecond."""
    remaining = iter(batches)
    while lot := list(islice(remaining, _BATCHES_AT_ONCE)):
        yield pa.Table.from_batches(lot)
