"""The page docs/landed-packs.md: what a landing of all packs and fixtures gives, format by format.

`python -m tests.formats.landed_packs` lands them into a folder of its own and writes the page.
"""

import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dagster_project import records
from dagster_project.landing import LandingSummary, land
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "landed-packs.md"
FOLDERS = ("data-packs", "fixtures")
_VERDICTS = ("unit", "landed", "quarantined", "duplicate", "blank")
_NOT_OF_A_FORMAT = {*records.EVENT, *records.PROVENANCE} - {"occurred_at"}
_INTRODUCTION = """# What landed of the packs

Every file of the real logs and fixtures that tests read, landed at once. `python -m tests.formats.landed_packs` writes
this page, and a slow test compares it with a landing. Files that tell no run (tables of expected values, licences, test
output) are skipped, each with its reasons; those of fixtures are made to be refused.

*Filled columns*: of all landed tables, those in which some row of the format has a value, beside its provenance.
*Unmapped*: fields that no column takes; each is recorded with its type and hash, and named
[below](#what-no-column-takes).
"""


def page(home: Path, shared: Path) -> str:
    """The page, of a landing below `home`."""
    settings = Settings(home=home)
    summary = land(settings, [shared / folder for folder in FOLDERS])
    unmapped = _unmapped(settings)
    parts = [_INTRODUCTION, *_formats(summary, _filled(settings), unmapped), "", "## What no column takes", ""]
    parts.append("Each with the number of units that have it. `a[].b` is the `b` of a list's elements.\n")
    for name, fields in sorted(unmapped.items()):
        listed = ", ".join(f"`{field}` {count}" for field, count in sorted(fields.items()))
        parts.append(f"- **`{name}`** ({len(fields)}): {listed}")
    return "\n".join(parts) + "\n"


def _formats(summary: LandingSummary, filled: dict[str, set[str]], unmapped: dict[str, Counter[str]]) -> list[str]:
    files: Counter[str] = Counter()
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for file in summary.files:
        files[file.format] += 1
        units[file.format].update(file.units)
    lines = [
        "| format | files | units | landed | quarantined | duplicate | blank | filled columns | unmapped |",
        "|---|" + "---:|" * 8,
    ]
    for name in sorted(files):
        counts = " | ".join(f"{units[name][verdict]:,}" for verdict in _VERDICTS)
        lines.append(f"| `{name}` | {files[name]:,} | {counts} | {len(filled[name])} | {len(unmapped.get(name, ()))} |")
    total = sum(units.values(), Counter())
    counts = " | ".join(f"{total[verdict]:,}" for verdict in _VERDICTS)
    lines.append(f"| all | {sum(files.values()):,} | {counts} | | |")
    return [
        *lines,
        "",
        f"{len(summary.repeated)} files repeat another one's bytes, {len(summary.skipped)} were skipped.",
    ]


def _filled(settings: Settings) -> dict[str, set[str]]:
    """Of each format the columns, by table, that some row of it fills."""
    found: dict[str, set[str]] = defaultdict(set)
    for table in records.TABLES:
        if table not in ("units", "unmapped_fields"):
            rows = _rows(settings, table)
            for name in pc.unique(rows["format"]).to_pylist():
                of_format = rows.filter(pc.equal(rows["format"], name))
                for column in set(rows.column_names) - _NOT_OF_A_FORMAT:
                    if of_format[column].null_count < len(of_format):
                        found[name].add(f"{table}.{column}")
    return found


def _unmapped(settings: Settings) -> dict[str, Counter[str]]:
    """Of each format the fields that no column takes, and how many units have each."""
    rows = _rows(settings, "unmapped_fields")
    found: dict[str, Counter[str]] = defaultdict(Counter)
    names = zip(*(rows[column].to_pylist() for column in ("format", "field_name", "event_id")), strict=True)
    for name, field, _ in set(names):
        found[name][field] += 1
    return found


def _rows(settings: Settings, table: str) -> pa.Table:
    files = [settings.home / file.path for file in read_snapshot(settings).files(table)]
    return pa.concat_tables([pq.ParquetFile(path).read() for path in files])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(page(Path(folder), ROOT.parent / "shared"), encoding="utf-8")
