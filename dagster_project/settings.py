"""Every path and every threshold, in one frozen object, from RELIABILITY_HOME and defaults."""

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from dagster_project.errors import UsageError

UNIT_CAP_VARIABLE = "RELIABILITY_MAX_UNIT_BYTES"
"""Environment variable that raises (or lowers) the size above which a unit is quarantined."""
MEMORY_VARIABLE = "RELIABILITY_MEMORY"
"""Environment variable that says what the database of a build may take of memory, as `6GiB`."""

# How much larger than a line a document may be.
_LARGER = 8
TARGETS = ("duckdb", "spark")
"""The engines a warehouse can be built on."""
TARGET_VARIABLE = "RELIABILITY_TARGET"
"""Environment variable that names the engine of builds; `--target` goes before it."""
SPARK_MASTER_VARIABLE = "RELIABILITY_SPARK_MASTER"
"""Environment variable that names the Spark to build on, as `spark://host:7077`; by default this machine's cores."""

ARCHIVE_VARIABLE = "RELIABILITY_ARCHIVE"
"""Environment variable that names where expired records go before they are removed: a folder or `s3://bucket/prefix`."""

FRESH_HOURS_VARIABLE = "RELIABILITY_FRESH_HOURS"
"""Environment variable: how many hours after the last successful pass what readers see still counts as fresh."""

LANDED_STORE_VARIABLE = "RELIABILITY_LANDED_STORE"
"""Environment variable that names the S3-compatible store of what has landed, as `s3://bucket/prefix`."""

_MEMORY_OF_A_CORE = 1 << 29
_USUAL_LEAST_MEMORY = 1 << 30  # twice what the real logs of all packs take, however few the cores
_LEAST_MEMORY = 512 * 10**6
_MEMORY_UNITS = {"MB": 10**6, "GB": 10**9, "MiB": 1 << 20, "GiB": 1 << 30}

_PACKAGE = Path(__file__).resolve().parent


