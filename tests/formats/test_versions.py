"""What a format makes of known files goes with its version: other records of the same bytes are another version.

So each landed record tells what made it, and what was quarantined gets a second look.

`record_digests.json` holds, format by format, the version and a hash of all its records of the packs' and the made-up
samples. A change of records raises the version. `python -m tests.formats.test_versions` writes the file anew.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import pytest

from dagster_project.formats.base import Head, Rejected, Unit
from dagster_project.landing.reading.framing import pieces
from tests.formats.made_up_samples import MADE_UP
from tests.formats.test_nothing_is_dropped import FORMATS, SAMPLES, told
from tests.formats.units import LIMITS

KEPT = Path(__file__).with_name("record_digests.json")
# A pack whose files are few and large is read in part.
LARGEST = 4 << 20
UNITS_OF_A_FILE = 6


def files(packs: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """The format's samples: their paths below the packs, and what stands in them."""
    for of_format, pattern in SAMPLES:
        for path in sorted(packs.glob(pattern))[:4] if of_format == name else ():
            if path.stat().st_size <= LARGEST:
                yield str(path.relative_to(packs)), path.read_bytes()
    for at, (of_format, document) in enumerate(MADE_UP):
        if of_format == name:
            yield f"made/up-{at}.jsonl", msgspec.json.encode(document)


def digest(packs: Path, name: str) -> str:
    """Of every record of some units of each sample, or of why a unit is refused."""
    log_format: Any = FORMATS[name]
    hashed = hashlib.sha256()
    for path, content in files(packs, name):
        head = Head(path=PurePosixPath(path), start=content[:65536], is_whole=len(content) <= 65536)
        facts = log_format.facts(head)
        units = [piece for piece in pieces(log_format.framing, [content], limits=LIMITS) if isinstance(piece, Unit)]
        for unit in units[:: max(1, len(units) // UNITS_OF_A_FILE)]:
            try:
                event = log_format.decode(unit, facts)
                said = f"{event.organization_id} {event.event_id} {event.event_date} {told(event)}"
            except Rejected as rejected:
                said = rejected.reason
            hashed.update(said.encode("utf-8", "backslashreplace"))
    return hashed.hexdigest()[:16]


NAMES = sorted({name for name, _ in SAMPLES} | {name for name, _ in MADE_UP})


@pytest.mark.parametrize("name", NAMES)
def test_other_records_of_the_same_bytes_are_another_version(shared: Path, name: str) -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))[name]
    found = {"version": FORMATS[name].version, "records": digest(shared / "data-packs", name)}
    if found["records"] != kept["records"]:
        assert found["version"] != kept["version"], f"{name} makes other records: raise its version"
    assert found == kept, "write the digests anew: python -m tests.formats.test_versions"


if __name__ == "__main__":
    packs = Path(__file__).parents[3] / "shared" / "data-packs"
    made = {name: {"version": FORMATS[name].version, "records": digest(packs, name)} for name in NAMES}
    KEPT.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
