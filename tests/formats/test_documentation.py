"""Everything a map may say is documented, and the documented map works."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from dagster_project.formats.mapped.checks import FIELDS
from dagster_project.formats.mapped.measures import UNITS
from dagster_project.formats.mapped.schema import (
    Case,
    Cumulative,
    DomainEvent,
    Error,
    Map,
    Messages,
    Rule,
    Score,
    Steps,
    Summary,
    Texts,
)
from dagster_project.formats.mapped.steps import LLM_CALL_FIELDS, STEP_FIELDS, TOOL_CALL_FIELDS
from dagster_project.formats.registry import load_formats
from tests.formats.units import LIMITS, decode_file, mapped, run

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


STRUCTS = [Map, Rule, Case, Messages, Steps, Score, Error, Texts, Cumulative, DomainEvent]


@pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)
def test_every_key_is_documented(struct: type[msgspec.Struct]) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(struct)]
    assert [name for name in names if not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", TEXT)] == []


def test_every_field_of_a_run_is_documented() -> None:
    assert [name for name in FIELDS if f"`{name}`" not in TEXT] == []


def test_every_field_of_a_step_every_summary_and_every_unit_is_documented() -> None:
    units = [unit for of_kind in UNITS.values() for unit in of_kind]
    names = [*STEP_FIELDS, *LLM_CALL_FIELDS, *TOOL_CALL_FIELDS, *get_args(Summary), *units]
    assert [name for name in names if f"`{name}`" not in TEXT] == []


def test_every_format_is_documented() -> None:
    assert [log_format.name for log_format in load_formats(LIMITS) if f"| `{log_format.name}`" not in TEXT] == []


def test_the_first_map_reads_what_it_says(tmp_path: Path) -> None:
    text = TEXT.split("```yaml\n")[1].split("```")[0]
    content = b'[{"name": "env_4", "is_success": true, "seconds": 12.5, "memory": ["x"]}]'
    [event] = decode_file(mapped(tmp_path, text), "trials/base/trial_3.json", content)
    found = run(event)
    assert event.event_id == "my-trials/base/3/env_4"
    assert (found["attempt"], found["latency_ms"], found["outcome"]) == (3, 12500, "success")
    assert [table for table, _ in event.records] == ["runs"]
