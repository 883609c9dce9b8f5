"""The two private lanes of a commit: kept texts, and quarantined units with their bytes. Files only we may read."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project import records
from dagster_project.landing.decoding.chunks import Chunk
from dagster_project.landing.decoding.parts import BROKEN_PART, Part, read_part
from dagster_project.landing.duplicates import CONFLICT
from dagster_project.landing.many_keys import groups_of, in_shares, sha256_numbers
from dagster_project.landing.reading.ranges import read_ranges
from dagster_project.landing.writing.parquet_files import write_table
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile

PRIVATE = 0o600
_UNDATED = np.iinfo(np.int32).max
_CONFLICTS_AT_ONCE = 256
# A text as numbers: two of its hash, its source file, its owner, and its place among all.
_KEY, _FILE, _OWNER, _PLACE = slice(0, 4), 2, 3, 4

Verdicts = Mapping[str, np.ndarray]


class _TextKeys(msgspec.Struct):
    """Of each part's texts: which are the first of their (file, organization, hash), and until when they count."""

    keep: list[np.ndarray]
    days: list[np.ndarray]
    by_file: Counter[int]


def write_texts(
    settings: Settings, parts: Sequence[Part], judged: Verdicts, *, work: Path
) -> tuple[list[LiveFile], Counter[int]]:
    """One file of the texts of landed and duplicate units, a row per source file, organization and hash.

    Returns it, and how many rows are of each source file.
    """
    with_texts = [part for part in parts if part.text_count]
    if not with_texts:
        return [], Counter()
    chunks = read_part(work / "chunks.arrow")
    keys = _text_keys(with_texts, judged, chunks, work)
    file = write_table(
        settings,
        _text_rows(with_texts, keys, chunks),
        schema=records.PAYLOADS,
        scratch=work / "payloads.parquet",
        folder=settings.payloads,
        mode=PRIVATE,
    )
    return [file] if file is not None else [], keys.by_file


def _text_keys(parts: Sequence[Part], judged: Verdicts, chunks: pa.Table, work: Path) -> _TextKeys:
    count = sum(part.text_count for part in parts)
    keep = np.zeros(count, dtype=bool)
    days = np.empty(count, dtype=np.int32)
    by_file: Counter[int] = Counter()
    rows = _numbered_texts(parts, judged, chunks["file"].to_numpy(), days)
    for share in in_shares(rows, count=count, work=work):
        places = share[:, _PLACE].astype(np.int64)
        first_of, firsts = groups_of(share[:, _KEY])
        latest = np.full(len(share), np.iinfo(np.int32).min, dtype=np.int32)
        np.maximum.at(latest, first_of, days[places])
        keep[places[firsts]] = True
        days[places[firsts]] = latest[firsts]
        by_file.update((share[firsts, _FILE]).tolist())
    bounds = np.cumsum([part.text_count for part in parts])[:-1]
    return _TextKeys(keep=np.split(keep, bounds), days=np.split(days, bounds), by_file=by_file)


def _numbered_texts(
    parts: Sequence[Part], judged: Verdicts, file_of: np.ndarray, days: np.ndarray
) -> Iterator[np.ndarray]:
    """The texts of units that are no conflicts: hash, file, owner and place among all; their days go to `days`."""
    owners: dict[str, int] = {}
    place = 0
    for part in parts:
        units = read_part(part.path("units"))
        texts = read_part(part.path("texts"))
        unit_rows = texts["unit_row"].to_numpy()
        of_unit = units.select(["organization_id", "chunk", "event_date"]).take(pa.array(unit_rows))
        verdict = judged.get(part.stem)
        is_kept = np.ones(len(texts), dtype=bool) if verdict is None else verdict[unit_rows] != CONFLICT
        days[place : place + len(texts)] = of_unit["event_date"].cast(pa.int32()).fill_null(_UNDATED).to_numpy()
        encoded = of_unit["organization_id"].combine_chunks().dictionary_encode()
        codes = [owners.setdefault(name, len(owners)) for name in encoded.dictionary.to_pylist()]
        rows = np.empty((len(texts), _PLACE + 1), dtype=np.uint64)
        rows[:, :2] = sha256_numbers(texts["sha256"])
        rows[:, _FILE] = file_of[of_unit["chunk"].to_numpy()]
        rows[:, _OWNER] = np.array(codes, dtype=np.uint64)[encoded.indices.to_numpy(zero_copy_only=False)]
        rows[:, _PLACE] = np.arange(place, place + len(texts))
        place += len(texts)
        yield rows[is_kept]


