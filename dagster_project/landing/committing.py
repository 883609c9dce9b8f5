"""One commit: a group of files is decoded, judged, materialized, and made visible by one snapshot."""

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np

from dagster_project.landing.accounting import Reading, event_dates, ledger_row
from dagster_project.landing.decoding.chunk_decoding import decode_task
from dagster_project.landing.decoding.chunk_sharing import shared, source_bytes
from dagster_project.landing.decoding.chunks import Chunk, ChunkResult, Task
from dagster_project.landing.decoding.loaded_formats import formats_by_name
from dagster_project.landing.decoding.parts import Part
from dagster_project.landing.decoding.workers import Workers
from dagster_project.landing.judging import judged
from dagster_project.landing.ledger import Row
from dagster_project.landing.plans import Plan
from dagster_project.landing.reading.file_states import is_still, is_untouched
from dagster_project.landing.second_look import quarantine_without, quarantined_units
from dagster_project.landing.writing.lanes import write_quarantine, write_texts
from dagster_project.landing.writing.ledger_file import write_ledger
from dagster_project.landing.writing.materializing import date_tables, materialize, write_chunk_columns
from dagster_project.landing.writing.moves import Moves
from dagster_project.payloads.consent import Consent
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot, commit


class Committed(msgspec.Struct):
    """What a commit did: the new snapshot, a ledger row per file, and quarantined units by reason."""

    snapshot: Snapshot
    rows: list[Row]
    quarantined: Counter[str]
    new_units: Counter[str]  # landed, quarantined, duplicate, blank, pending of this commit alone
    new_records: Counter[str]  # landed records by table of this commit alone


class SourceLostError(Exception):
    """A planned file is not there to be landed any more as it was planned: `plan` and `why`."""

    def __init__(self, plan: Plan, why: str) -> None:
        super().__init__(plan, why)
        self.plan, self.why = plan, why


