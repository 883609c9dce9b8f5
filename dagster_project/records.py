"""The canonical records: what every log format is mapped to, and every landed table's columns.

Names follow OpenTelemetry GenAI where it has one. Times are UTC microseconds, durations `_ms`,
money `_usd` (landed as the double it came as, rounded to DECIMAL(18,9) in staging), ids are text,
kept byte for byte. Belongs here: column names, types and allowed values. Does not: reading or writing.
"""

import pyarrow as pa

TEXT = pa.string()
COUNT = pa.int64()
REAL = pa.float64()
FLAG = pa.bool_()
DAY = pa.date32()
INSTANT = pa.timestamp("us")
LABELS = pa.map_(pa.string(), pa.string())
TEXTS = pa.list_(pa.string())

# Where a record came from: set by landing, never by a format.
PROVENANCE: dict[str, pa.DataType] = {
    "batch_id": TEXT,
    "source_file_sha256": TEXT,
    "unit_number": COUNT,
    "line_number": COUNT,
    "byte_offset": COUNT,
    "byte_length": COUNT,
    "format": TEXT,
    "format_version": TEXT,
}

# What every record says of its event: set by the format.
EVENT: dict[str, pa.DataType] = {
    "organization_id": TEXT,
    "event_id": TEXT,
    "event_date": DAY,
    "occurred_at": INSTANT,
}

_TABLES: dict[str, dict[str, pa.DataType]] = {
    # One row per landed unit: its identity and its content, whatever records it held.
    "units": {"unit_kind": TEXT, "content_sha256": TEXT, "record_count": COUNT},
    "runs": {
        "run_id": TEXT,
        "kind": TEXT,
        "agent_id": TEXT,
        "agent_version": TEXT,
        "workflow_name": TEXT,
        "session_id": TEXT,
        "suite_id": TEXT,
        "suite_version": TEXT,
        "task_id": TEXT,
        "attempt": COUNT,
        "variant_id": TEXT,
        "parent_run_id": TEXT,
        "retry_of_run_id": TEXT,
        "provider": TEXT,
        "model": TEXT,
        "started_at": INSTANT,
        "ended_at": INSTANT,
        "latency_ms": COUNT,
        "working_ms": COUNT,
        "time_quality": TEXT,
        "termination": TEXT,
        "error_type": TEXT,
        "outcome": TEXT,
        "outcome_value": REAL,
        "outcome_source": TEXT,
        "attribution": TEXT,
        "confidence": REAL,
        "cost_usd": REAL,
        "cost_source": TEXT,
        # Inclusive totals; the three below are their parts.
        "input_tokens": COUNT,
        "output_tokens": COUNT,
        "cache_read_tokens": COUNT,
        "cache_write_tokens": COUNT,
        "reasoning_tokens": COUNT,
        "retry_count": COUNT,
        "step_count": COUNT,
        "tool_call_count": COUNT,
        "message_sha256": TEXT,
        "input_sha256": TEXT,
        "output_sha256": TEXT,
        "git_commit": TEXT,
        "config_hash": TEXT,
        "labels": LABELS,
    },
    "steps": {
        "step_id": TEXT,
        "run_id": TEXT,
        "parent_step_id": TEXT,
        "seq": COUNT,
        "depth": COUNT,
        "kind": TEXT,
        "name": TEXT,
        "agent_id": TEXT,
        "started_at": INSTANT,
        "ended_at": INSTANT,
        "latency_ms": COUNT,
        "status": TEXT,
        "error_type": TEXT,
    },
    "llm_calls": {
        "llm_call_id": TEXT,
        "run_id": TEXT,
        "step_id": TEXT,
        "seq": COUNT,
        "provider": TEXT,
        "request_model": TEXT,
        "response_model": TEXT,
        "finish_reason": TEXT,
        "temperature": REAL,
        "max_tokens": COUNT,
        "ttft_ms": COUNT,
        "latency_ms": COUNT,
        "retries": COUNT,
        # Five disjoint parts, whatever the source's convention was; totals are derived.
        "input_uncached_tokens": COUNT,
        "input_cache_read_tokens": COUNT,
        "input_cache_write_tokens": COUNT,
        "output_visible_tokens": COUNT,
        "output_reasoning_tokens": COUNT,
        "usage_convention": TEXT,
        "provider_cost_usd": REAL,
    },
    "tool_calls": {
        "tool_call_id": TEXT,
        "step_id": TEXT,
        "run_id": TEXT,
        "seq": COUNT,
        "tool_name": TEXT,
        "arguments_sha256": TEXT,
        "arguments_valid": FLAG,
        "result_sha256": TEXT,
        "status": TEXT,
        "error_type": TEXT,
        "latency_ms": COUNT,
    },
    # tool_call_ids: of an assistant message, the calls it makes in order; of a tool message, the one it answers.
    "messages": {
        "run_id": TEXT,
        "seq": COUNT,
        "role": TEXT,
        "content_sha256": TEXT,
        "content_bytes": COUNT,
        "tool_call_ids": TEXTS,
    },
    "scores": {
        "score_id": TEXT,
        "target_type": TEXT,
        "target_id": TEXT,
        "run_id": TEXT,
        "name": TEXT,
        "value": REAL,
        "label": TEXT,
        "scorer": TEXT,
        "scorer_kind": TEXT,
        "scored_at": INSTANT,
        "supersedes_score_id": TEXT,
        # What the scorer printed: the report of a verification.
        "output_sha256": TEXT,
    },
    "errors": {
        "error_id": TEXT,
        "run_id": TEXT,
        "step_id": TEXT,
        "seq": COUNT,
        "source": TEXT,
        "phase": TEXT,
        "code_declared": TEXT,
        "message": TEXT,
        "error_type": TEXT,
        "top_frame": TEXT,
        "http_status": COUNT,
        "retryable": FLAG,
        "correlation_id": TEXT,
    },
    # Everything else, by event_type; payload is the canonical JSON of its typed fields.
    "events": {"event_type": TEXT, "run_id": TEXT, "agent_id": TEXT, "payload": TEXT},
    # Schema drift: a key that no field takes. Its value goes to the payload lane, its hash stays.
    "unmapped_fields": {"record_kind": TEXT, "field_name": TEXT, "field_type": TEXT, "value_sha256": TEXT},
}