def _text_rows(parts: Sequence[Part], keys: _TextKeys, chunks: pa.Table) -> Iterator[pa.Table]:
    for part, keep, days in zip(parts, keys.keep, keys.days, strict=True):
        texts = read_part(part.path("texts")).filter(pa.array(keep))
        units = read_part(part.path("units")).take(texts["unit_row"])
        day = pa.array(days[keep], mask=days[keep] == _UNDATED)
        expires = pc.call_function("add", [day.cast(pa.int64()), texts["retention_days"]])
        yield pa.table(
            {
                "organization_id": units["organization_id"],
                "sha256": texts["sha256"],
                "payload_kind": texts["payload_kind"],
                "text": texts["text"],
                "byte_count": pc.call_function("binary_length", [texts["text"]]).cast(pa.int64()),
                "consent": texts["consent"],
                "redaction_version": pa.nulls(len(texts), pa.string()),
                "expires_on": expires.cast(pa.int32()).cast(pa.date32()),
                "event_date": day.cast(pa.date32()),
                "source_file_sha256": chunks["source_file_sha256"].take(units["chunk"]),
                "batch_id": chunks["batch_id"].take(units["chunk"]),
            },
            schema=records.PAYLOADS,
        )


def write_quarantine(
    settings: Settings, parts: Sequence[Part], judged: Verdicts, *, work: Path, chunks: Sequence[Chunk]
) -> list[LiveFile]:
    """Files of what could not be read, and of what another unit of the same id came before."""
    stamps = read_part(work / "chunks.arrow")
    broken = (read_part(part.path("broken")) for part in parts if part.broken_count)
    written = [
        write_table(
            settings,
            (_stamped(rows, stamps) for rows in tables),
            schema=records.QUARANTINE,
            scratch=work / "quarantine.parquet",
            folder=settings.quarantine,
            mode=PRIVATE,
        )
        for tables in (broken, _conflicts(settings, parts, judged, chunks))
    ]
    return [file for file in written if file is not None]


def _stamped(rows: pa.Table, stamps: pa.Table) -> pa.Table:
    of_row = stamps.take(rows["chunk"])
    columns = []
    for field in records.QUARANTINE:
        if field.name in ("unit_number", "line_number"):
            columns.append(pc.call_function("add", [rows[field.name], of_row["units_before"]]))
        else:
            columns.append((rows if field.name in rows.column_names else of_row)[field.name])
    return pa.table(columns, schema=records.QUARANTINE)


def _conflicts(
    settings: Settings, parts: Sequence[Part], judged: Verdicts, chunks: Sequence[Chunk]
) -> Iterator[pa.Table]:
    """Conflicting units with their bytes, read once more from their files, in the order of the files."""
    places: dict[int, list[dict]] = {}
    columns = ["chunk", "unit_number", "line_number", "byte_offset", "byte_length", "event_id"]
    for part in parts:
        verdict = judged.get(part.stem)
        if verdict is None or not (verdict == CONFLICT).any():
            continue
        units = read_part(part.path("units")).select(columns).filter(pa.array(verdict == CONFLICT))
        for unit in units.to_pylist():
            # Of content that has landed before, the conflicts are in quarantine already.
            if chunks[unit["chunk"]].keeps == "all":
                places.setdefault(chunks[unit["chunk"]].file, []).append(unit)
    for units_of_file in places.values():
        units_of_file.sort(key=lambda unit: unit["byte_offset"])
        for start in range(0, len(units_of_file), _CONFLICTS_AT_ONCE):
            yield _conflict_rows(settings, units_of_file[start : start + _CONFLICTS_AT_ONCE], chunks)


def _conflict_rows(settings: Settings, units: list[dict], chunks: Sequence[Chunk]) -> pa.Table:
    chunk = chunks[units[0]["chunk"]]
    ranges = [(unit["byte_offset"], unit["byte_length"]) for unit in units]
    raws = read_ranges(settings, Path(chunk.path), file_bytes=chunk.file_bytes, ranges=ranges)
    rows = [
        {
            **{name: unit[name] for name in BROKEN_PART.names if name in unit},
            "reason": "conflict",
            "detail": f"event_id {unit['event_id'][:100]!r} has landed with other content",
            "raw_sha256": hashlib.sha256(raw).hexdigest(),
            "raw_bytes": raw,
        }
        for unit, raw in zip(units, raws, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=BROKEN_PART)
