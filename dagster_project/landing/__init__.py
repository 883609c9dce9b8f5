"""Landing: from files of any kind to immutable Parquet, with a ledger that adds up.

Belongs here: the byte loop, compression, framing, the ledger, quarantine, duplicates, commits. Does not:
knowledge of any log format (that is `formats`), declarations, SQL.
"""

from dagster_project.landing.land_files import land
from dagster_project.landing.summary import LandedFile, LandingSummary, Progress
from dagster_project.landing.writing.work_folder import end_landing

__all__ = ["LandedFile", "LandingSummary", "Progress", "end_landing", "land"]