TABLE_NAMES: tuple[str, ...] = tuple(_TABLES)

TABLES: dict[str, pa.Schema] = {
    name: pa.schema([*EVENT.items(), *columns.items(), *PROVENANCE.items()]) for name, columns in _TABLES.items()
}
"""Arrow schema of each landed fact table."""

PAYLOADS: pa.Schema = pa.schema(
    {
        "organization_id": TEXT,
        "sha256": TEXT,
        # message | tool_{arguments,result} | run_{message,input,output} | score_output | unmapped_value
        "payload_kind": TEXT,
        "text": TEXT,
        "byte_count": COUNT,
        "consent": TEXT,  # flag (--payloads) | organization
        "redaction_version": TEXT,  # NULL: kept as it came
        "expires_on": DAY,
        "event_date": DAY,
        "source_file_sha256": TEXT,
        "batch_id": TEXT,
    }
)
"""The opt-in text store: one row per distinct (organization_id, sha256) of a batch."""

LEDGER: pa.Schema = pa.schema(
    {
        "source_path": TEXT,
        "source_file_sha256": TEXT,
        "batch_id": TEXT,
        "format": TEXT,
        "format_version": TEXT,
        "map_sha256": TEXT,
        "unit": TEXT,  # line | element | record | key | document
        "file_bytes": COUNT,
        "unit_count": COUNT,
        "landed_count": COUNT,
        "quarantined_count": COUNT,
        "duplicate_count": COUNT,
        "blank_count": COUNT,
        "pending_count": COUNT,
        "resume_offset": COUNT,  # decompressed bytes whose units are settled: a file that grew is read on from here
        "record_counts": pa.map_(pa.string(), COUNT),  # landed records by table; texts that were kept are payloads
        "payloads_kept": FLAG,  # every text of the file is in the payload store
        "consent_sha256": TEXT,  # of the consent that decided which texts were kept
        "first_event_date": DAY,
        "last_event_date": DAY,
        "problem": TEXT,  # what is wrong with the file as a whole (torn gzip, ...), else NULL
        "commit_number": COUNT,  # snapshot that wrote the row; of one batch_id the latest row counts
        "identity_sha256": TEXT,  # of the content and what its path adds to identity; else source_file_sha256
    }
)
"""One row per source file (batch): unit_count = landed + quarantined + duplicate + blank + pending.

A file that grew keeps its batch_id: its newer row, of the longer content, replaces the older one.
"""

