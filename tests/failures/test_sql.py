"""The generated SQL says exactly what Python says, of any text, and no pattern can leave its string literal."""

import csv
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import yaml

from dagster_project.failures.classify import Classifier
from dagster_project.failures.functions import register
from dagster_project.failures.messages import normalise
from dagster_project.failures.messages.fingerprint import fingerprint, group_id
from dagster_project.failures.model.labels import read_labels
from dagster_project.failures.sql import functions_sql
from dagster_project.failures.tables import declared_tables
from dagster_project.failures.taxonomy import SHIPPED_FILE, Taxonomy, parse_taxonomy
from dagster_project.failures.validation import taxonomy_problems

SHIPPED = parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped")

AWKWARD = (
    "",
    " ",
    "'",
    "it's {{ broken }} {% raw %} -- ; drop table runs; /* */",
    "nul \x00 in the middle",
    "naïve café – “quotes” 😀 timed out",
    "\u00a0\u2028 odd spaces\u3000 refused",
    "a" * 9000 + " connection refused",
    "unbalanced \"quote and 'another, then `one",
    "\\1 \\0 $1 %s {} back references",
    "line one\nline two: ECONNRESET\r\n\tline three",
    "[ERROR] [ERROR] 12:00:00 12:00:00 WARN",
    "waiting for the table lock timed out",
    "waiting for the table lock",
    "2026-03-01 09:00:00 INFO [worker-7] cleaned up 3 expired sessions",
    "app.pool - DEBUG - connection refused by db:5432",
    "INFO",
)

EVERYTHING = """
    with texts as materialized (select *, functions.classifier_text(message) as text from given),
    masked_texts as materialized (
        select
            *, functions.masked_message(text) as masked, functions.status_in_text(text) as status,
            functions.telling_text(text) as telling
        from texts
    )
    select
        text, masked, status, telling,
        functions.reports_health(telling),
        functions.error_fingerprint(source, phase, 'D', status, masked, 'frame'),
        functions.error_group('NET.DNS', masked)
    from masked_texts order by place
"""


def sql_answers(taxonomy: Taxonomy, rows: list[tuple[str | None, str | None, str]]) -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute("create schema functions")
        connection.execute(functions_sql(taxonomy))
        sources, phases, messages = zip(*rows, strict=True)
        connection.register(
            "given",
            pa.table(
                {
                    "place": range(len(rows)),
                    "source": pa.array(sources, pa.string()),
                    "phase": pa.array(phases, pa.string()),
                    "message": pa.array(messages, pa.string()),
                }
            ),
        )
        return connection.execute(EVERYTHING).fetchall()


def python_answers(taxonomy: Taxonomy, rows: Iterable[tuple[str | None, str | None, str]]) -> list[tuple]:
    classifier = Classifier(taxonomy)
    answers = []
    for source, phase, message in rows:
        text = normalise.classifier_text(message)
        masked, status = normalise.masked_message(text), normalise.status_in_text(text)
        telling = classifier.telling_text(message)
        healthy = classifier.reports_health(telling)
        key = fingerprint(masked, source=source, phase=phase, code_declared="D", http_status=status, top_frame="frame")
        group = group_id(masked, code="NET.DNS")
        answers.append((text, masked, status, telling, healthy, key, group))
    return answers


@pytest.mark.slow
def test_sql_and_python_agree_on_own_and_awkward_messages():
    settings = ((None, None), ("browser", "tool_call"), ("messaging", "deliver"))
    labelled = [label.message for label in read_labels(None)]
    rows = [(*setting, message) for message in AWKWARD for setting in settings]
    rows += [(*setting, message) for message, setting in zip(labelled, cycle(settings), strict=False)]
    assert sql_answers(SHIPPED, rows) == python_answers(SHIPPED, rows)


def test_the_first_pattern_that_matches_decides_unless_the_line_reports_health():
    classifier = Classifier(SHIPPED)
    for message in (*AWKWARD, *(label.message for label in read_labels(None)[:300])):
        text = classifier.telling_text(message)
        matches = [match.pattern_id for match in classifier.matches_of_text(text, source=None, phase=None)]
        decides = classifier.first_match(message, source=None, phase=None)
        expected = matches[0] if matches and not classifier.reports_health(text) else None
        assert (decides.pattern_id if decides else None) == expected


@pytest.mark.slow
def test_sql_and_python_agree_on_real_messages(shared: Path):
    folder = shared / "fixtures/failures"
    with (folder / "errors_dev.csv").open(encoding="utf-8", newline="") as handle:
        labelled = [(row["source"], row["phase"], row["message"]) for row in csv.DictReader(handle)]
    with (folder / "grouping_dev.csv").open(encoding="utf-8", newline="") as handle:
        grouped = sorted({row["message"] for row in csv.DictReader(handle)})
    rows = labelled + [(None, None, message) for message in grouped[::3]]
    assert sql_answers(SHIPPED, rows) == python_answers(SHIPPED, rows)


HOSTILE_TEXTS = (
    "it's 'quoted' ''twice''",
    "'; drop schema functions cascade; --",
    "*/ {{ env_var('HOME') }} {% do x %} {# note #} /*",
    "-- a comment",
    "back\\slash and \\' escaped",
    "$$ dollar $tag$ quotes",
    "percent % and _ underscore",
)


def hostile_taxonomy(text: str) -> Taxonomy:
    common = {
        "severity": "low", "retryable": False, "attribution": "unknown",
        "remediate": {"kind": "checklist"}, "ci_behavior": "blocking", "title": text,
    }  # fmt: skip
    pattern = {"contains": text, "matches": [f"before {text} after"], "sources": [text]}
    modes = [
        {"code": "EVIL.TEXT", "category": "EVIL", **common,
         "detect": {"mode": "message", "sources": [text], "patterns": [pattern]}},
        {"code": "UNKNOWN.UNCLASSIFIED", "category": "UNKNOWN", **common,
         "detect": {"mode": "fallback", "sources": []}},
    ]  # fmt: skip
    return parse_taxonomy(yaml.safe_dump({"failure_modes": modes}).encode(), name="hostile")


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_hostile_pattern_is_only_ever_a_pattern(text: str):
    taxonomy = hostile_taxonomy(text)
    assert taxonomy_problems(taxonomy) == []
    rows = [(text, None, f"before {text} after"), (text, None, "something else"), (None, None, text)]
    classifier = Classifier(taxonomy)
    found = [classifier.matching_ids(message, source=source, phase=phase) for source, phase, message in rows]
    assert found == ["EVIL.TEXT/1", None, None]
    assert sql_answers(taxonomy, rows) == python_answers(taxonomy, rows)


def test_the_sql_function_names_what_the_taxonomy_in_force_matches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RELIABILITY_HOME", str(tmp_path))
    with duckdb.connect() as connection:
        register(connection)
        found = connection.execute(
            "select matching_patterns(null, null, unnest(['connect ECONNREFUSED', 'the teapot whistled', null]))"
        ).fetchall()
    assert found == [("NET.CONN_REFUSED/1",), (None,), (None,)]


def test_the_declared_tables_hold_every_code_and_pattern_in_order():
    tables = declared_tables(SHIPPED)
    assert tables["failure_modes"].column("ordinal").to_pylist() == list(range(1, 109))
    patterns = tables["failure_patterns"]
    assert patterns.column("ordinal").to_pylist() == list(range(1, patterns.num_rows + 1))
    assert set(patterns.column("code").to_pylist()) <= set(tables["failure_modes"].column("code").to_pylist())