class FileCommit:
    """Commits one group of planned files below `work`, a folder of its own."""

    def __init__(
        self,
        settings: Settings,
        plans: list[Plan],
        *,
        parent: Snapshot,
        work: Path,
        workers: Workers,
        consent: Consent,
        map_files: tuple[Path, ...],
        was_begun: bool = False,
        decoded: Callable[[int], None] = lambda _bytes: None,
    ) -> None:
        """`decoded` is told the source bytes of each task when it is done.

        `was_begun`: workers have been at its tasks since before the files' hashes were known.
        """
        self._was_begun = was_begun
        self._settings = settings
        self._decoded = decoded
        self._plans = plans
        self._parent = parent
        self._work = work
        self._workers = workers
        self._consent = consent
        self._map_files = map_files
        self._formats = formats_by_name(settings, map_files)
        self._chunks: list[Chunk] = []
        self._first_chunks: list[int] = []  # per file, and the end
        self._results: list[ChunkResult] = []
        self._parts: list[Part] = []
        self._verdicts: dict[str, np.ndarray] = {}
        again = [plan.batch_id for plan in plans if plan.action == "again"]
        self._second_looks = quarantined_units(settings, parent, again)

    def run(self) -> Committed:
        """Decode, judge, write, commit. Nothing is visible before the last step.

        Raises SourceLostError when a file cannot be read or was rewritten, OSError when our own cannot be written.
        """
        try:
            return self._run()
        except OSError as error:
            for plan in self._plans:
                if error.filename is not None and os.fsencode(error.filename) == os.fsencode(plan.source.path):
                    raise SourceLostError(plan, f"it cannot be read: {error.strerror}") from error
            raise

    def _run(self) -> Committed:
        self._decode()
        verdict_counts, self._verdicts = judged(
            self._parts,
            self._chunks,
            home=self._settings.home,
            parent=self._parent,
            work=self._work,
            workers=self._workers,
        )
        self._write_chunk_columns()
        added: dict[str, list[LiveFile]] = {}
        with Moves(beside=self._settings.workers > 1) as moves:
            record_counts = self._materialize(added, moves)
            texts, text_counts = self._workers.do(
                write_texts, self._settings, self._parts, self._verdicts, work=self._work
            )
            for file, count in text_counts.items():
                record_counts.setdefault(file, Counter())["payloads"] += count
            quarantine = self._workers.do(
                write_quarantine, self._settings, self._parts, self._verdicts, work=self._work, chunks=self._chunks
            )
            left, removed = self._workers.do(
                quarantine_without, self._settings, self._parent, self._looked_at(), work=self._work
            )
            added |= {"payloads": texts, "quarantine": [*quarantine, *left]}
            readings = self._readings(verdict_counts, record_counts)
            rows = [
                ledger_row(reading, commit_number=self._parent.number + 1, consent=self._consent)
                for reading in readings
            ]
            self._write_ledger(rows, added, moves)
            moves.discard(self._work.glob("task-*"))  # what is left of the parts, which are as large as the log
        changed = {table: files for table, files in added.items() if files}
        snapshot = commit(self._settings, self._parent, added=changed, removed=removed)
        return Committed(
            snapshot=snapshot,
            rows=rows,
            quarantined=sum((reading.quarantined for reading in readings), Counter()),
            new_units=sum((reading.counts for reading in readings), Counter()),
            new_records=sum(record_counts.values(), Counter()),
        )

    def _materialize(self, added: dict[str, list[LiveFile]], moves: Moves) -> dict[int, Counter[str]]:
        """Write what landed; how many records by file and table."""
        record_counts: dict[int, Counter[str]] = {}
        jobs = self._date_tables()
        needed = Counter(chain.from_iterable(job.files for job in jobs))
        for job, table in zip(jobs, self._workers.map(materialize, jobs), strict=True):
            if table.written is not None:
                file, move = table.written
                added.setdefault(table.table, []).append(file)
                moves.add(move)
            needed.subtract(job.files)
            moves.discard(file for file in job.files if not needed[file])
            for chunk, count in table.rows_by_chunk.items():
                record_counts.setdefault(self._chunks[chunk].file, Counter())[table.table] += count
        return record_counts

    def _write_ledger(self, rows: list[Row], added: dict[str, list[LiveFile]], moves: Moves) -> None:
        written = self._workers.do(write_ledger, self._settings, rows, work=self._work)
        if written is not None:
            file, move = written
            added["ledger"] = [file]
            moves.add(move)

    def _decode(self) -> None:
        shares = shared(
            self._plans,
            formats=self._formats,
            settings=self._settings,
            map_files=self._map_files,
            consent=self._consent,
            work=self._work,
            second_looks=self._second_looks,
        )
        self._chunks, self._first_chunks = shares.chunks, shares.first_chunks
        self._run_tasks(shares.tasks)
        if self._was_begun and not all(is_untouched(plan.source.path, **_moment(plan)) for plan in self._plans):
            self._run_tasks(shares.tasks)  # what was read before its hash was taken may not be what was hashed
        for plan in self._plans:
            if not is_still(plan.source.path, sha256=plan.sha256, **_moment(plan)):
                raise SourceLostError(plan, "it was rewritten while it was landed")

    def _run_tasks(self, tasks: Sequence[Task]) -> None:
        self._results, self._parts = [], []
        for task, result in zip(tasks, self._workers.map(decode_task, tasks), strict=True):
            self._results += result.chunks
            self._parts += result.parts
            self._decoded(sum(source_bytes(chunk, self._plans[chunk.file]) for chunk in task.chunks))

    def _looked_at(self) -> dict[str, frozenset[int]]:
        """Units that this commit looked at again, by batch."""
        return {
            plan.batch_id: frozenset(number for result in self._results_of(file) for number in result.looked_at)
            for file, plan in enumerate(self._plans)
            if plan.action == "again"
        }

    def _date_tables(self) -> list:
        return date_tables(self._parts, filtered=set(self._verdicts), settings=self._settings, work=self._work)

    def _write_chunk_columns(self) -> None:
        """Stamp data for `materializing`: which file a chunk belongs to, and how many units came before it."""
        rows = []
        units_before = 0
        for chunk, result in zip(self._chunks, self._results, strict=True):
            plan = self._plans[chunk.file]
            if chunk.number == self._first_chunks[chunk.file]:
                units_before = plan.units_before
            rows.append(
                {
                    "file": chunk.file,
                    "source_path": plan.source.display,
                    "source_file_sha256": plan.sha256,
                    "batch_id": plan.batch_id,
                    "format": plan.format,
                    "format_version": self._formats[plan.format].version,
                    "units_before": units_before,
                    "expires_on": self._expiry(chunk.file),
                }
            )
            units_before += result.units
        self._workers.do(write_chunk_columns, rows, work=self._work)

    def _results_of(self, file: int) -> list[ChunkResult]:
        return self._results[self._first_chunks[file] : self._first_chunks[file + 1]]

    def _expiry(self, file: int) -> dt.date | None:
        last = event_dates(self._plans[file], self._results_of(file))[1]
        return None if last is None else last + dt.timedelta(days=self._settings.quarantine_days)

    def _readings(self, verdict_counts: np.ndarray, record_counts: dict[int, Counter[str]]) -> list[Reading]:
        return [
            Reading(
                plan=plan,
                format=self._formats[plan.format],
                keeps=self._chunks[self._first_chunks[file]].keeps,
                results=self._results_of(file),
                verdicts=verdict_counts[self._first_chunks[file] : self._first_chunks[file + 1]].sum(axis=0).tolist(),
                records=record_counts.get(file, Counter()),
            )
            for file, plan in enumerate(self._plans)
        ]


def _moment(plan: Plan) -> dict[str, int]:
    return {"file_bytes": plan.file_bytes, "modified_ns": plan.modified_ns}