QUARANTINE: pa.Schema = pa.schema(
    {
        "source_path": TEXT,
        "source_file_sha256": TEXT,
        "batch_id": TEXT,
        "unit_number": COUNT,
        "line_number": COUNT,
        "byte_offset": COUNT,
        "byte_length": COUNT,
        "reason": TEXT,
        "detail": TEXT,
        "raw_sha256": TEXT,
        "raw_bytes": pa.binary(),  # private; marts never show it; of a unit too large to buffer its first bytes
        "expires_on": DAY,  # NULL when nothing in the file is dated
    }
)

TOMBSTONES: pa.Schema = pa.schema(
    {
        "commit_number": COUNT,  # snapshot that removed the rows
        "tombstone_number": COUNT,  # among those of that snapshot, from 1
        "landed_table": TEXT,
        "event_date": DAY,  # of the removed rows
        "organization_id": TEXT,  # NULL: quarantined bytes belong to nobody
        "batch_id": TEXT,
        "source_file_sha256": TEXT,
        "reason": TEXT,  # records_expired | run_deleted | text_expired | bytes_expired
        "rule": TEXT,  # what was declared or asked for
        "row_count": COUNT,
        "rows_sha256": TEXT,  # of the removed rows' event ids, or of their hashes, sorted, one a line
        "as_of": DAY,  # the day of the data that the rule counted back from
        "path": TEXT,  # the landed file that held them
        "is_whole_file": FLAG,  # nothing of that file was left
    }
)
"""What retention removed: one row per landed file, date, organization, batch, reason and rule."""


def in_columns_of(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows with every column of the schema: one that was unknown when they landed is NULL."""
    present = set(rows.column_names)
    columns = [rows[field.name] if field.name in present else pa.nulls(len(rows), field.type) for field in schema]
    return pa.table(columns, schema=schema)


ENUMS: dict[tuple[str, str], frozenset[str]] = {
    ("runs", "kind"): frozenset({"agent", "benchmark", "fixbot", "maintenance"}),
    ("runs", "time_quality"): frozenset({"exact", "date", "duration_only", "sequence_only", "synthetic"}),
    ("runs", "termination"): frozenset(
        {"completed", "error", "cancelled", "limit_context", "limit_time", "limit_token", "limit_turn",
         "limit_message", "limit_cost", "in_progress", "unknown"}
    ),
    ("runs", "outcome"): frozenset({"success", "failure", "partial", "unscored"}),
    ("runs", "outcome_source"): frozenset({"verifier", "human", "judge", "self", "rule"}),
    ("runs", "attribution"): frozenset({"agent", "environment", "infra", "task", "grader", "unknown"}),
    ("runs", "cost_source"): frozenset({"provider", "computed", "none"}),
    ("steps", "kind"): frozenset(
        {"llm", "tool", "retrieval", "agent", "workflow", "plan", "memory", "guardrail", "embedding", "other"}
    ),
    ("steps", "status"): frozenset({"ok", "error", "cancelled", "unset"}),
    ("llm_calls", "usage_convention"): frozenset({"inclusive", "exclusive"}),
    ("tool_calls", "status"): frozenset({"ok", "error", "timeout", "cancelled", "orphan"}),
    ("messages", "role"): frozenset({"system", "developer", "user", "assistant", "tool"}),
    ("scores", "target_type"): frozenset({"run", "step", "task"}),
    ("scores", "scorer_kind"): frozenset({"code", "llm", "human"}),
}  # fmt: skip

EVENT_TYPES: frozenset[str] = frozenset(
    {
        "task", "gate", "route", "schedule", "delivery", "config", "rollout", "alert_action", "incident", "proposal",
        "learning", "schema_mismatch", "domain", "session", "breaker", "hire", "access", "deletion",
    }
)  # fmt: skip
"""event_type values of the `events` table; `run`, `step`, ... name the tables above. Any other is quarantined."""