def _dbt_project_dir() -> Path:
    """The dbt project: beside the package in a checkout, inside it in an installed wheel."""
    inside = _PACKAGE / "dbt"
    return inside if inside.is_dir() else _PACKAGE.parent / "dbt"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Paths below one data root (in flow order), and the limits of every stage. Counts are units, sizes bytes."""

    home: Path
    dbt_dir: Path = field(default_factory=_dbt_project_dir)

    # A unit (line, element, record) above this size is quarantined without being buffered.
    max_unit_bytes: int = 1 << 20
    # The same for what is a whole run with its conversation: a document, a member of an array or of an archive.
    max_document_bytes: int = _LARGER << 20
    # Nesting below the record object; deeper values are refused.
    max_depth: int = 64
    # Keys in one object; msgspec would take any number, a warehouse must not.
    max_keys: int = 512
    # Characters in an id, counted in UTF-8 bytes.
    max_id_bytes: int = 512
    # Error messages are facts; beyond this they are cut.
    max_error_message_bytes: int = 8 << 10
    # A gzip or zstd file may not grow beyond this factor, nor beyond this size.
    max_decompression_ratio: int = 200
    max_decompressed_bytes: int = 64 << 30
    # One landing commit holds at most this many decoded source bytes: memory stays bounded, commits stay few.
    commit_bytes: int = 256 << 20
    # Files are decoded in chunks of this many source bytes; parallel work is shared out by chunk, and at a file's end
    # all workers but one wait for the last.
    chunk_bytes: int = 8 << 20
    # Worker processes that decode files.
    workers: int = field(default_factory=lambda: max(1, min(8, len(os.sched_getaffinity(0)))))
    # What the database of a build may take of memory; it puts the rest on disk.
    memory_bytes: int = field(default_factory=lambda: _usual_memory(len(os.sched_getaffinity(0))))
    # The engine of builds, one of TARGETS, and where Spark runs: any address Spark knows.
    target: str = "duckdb"
    spark_master: str = field(default_factory=lambda: f"local[{max(1, min(8, len(os.sched_getaffinity(0))))}]")
    # Where landed files are shared, as `s3://bucket/prefix`; None: on this disk only.
    landed_store: str | None = None
    # Where expired records go before they are removed: a folder or `s3://bucket/prefix`; None: nowhere.
    archive: str | None = None
    # Hours since the last successful pass that the freshness objective allows: a day and the length of a pass.
    fresh_hours: float = 26.0
    # Quarantined bytes are private and expire after this many days of data time.
    quarantine_days: int = 90

    @classmethod
    def from_environment(cls) -> "Settings":
        """Settings for RELIABILITY_HOME (default `./data`), RELIABILITY_MAX_UNIT_BYTES (default 1 MiB),
        RELIABILITY_TARGET (default `duckdb`), RELIABILITY_SPARK_MASTER, RELIABILITY_LANDED_STORE,
        RELIABILITY_MEMORY (default: half a GiB for each core and one GiB at least, at most half of the machine's),
        RELIABILITY_ARCHIVE and RELIABILITY_FRESH_HOURS (default 26).

        Raises UsageError for a size that is none, a target there is none of, hours that are none, and an address of a
        store that is none or holds credentials.
        """
        settings = cls(home=Path(os.environ.get("RELIABILITY_HOME", "data")).absolute())
        settings = replace(settings, target=os.environ.get(TARGET_VARIABLE) or settings.target)
        settings = replace(settings, spark_master=os.environ.get(SPARK_MASTER_VARIABLE) or settings.spark_master)
        if settings.target not in TARGETS:
            raise UsageError(f"{TARGET_VARIABLE} is {settings.target!r}.", remedy="Give duckdb or spark.")
        settings = replace(
            settings, landed_store=_store_address(os.environ.get(LANDED_STORE_VARIABLE), variable=LANDED_STORE_VARIABLE)
        )
        settings = replace(settings, archive=_archive(os.environ.get(ARCHIVE_VARIABLE)))
        if memory := os.environ.get(MEMORY_VARIABLE):
            settings = replace(settings, memory_bytes=_memory(memory))
        settings = replace(settings, fresh_hours=_hours(os.environ.get(FRESH_HOURS_VARIABLE)) or settings.fresh_hours)
        cap = os.environ.get(UNIT_CAP_VARIABLE)
        if cap is None:
            return settings
        if not cap.isascii() or not cap.isdecimal() or int(cap) == 0:
            raise UsageError(f"{UNIT_CAP_VARIABLE} is {cap!r}.", remedy="Give the largest unit in bytes, as 4194304.")
        return replace(settings, max_unit_bytes=int(cap), max_document_bytes=_LARGER * int(cap))

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def landed(self) -> Path:
        return self.home / "landed"

    @property
    def ledger(self) -> Path:
        return self.home / "ledger"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def payloads(self) -> Path:
        return self.home / "payloads"

    @property
    def warehouse(self) -> Path:
        """Each engine's own folder: neither builds on what the other left."""
        return self.home / "warehouse" / ("spark" if self.target == "spark" else "")

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def exports(self) -> Path:
        return self.home / "exports"

    @property
    def declarations(self) -> Path:
        """Where a user's own declaration files lie; they win over the shipped ones of the same name."""
        return self.home / "declarations"


def _usual_memory(cores: int) -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(max(cores * _MEMORY_OF_A_CORE, _USUAL_LEAST_MEMORY), machine // 2)


def _memory(text: str) -> int:
    match = re.fullmatch(r"([1-9][0-9]*) ?([MG]i?B)", text)
    if match is None or (size := int(match[1]) * _MEMORY_UNITS[match[2]]) < _LEAST_MEMORY:
        raise UsageError(f"{MEMORY_VARIABLE} is {text!r}.", remedy="Give 6GiB, or another size of 512MB at least.")
    return size


def _hours(text: str | None) -> float | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text, flags=re.ASCII) or not float(text):
        raise UsageError(f"{FRESH_HOURS_VARIABLE} is {text!r}.", remedy="Give hours, as 26 or 1.5.")
    return float(text)


def _archive(place: str | None) -> str | None:
    """A folder, absolute from here on, or the address of a store."""
    if not place or place.startswith("s3:"):
        return _store_address(place, variable=ARCHIVE_VARIABLE)
    return str(Path(place).absolute())


def _store_address(address: str | None, *, variable: str) -> str | None:
    """`s3://bucket` or `s3://bucket/prefix`. What else it may hold, as a password, is not repeated in the error."""
    if not address:
        return None
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]*(/[\w=-][\w.=-]*)*/?", address, flags=re.ASCII):
        raise UsageError(
            f"{variable} is no address of a store.",
            remedy="Give s3://bucket/prefix; credentials have variables of their own.",
        )
    return address
