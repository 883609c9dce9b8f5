"""Labels for a classifier of failures: what an error said, and the failure code that was found; reviewers' verdicts.

errors.parquet: one row per group of equal errors that has a code. reviews.parquet: one row per verdict of a person on
a run. Texts are scrubbed as those of conversations are; a text in which something would be left is not exported.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa

from dagster_project.training.artifacts.published import Published, write_parquet
from dagster_project.training.texts.scrubbing import ResidueError, Scrubber

ERRORS = pa.schema(
    {
        "organization_id": pa.string(),
        "fingerprint": pa.string(),
        "split": pa.string(),
        "text": pa.string(),
        "source": pa.string(),
        "phase": pa.string(),
        "http_status": pa.string(),
        "top_frame": pa.string(),
        "failure_code": pa.string(),
        "category": pa.string(),
        "label_source": pa.string(),
        "confidence": pa.float64(),
        "error_count": pa.int64(),
        "run_count": pa.int64(),
        "sample_error_ids": pa.list_(pa.string()),
    }
)
REVIEWS = pa.schema(
    {
        "organization_id": pa.string(),
        "run_id": pa.string(),
        "score_id": pa.string(),
        "name": pa.string(),
        "verdict": pa.string(),
        "reason": pa.string(),
        "value": pa.float64(),
        "failure_code": pa.string(),
        "source_file_sha256": pa.string(),
        "byte_offset": pa.int64(),
        "byte_length": pa.int64(),
    }
)

# A group of like errors stays in one split: the first 15 hexadecimal digits of its hash, modulo 1000.
_ERRORS = """
    select
        errors.organization_id, errors.fingerprint,
        case
            when cast('0x' || substr(sha256(errors.group_id), 1, 15) as bigint) % 1000 < 900 then 'train'
            when cast('0x' || substr(sha256(errors.group_id), 1, 15) as bigint) % 1000 < 950 then 'validation'
            else 'test'
        end as split,
        errors.message_normalized as text, errors.source, errors.phase, errors.http_status, errors.top_frame,
        errors.code as failure_code, modes.category,
        case when errors.code_declared = errors.code then 'declared' else 'pattern' end as label_source,
        errors.confidence, errors.error_count, errors.run_count,
        string_split(errors.sample_error_ids, ',') as sample_error_ids
    from agent_errors as errors
    inner join failure_modes as modes on errors.code = modes.code
    where modes.category <> 'UNKNOWN'
    order by errors.organization_id, errors.fingerprint
"""

_UNCODED = """
    select count(*) from agent_errors
    where code is null or code in (select code from failure_modes where category = 'UNKNOWN')
"""

# A verdict of a person: half of the scale or more accepts.
_REVIEWS = """
    select
        scores.organization_id, scores.run_id, scores.score_id, scores.name,
        case when scores.value >= 0.5 then 'accepted' else 'rejected' end as verdict,
        scores.label as reason, scores.value, runs.failure_code,
        scores.source_file_sha256, scores.byte_offset, scores.byte_length
    from scores
    inner join agent_runs as runs on scores.organization_id = runs.organization_id and scores.run_id = runs.run_id
    where scores.scorer_kind = 'human' and scores.is_current and scores.value is not null
    order by scores.organization_id, scores.run_id, scores.score_id, scores.byte_offset
"""


def write_labels(published: Published, folder: Path) -> dict[str, int]:
    """Write errors.parquet and reviews.parquet; counts of rows and of what was left out."""
    counts: Counter[str] = Counter()
    errors = _scrubbed(published.rows(_ERRORS), ("text", "top_frame"), counts)
    reviews = _scrubbed(published.rows(_REVIEWS), ("reason",), counts)
    ((uncoded,),) = (tuple(row.values()) for row in published.rows(_UNCODED))
    counts["errors"] = write_parquet(pa.Table.from_pylist(errors, schema=ERRORS), folder / "errors.parquet")
    counts["reviews"] = write_parquet(pa.Table.from_pylist(reviews, schema=REVIEWS), folder / "reviews.parquet")
    counts["without_code"] = int(uncoded)
    return dict(counts)


def _scrubbed(rows: list[dict[str, Any]], columns: tuple[str, ...], counts: Counter[str]) -> list[dict[str, Any]]:
    kept = []
    for row in rows:
        scrubber = Scrubber()
        try:
            changes = {column: scrubber.scrub(row[column]) for column in columns if row[column] is not None}
        except ResidueError:
            counts["scrub_residue"] += 1
            continue
        counts["scrubbed"] += bool(scrubber.counts)
        kept.append(row | changes)
    return kept
