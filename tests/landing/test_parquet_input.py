"""A Parquet row has the verdict of the JSON line that says the same; Parquet of anything else is refused by name."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.landing import land
from dagster_project.landing.trace import original_bytes
from dagster_project.settings import Settings
from tests.landing import landed

RUN = {
    "organization_id": "acme",
    "event_id": "e1",
    "run_id": "r1",
    "agent_id": "researcher",
    "occurred_at": dt.datetime(2026, 3, 1, 6, 1, 56, 120000),
    "outcome": "success",
    "latency_ms": 456,
    "cost_usd": 0.0125,
}


def write(path: Path, rows: list[dict[str, Any]], *, schema: pa.Schema | None = None, **options: Any) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, **options)
    return path


def facts(settings: Settings, table: str, *columns: str) -> list[tuple]:
    return sorted(tuple(row[column] for column in columns) for row in landed.rows(settings, table))


def quarantined(settings: Settings) -> list[tuple[int, str]]:
    return sorted((row["line_number"], row["reason"]) for row in landed.rows(settings, "quarantine"))


def test_runs_land_with_their_values(settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "any name", [RUN, RUN | {"event_id": "e2", "run_id": "r2", "latency_ms": None}])
    summary = land(settings, [path])
    assert (summary.units, [file.format for file in summary.files]) == ({"landed": 2, "unit": 2}, ["native"])
    assert facts(settings, "runs", "event_id", "occurred_at", "latency_ms", "cost_usd", "outcome_source") == [
        ("e1", RUN["occurred_at"], 456, 0.0125, "self"),
        ("e2", RUN["occurred_at"], None, 0.0125, "self"),
    ]
    before = landed.tree(settings)
    assert len(land(settings, [path]).repeated) == 1
    assert landed.tree(settings) == before


# Rows of one column each, of that type, and the verdict: landed, or the reason of quarantine.
VERDICTS: list[tuple[str, pa.DataType, Any, str | None]] = [
    ("latency_ms", pa.int64(), 0, None),
    ("latency_ms", pa.int64(), -1, "bad_number"),
    ("latency_ms", pa.uint64(), 2**64 - 1, "bad_number"),
    ("latency_ms", pa.float64(), 12.0, "bad_number"),
    ("latency_ms", pa.string(), "12", "bad_type"),
    ("latency_ms", pa.decimal128(38, 0), 12, None),
    ("cost_usd", pa.float64(), float("nan"), "bad_number"),
    ("cost_usd", pa.float64(), float("inf"), "bad_number"),
    ("cost_usd", pa.float64(), 1e9, "bad_number"),
    ("cost_usd", pa.decimal128(18, 9), "0.012500000", None),
    ("outcome", pa.string(), "won", "bad_enum"),
    ("outcome", pa.dictionary(pa.int8(), pa.string()), "failure", None),
    ("run_id", pa.string(), "", "missing_required"),
    ("run_id", pa.string(), None, "missing_required"),
    ("run_id", pa.string(), "a\nb", "bad_id"),
    ("run_id", pa.binary(), b"\xff\xfe", "bad_encoding"),
    ("run_id", pa.binary(), b"r9", None),
    ("run_id", pa.large_string(), "r/ü\u2028", None),
    ("occurred_at", pa.timestamp("ns", "Europe/Paris"), dt.datetime(2026, 3, 1, tzinfo=dt.UTC), None),
    ("occurred_at", pa.timestamp("s"), dt.datetime(1999, 3, 1), "bad_timestamp"),
    ("occurred_at", pa.date32(), dt.date(2026, 3, 1), "bad_timestamp"),
    ("occurred_at", pa.string(), "2026-03-01T06:01:56Z", None),
    ("occurred_at", pa.string(), "yesterday", "bad_timestamp"),
    ("labels", pa.map_(pa.string(), pa.string()), [("a", "1"), ("b", "x")], None),
    ("labels", pa.map_(pa.string(), pa.string()), [("a", "1"), ("a", "2")], "duplicate_key"),
    ("labels", pa.struct({"a": pa.string(), "b": pa.string()}), {"a": "1"}, None),
    ("labels", pa.list_(pa.string()), ["a"], "bad_type"),
    ("message", pa.string(), "x" * (1 << 20), "too_large"),
]


@pytest.mark.parametrize(("column", "kind", "value", "reason"), VERDICTS, ids=str)
def test_a_row_has_the_verdict_of_its_line(
    settings: Settings, tmp_path: Path, column: str, kind: pa.DataType, value: Any, reason: str | None
) -> None:
    array = pa.array([str(value)]).cast(kind) if pa.types.is_decimal(kind) else pa.array([value], kind)
    table = pa.Table.from_pylist([RUN])
    if column in table.column_names:
        table = table.drop_columns([column])
    pq.write_table(table.append_column(column, array), tmp_path / "runs.parquet")
    good = write(tmp_path / "good.parquet", [RUN | {"event_id": "e0", "run_id": "r0"}])
    summary = land(settings, [tmp_path / "runs.parquet", good])
    assert [reason for _, reason in quarantined(settings)] == ([reason] if reason else [])
    assert summary.units["landed"] == (1 if reason else 2)


def test_values_land_to_the_last_bit(settings: Settings, tmp_path: Path) -> None:
    rows = [
        {"cost_usd": 0.1 + 0.2, "latency_ms": 2**63 - 1, "labels": {"ключ": '\u0000\\"\n'}},
        {"cost_usd": 5e-324, "latency_ms": 0, "labels": {}},
    ]
    schema = pa.schema({"labels": pa.map_(pa.string(), pa.string()), "latency_ms": pa.int64(), "cost_usd": pa.float64(),
                        "occurred_at": pa.timestamp("ns"), "event_id": pa.string(), "run_id": pa.string(),
                        "organization_id": pa.string(), "agent_id": pa.string()})  # fmt: skip
    ticks = dt.datetime(2026, 3, 1, 6, 1, 56, 999999)
    rows = [RUN | row | {"event_id": f"e{at}", "occurred_at": ticks} for at, row in enumerate(rows)]
    land(settings, [write(tmp_path / "runs", rows, schema=schema)])
    assert facts(settings, "runs", "cost_usd", "latency_ms", "labels", "occurred_at") == [
        (5e-324, 0, [], ticks),
        (0.1 + 0.2, 2**63 - 1, [("ключ", '\u0000\\"\n')], ticks),
    ]


def test_rows_of_several_kinds_say_so_themselves(settings: Settings, tmp_path: Path) -> None:
    lines = [
        {"event_type": "run", "run_id": "r1", "agent_id": "a", "status": "error", "error": {"code": "E1"}},
        {"event_type": "message", "run_id": "r1", "role": "user", "seq": 0, "content": "Hi"},
        {"event_type": "gate", "gate": "g", "verdict": "open"},
        {"event_type": "nothing"},
    ]
    at = "2026-03-01T06:01:56Z"
    lines = [line | {"event_id": str(n), "organization_id": "o", "occurred_at": at} for n, line in enumerate(lines)]
    log, copy = tmp_path / "log.jsonl", tmp_path / "copy.parquet"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    # As people make it: NULL where a line has no such key.
    duckdb.sql(f"copy (from read_json('{log}')) to '{copy}' (format parquet)")
    land(settings, [copy])
    assert facts(settings, "runs", "event_id", "termination") == [("0", "error")]
    assert facts(settings, "errors", "event_id", "code_declared") == [("0", "E1")]
    assert facts(settings, "messages", "role", "content_bytes") == [("user", 2)]
    assert facts(settings, "events", "event_type", "payload") == [("gate", '{"gate":"g","verdict":"open"}')]
    assert quarantined(settings) == [(4, "bad_enum")]


def test_our_own_landed_files_land_elsewhere(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(landed.line(1) + landed.line(2), encoding="utf-8")
    land(settings, [log])
    other = Settings(home=tmp_path / "other", workers=1)
    assert land(other, [settings.landed / "runs"]).units == {"landed": 2, "unit": 2}
    columns = ("event_id", "occurred_at", "event_date", "latency_ms", "outcome", "message_sha256")
    assert facts(other, "runs", *columns) == facts(settings, "runs", *columns)
    assert landed.rows(other, "unmapped_fields") == []


@pytest.mark.parametrize(
    ("extra", "named", "table"),
    [
        ({"role": "user"}, None, "messages"),
        ({"tool_name": "t"}, None, "tool_calls"),
        ({"step_id": "s"}, None, "steps"),
        ({"name": "n", "value": 1.0}, None, "scores"),
        ({}, "errors", "errors"),
        ({}, "llm_calls", "llm_calls"),
    ],
)
def test_the_table_is_told_by_the_columns_or_by_the_metadata(
    settings: Settings, tmp_path: Path, extra: dict, named: str | None, table: str
) -> None:
    ids = {name: RUN[name] for name in ("organization_id", "event_id", "run_id", "occurred_at")}
    rows = pa.Table.from_pylist([ids | extra])
    if named:
        rows = rows.replace_schema_metadata({"reliability.table": named})
    pq.write_table(rows, tmp_path / "x.parquet")
    assert land(settings, [tmp_path / "x.parquet"]).records.get(table) == 1


REFUSED = {
    "a stranger's columns": (pa.table({"a": [1]}), "it has no column organization_id, event_id, occurred_at"),
    "two tables' columns": (
        pa.Table.from_pylist([{name: RUN[name] for name in ("organization_id", "event_id", "occurred_at", "run_id")}]),
        "give it a column event_type, or name its table",
    ),
    "a wrong name": (
        pa.Table.from_pylist([RUN]).replace_schema_metadata({"reliability.table": "sums"}),
        "its reliability.table 'sums' is none of",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_other_parquet_is_refused_with_what_it_lacks(settings: Settings, tmp_path: Path, case: str) -> None:
    table, why = REFUSED[case]
    path = tmp_path / "x.parquet"
    pq.write_table(table, path)
    summary = land(settings, [path])
    assert [why in skipped.why for skipped in summary.unreadable] == [True]
    assert [skipped.is_named for skipped in land(settings, [tmp_path]).skipped] == [False]


@pytest.mark.parametrize("keep", [6, 40, -1, -9])
def test_a_file_cut_short_is_refused(settings: Settings, tmp_path: Path, keep: int) -> None:
    path = write(tmp_path / "x.parquet", [RUN])
    path.write_bytes(path.read_bytes()[:keep])
    assert len(land(settings, [path]).unreadable) == 1


def test_a_value_that_would_fill_the_memory_is_not_read(settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "x.parquet", [RUN | {"message": "x" * (32 << 20)}], compression="zstd")
    assert path.stat().st_size < 1 << 16
    assert ["1 values in 32 MiB" in skipped.why for skipped in land(settings, [path]).unreadable] == [True]


def test_damage_within_costs_only_the_rows_behind_it(settings: Settings, tmp_path: Path) -> None:
    rows = [RUN | {"event_id": f"e{n}", "run_id": f"r{n}"} for n in range(1000)]
    path = write(tmp_path / "x.parquet", rows, row_group_size=500, compression="zstd", use_dictionary=False)
    second = pq.ParquetFile(path).metadata.row_group(1).column(1).data_page_offset
    content = bytearray(path.read_bytes())
    content[second : second + 400] = b"\xff" * 400
    path.write_bytes(bytes(content))
    summary = land(settings, [path])
    assert summary.units["landed"] == 500
    assert "rows cannot be read: row group 2 of 2" in (summary.problems[0].problem or "")


def test_a_locator_leads_to_the_row_as_a_line(settings: Settings, tmp_path: Path) -> None:
    path = write(tmp_path / "x.parquet", [RUN, RUN | {"event_id": "e2", "run_id": "r2"}, RUN | {"agent_id": "other"}])
    land(settings, [path])
    [run] = [row for row in landed.rows(settings, "runs") if row["event_id"] == "e2"]
    where = {name: run[name] for name in ("source_file_sha256", "byte_offset", "byte_length")}
    raw = json.loads(original_bytes(settings, source_path=str(path), **where))
    assert (raw["event_type"], raw["event_id"], raw["occurred_at"]) == ("run", "e2", "2026-03-01T06:01:56.12Z")
    [conflict] = landed.rows(settings, "quarantine")
    assert (conflict["line_number"], json.loads(conflict["raw_bytes"])["agent_id"]) == (3, "other")
