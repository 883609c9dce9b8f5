"""What was read of each file, counted: the ledger row it gives, and what this landing adds."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

import msgspec

from dagster_project.formats.base import Format, unit_name
from dagster_project.landing.decoding.chunks import ChunkResult
from dagster_project.landing.ledger import Row
from dagster_project.landing.plans import Plan
from dagster_project.payloads.consent import Consent


class Reading(msgspec.Struct):
    """One file's reading in a commit. `verdicts`: its landed, duplicate and conflicting units; `records` by table.

    `keeps` as in Chunk: of content that has landed before, only texts or the tail count.
    """

    plan: Plan
    format: Format
    keeps: str
    results: list[ChunkResult]
    verdicts: list[int]
    records: Counter[str]

    @property
    def quarantined(self) -> Counter[str]:
        """Newly quarantined units by reason."""
        if self.keeps == "texts" and not self.plan.settles_tail:
            return Counter()
        reasons = sum((Counter(result.quarantined) for result in self.results), Counter())
        return reasons + Counter({"conflict": self.verdicts[2]} if self.keeps == "all" else {})

    @property
    def counts(self) -> Counter[str]:
        """New units by what became of them."""
        if self.keeps != "all":
            return Counter({"quarantined": self.quarantined.total()})
        landed, duplicate, _ = self.verdicts
        return Counter(
            {
                "unit": sum(result.units for result in self.results),
                "landed": landed,
                "duplicate": duplicate,
                "quarantined": self.quarantined.total(),
                "blank": sum(result.blank for result in self.results),
                "pending": sum(result.pending for result in self.results),
            }
        )


def ledger_row(reading: Reading, *, commit_number: int, consent: Consent) -> Row:
    """The file's ledger row after this commit: counts are of its whole content, earlier landings included."""
    plan, previous = reading.plan, reading.plan.previous
    keeps_all_texts = consent.is_possible and not any(result.texts_refused for result in reading.results)
    lane = {"payloads_kept": keeps_all_texts, "consent_sha256": consent.sha256, "commit_number": commit_number}
    if previous is not None and reading.keeps != "all":
        lane["record_counts"] = _with_more(previous, reading.records)
        row = previous | (lane if reading.keeps == "texts" else {"commit_number": commit_number})
        if plan.settles_tail:
            given_up = int(previous["quarantined_count"]) + int(previous["pending_count"])
            row |= {"quarantined_count": given_up, "pending_count": 0}
        return row
    if previous is not None and plan.action == "again":
        return previous | lane | _second_look(reading, previous, keeps_all_texts=keeps_all_texts)
    counts = reading.counts
    first, last = event_dates(plan, reading.results)
    row = {
        "source_path": plan.source.display,
        "source_file_sha256": plan.sha256,
        "batch_id": plan.batch_id,
        "identity_sha256": plan.identity_sha256,
        "format": plan.format,
        "format_version": reading.format.version,
        "map_sha256": reading.format.map_sha256,
        "unit": unit_name(reading.format.framing),
        "file_bytes": plan.file_bytes,
        "unit_count": plan.units_before + counts["unit"],
        "resume_offset": reading.results[-1].end_offset,
        "first_event_date": first,
        "last_event_date": last,
        "problem": next((result.problem for result in reading.results if result.problem), None),
        "pending_count": counts["pending"],
    }
    row["record_counts"] = _with_more(previous, reading.records)
    for kind in ("landed", "quarantined", "duplicate", "blank"):
        row[f"{kind}_count"] = counts[kind] + (previous[f"{kind}_count"] if previous else 0)
    if previous is not None:
        lane |= _earlier_texts(previous, keeps_all_texts=keeps_all_texts)
        if previous["quarantined_count"]:
            # What an older map left in quarantine still waits for its second look.
            lane |= {name: previous[name] for name in ("format_version", "map_sha256")}
    return row | lane


def _with_more(previous: Row | None, records: Counter[str]) -> dict[str, int]:
    """Records by table, those of earlier landings included."""
    before = Counter(dict(previous["record_counts"])) if previous else Counter()
    return dict(sorted((before + records).items()))


def _earlier_texts(previous: Row, *, keeps_all_texts: bool) -> Row:
    """Of a file read in part: whether the rest's texts are kept, as an earlier consent had it, or still wait."""
    if previous["payloads_kept"]:
        return {"payloads_kept": keeps_all_texts}
    return {"payloads_kept": False, "consent_sha256": previous["consent_sha256"]}


def _second_look(reading: Reading, previous: Row, *, keeps_all_texts: bool) -> Row:
    """What a second look changes: units leave quarantine or come back to it, the others stay as they were."""
    counts = reading.counts
    first, last = event_dates(reading.plan, reading.results)
    left = {f"{kind}_count": int(previous[f"{kind}_count"]) + counts[kind] for kind in ("landed", "duplicate", "blank")}
    return (
        left
        | {
            "quarantined_count": int(previous["quarantined_count"]) - counts["unit"] + counts["quarantined"],
            "record_counts": _with_more(previous, reading.records),
            "format_version": reading.format.version,
            "map_sha256": reading.format.map_sha256,
            "first_event_date": first,
            "last_event_date": last,
        }
        | _earlier_texts(previous, keeps_all_texts=keeps_all_texts)
    )


def event_dates(plan: Plan, results: Sequence[ChunkResult]) -> tuple[dt.date | None, dt.date | None]:
    """First and last event date of the file's units, those of its earlier ledger row included."""
    previous = plan.previous or {"first_event_date": None, "last_event_date": None}
    firsts = [previous["first_event_date"], *(result.first_date for result in results)]
    lasts = [previous["last_event_date"], *(result.last_date for result in results)]
    return (
        min((date for date in firsts if date is not None), default=None),
        max((date for date in lasts if date is not None), default=None),
    )
