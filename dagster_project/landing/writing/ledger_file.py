"""The ledger rows of a commit as a file."""

from pathlib import Path

from dagster_project import records
from dagster_project.landing.ledger import Row, ledger_table
from dagster_project.landing.writing.moves import Move
from dagster_project.landing.writing.parquet_files import write_unnamed
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile


def write_ledger(settings: Settings, rows: list[Row], *, work: Path) -> tuple[LiveFile, Move] | None:
    """The written file as it will be, and the move that makes it so."""
    return write_unnamed(
        settings,
        [ledger_table(rows)],
        schema=records.LEDGER,
        scratch=work / "ledger.parquet",
        folder=settings.ledger,
    )
