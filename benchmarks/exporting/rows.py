"""The rows about exports: conversations of 2 kB that are all selected, each of a task of its own.

What is measured begins with a published snapshot and ends with a verified dataset: join, scrub, exact and
near-duplicates, decontamination, split, three flavours written, everything read again and verified.
"""

import shutil
from collections.abc import Callable
from functools import cache

from benchmarks.bench import RELIABILITY, Bench, Finished
from benchmarks.exporting.conversation_lines import write_conversations
from benchmarks.fresh import fresh
from benchmarks.row import Row, against, alone

_MILLION = 1_000_000
_THREADS = 2


def export_1m(bench: Bench) -> Row:
    """Time of 1M conversations on two threads."""
    finished = _exported(bench, bench.count(_MILLION))
    answer = finished.answer
    return alone(
        "export_1m",
        what=f"{answer['runs']:,} conversations of 2 kB exported and verified, {_THREADS} threads",
        ours=[answer["seconds"]],
        target=300,
        bound="at most",
        unit="s",
        note=f"{answer['cpu_seconds']:.0f} CPU seconds, {answer['bytes'] / 2**30:.2f} GiB written",
    )


def export_1m_memory(bench: Bench) -> Row:
    """Memory of all processes of the same export."""
    finished = _exported(bench, bench.count(_MILLION))
    return alone(
        "export_1m_memory",
        what="memory of that export, all processes",
        ours=[finished.peak_bytes / 2**30],
        target=2,
        bound="at most",
        unit="GiB",
    )


def export_10m_memory(bench: Bench) -> Row:
    """Memory of ten times as many. Needs some 100 GB of disk."""
    few, many = (_exported(bench, bench.count(count)).peak_bytes / 2**30 for count in (_MILLION, 10 * _MILLION))
    return against(
        "export_10m_memory",
        what="memory of an export of ten times as many",
        ours=[many],
        comparator="1M conversations",
        theirs=[few],
        target=1.15,
        bound="at most",
        unit="GiB",
    )


MEASURES: dict[str, Callable[[Bench], Row | None]] = {
    "export_1m": export_1m,
    "export_1m_memory": export_1m_memory,
    "export_10m_memory": export_10m_memory,
}


@cache
def _exported(bench: Bench, runs: int) -> Finished:
    """One export of so many; what it needs is made before and removed after."""
    home, logs = fresh(bench.work / f"export-{runs}"), bench.work / f"conversations-{runs}"
    for first in range(0, runs, _MILLION):
        # Lines that have landed are not needed any more: all together they take half as much disk as the export.
        write_conversations(logs, runs=range(first, min(first + _MILLION, runs)))
        bench.command([str(RELIABILITY), "land", str(logs), "--payloads"], home=home)
        shutil.rmtree(logs)
    for command in ("build", "publish"):
        bench.command([str(RELIABILITY), command], home=home)
    shutil.rmtree(home / "warehouse")  # as large as what is published, and an export does not read it
    finished = bench.python("benchmarks.exporting.ours", "sft", _THREADS, home=home, is_watched=True)
    shutil.rmtree(home)
    return finished
