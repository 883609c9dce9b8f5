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
from dagster_project.landing.decoding import Chunk
from dagster_project.landing.duplicates import CONFLICT
from dagster_project.landing.materializing import write_table
from dagster_project.landing.parts import BROKEN_PART, Part, read_part
from dagster_project.landing.ranges import read_ranges
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile

PRIVATE = 0o600
_UNDATED = np.iinfo(np.int32).max
_CONFLICTS_AT_ONCE = 256

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
    keys = _text_keys(with_texts, judged, chunks)
    file = write_table(
        settings,
        _text_rows(with_texts, keys, chunks),
        schema=records.PAYLOADS,
        scratch=work / "payloads.parquet",
        folder=settings.payloads,
        mode=PRIVATE,
    )
    return [file] if file is not None else [], keys.by_file


def _text_keys(parts: Sequence[Part], judged: Verdicts, chunks: pa.Table) -> _TextKeys:
    tables, kept_rows, days = [], [], []
    file_of = chunks["file"].to_numpy()
    for part in parts:
        units = read_part(part.path("units"))
        texts = read_part(part.path("texts"))
        unit_rows = texts["unit_row"].to_numpy()
        of_unit = units.select(["organization_id", "chunk", "event_date"]).take(pa.array(unit_rows))
        verdict = judged.get(part.stem)
        kept_rows.append(np.ones(len(texts), bool) if verdict is None else verdict[unit_rows] != CONFLICT)
        days.append(of_unit["event_date"].cast(pa.int32()).fill_null(_UNDATED).to_numpy())
        files = pa.array(file_of[of_unit["chunk"].to_numpy()])
        tables.append(pa.table([files, of_unit["organization_id"], texts["sha256"]], names=["file", "owner", "sha256"]))
    keys = pa.concat_tables(tables)
    kept, day = np.concatenate(kept_rows), np.concatenate(days)
    code = keys["file"].to_numpy().astype(np.int64)
    for name in ("owner", "sha256"):
        encoded = keys[name].combine_chunks().dictionary_encode()
        values = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        # Renumbered at each step, so that the product of the counts cannot overflow.
        code = np.unique(code * (len(encoded.dictionary) + 1) + values, return_inverse=True)[1]
    places = np.flatnonzero(kept)
    groups, first, inverse = np.unique(code[places], return_index=True, return_inverse=True)
    latest = np.full(len(groups), np.iinfo(np.int32).min, dtype=np.int32)
    np.maximum.at(latest, inverse, day[places])
    is_first = np.zeros(len(code), bool)
    is_first[places[first]] = True
    day[places] = latest[inverse]
    bounds = np.cumsum([len(table) for table in tables])[:-1]
    by_file = Counter(keys["file"].to_numpy()[is_first].tolist())
    return _TextKeys(keep=np.split(is_first, bounds), days=np.split(day, bounds), by_file=by_file)


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
