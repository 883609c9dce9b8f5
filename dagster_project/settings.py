"""Every path and every threshold, in one frozen object, from RELIABILITY_HOME and defaults."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from dagster_project.errors import UsageError

UNIT_CAP_VARIABLE = "RELIABILITY_MAX_UNIT_BYTES"
"""Environment variable that raises (or lowers) the size above which a unit is quarantined."""

# How much larger than a line a document may be.
_LARGER = 8
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
    # Files are decoded in chunks of this many source bytes; parallel work is shared out by chunk.
    chunk_bytes: int = 32 << 20
    # Worker processes that decode files.
    workers: int = field(default_factory=lambda: max(1, min(8, len(os.sched_getaffinity(0)))))
    # Quarantined bytes are private and expire after this many days of data time.
    quarantine_days: int = 90

    @classmethod
    def from_environment(cls) -> "Settings":
        """Settings for RELIABILITY_HOME (default `./data`) and RELIABILITY_MAX_UNIT_BYTES (default 1 MiB).

        Raises UsageError when the latter is no positive whole number.
        """
        home = Path(os.environ.get("RELIABILITY_HOME", "data")).absolute()
        cap = os.environ.get(UNIT_CAP_VARIABLE)
        if cap is None:
            return cls(home=home)
        if not cap.isascii() or not cap.isdecimal() or int(cap) == 0:
            raise UsageError(f"{UNIT_CAP_VARIABLE} is {cap!r}.", remedy="Give the largest unit in bytes, as 4194304.")
        return cls(home=home, max_unit_bytes=int(cap), max_document_bytes=_LARGER * int(cap))

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
        return self.home / "warehouse"

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
