"""What a landing did, as people and machines want to read it."""

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from dagster_project.landing.reading.sources import Skipped

if TYPE_CHECKING:
    from dagster_project.landing.committing import Committed
    from dagster_project.landing.plans import Plan


class Progress(msgspec.Struct, frozen=True):
    """Files committed and source bytes decoded so far, and of how many that are known to be needed."""

    files: int = 0
    of_files: int = 0
    bytes: int = 0
    of_bytes: int = 0

    def with_more(self, *, files: int = 0, of_files: int = 0, bytes: int = 0, of_bytes: int = 0) -> "Progress":
        """The sums."""
        return Progress(
            files=self.files + files,
            of_files=self.of_files + of_files,
            bytes=self.bytes + bytes,
            of_bytes=self.of_bytes + of_bytes,
        )

    def words(self, *, seconds: float) -> str:
        """For people, after so many seconds: how far it is, how fast, and how long it will take."""
        said = f"{self.files} of {self.of_files} files, {_megabytes(self.bytes)} of {_megabytes(self.of_bytes)} MB"
        if not self.bytes or seconds <= 0:
            return said
        rate = self.bytes / seconds
        left = round((self.of_bytes - self.bytes) / rate)
        return f"{said}, {_megabytes(rate)} MB/s, {left // 60}:{left % 60:02d} left"


def _megabytes(count: float) -> str:
    return f"{count / 1e6:.1f}" if count < 1e7 else f"{count / 1e6:.0f}"


class LandedFile(msgspec.Struct, frozen=True):
    """One file: what was done with it, and its ledger row (of its whole content, not only of what was new).

    `units`: unit = landed + quarantined + duplicate + blank + pending. `records`: landed ones by table.
    """

    path: str
    action: str
    format: str
    batch_id: str | None = None
    source_file_sha256: str | None = None
    units: dict[str, int] = {}
    records: dict[str, int] = {}
    problem: str | None = None


class LandingSummary(msgspec.Struct):
    """Counts of this landing alone. `files` were landed, `repeated` are known and changed nothing.

    `older`: of known files, those that landed by another version of their format or map; what landed stands.

    `without_workers`: why all was done in one process, though there was enough to do for more.

    `units` has unit (all), landed, quarantined, duplicate, blank, pending; `records` landed rows by table.
    """

    skipped: list[Skipped] = []
    files: list[LandedFile] = []
    repeated: list[LandedFile] = []
    older: list[str] = []
    without_workers: str | None = None
    units: dict[str, int] = {}
    quarantined: dict[str, int] = {}
    records: dict[str, int] = {}
    file_bytes: int = 0
    first_event_date: dt.date | None = None
    last_event_date: dt.date | None = None
    snapshot_number: int = 0

    @property
    def unreadable(self) -> list[Skipped]:
        """Files and folders that could not be read, and named files that no format takes: the reason for exit 2."""
        return [skipped for skipped in self.skipped if skipped.is_named]

    @property
    def files_landed(self) -> int:
        """How many files something was done with: some are read for more than one reason."""
        return len({file.path for file in self.files})

    @property
    def files_repeated(self) -> int:
        return len(self.repeated)

    @property
    def files_skipped(self) -> int:
        return len(self.skipped)

    @property
    def problems(self) -> list[LandedFile]:
        """Landed files with something wrong as a whole, such as a torn gzip."""
        return [file for file in self.files if file.problem]

    @property
    def empty(self) -> list[LandedFile]:
        """Landed files that hold nothing, and nothing is wrong with them."""
        return [file for file in self.files if not file.problem and not file.units.get("unit")]

    def add(self, plans: "list[Plan]", committed: "Committed") -> None:
        """Count a commit."""
        for plan, row in zip(plans, committed.rows, strict=True):
            self.files.append(landed_file(plan, row))
            self.file_bytes += plan.file_bytes
            dates = [row["first_event_date"], row["last_event_date"], self.first_event_date, self.last_event_date]
            known = [date for date in dates if date is not None]
            self.first_event_date, self.last_event_date = min(known, default=None), max(known, default=None)
        self.units = _sum(self.units, committed.new_units)
        self.quarantined = _sum(self.quarantined, committed.quarantined)
        self.records = _sum(self.records, committed.new_records)


def landed_file(plan: "Plan", row: dict[str, Any]) -> LandedFile:
    """What was done with the file, and its ledger row."""
    kinds = ("unit", "landed", "quarantined", "duplicate", "blank", "pending")
    return LandedFile(
        path=plan.source.display,
        action=plan.action,
        format=row["format"],
        batch_id=row["batch_id"],
        source_file_sha256=row["source_file_sha256"],
        units={kind: row[f"{kind}_count"] for kind in kinds},
        records=dict(row["record_counts"]),
        problem=row["problem"],
    )


def _sum(one: dict[str, int], other: Counter[str]) -> dict[str, int]:
    return dict(sorted((Counter(one) + other).items()))
