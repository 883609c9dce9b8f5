"""A corrected map lands what a broken one had quarantined; what has landed stands, and the ledger adds up."""

from pathlib import Path

import pytest

from dagster_project.commands.land import summary_lines
from dagster_project.landing import land
from dagster_project.landing.summary import LandingSummary
from dagster_project.settings import Settings
from tests.landing import landed

MAP = """
name: mine
version: "{version}"
framing: {framing}
required: {{id: any}}
event_id: [{event_id}]
fields:
  agent_id: {{constant: a}}
  outcome: {{from: ok, values: {{{values}}}}}
  outcome_source: {{constant: verifier}}
"""
LINES = [
    '{"id": 1, "ok": "yes"}',
    '{"id": 2, "ok": "no"}',
    "{broken",
    '{"id": 3, "ok": "yes", "kind": "x"}',
    '{"id": 4, "ok": "no"}',
    '{"id": 1, "ok": "maybe"}',
]
NARROW, WIDE = "yes: success", "yes: success, no: failure"


def write(folder: Path, framing: str = "lines") -> Path:
    texts = LINES if framing == "lines" else [text for text in LINES if text != "{broken"]
    path = folder / "log.json"
    path.write_text("\n".join(texts) + "\n" if framing == "lines" else f"[{','.join(texts)}]", encoding="utf-8")
    return path


def with_map(settings: Settings, log: Path, *, values: str, version: str = "1", **changes: str) -> LandingSummary:
    path = log.parent / "map.yaml"
    said = {"framing": "lines", "event_id": "id"} | changes
    path.write_text(MAP.format(values=values, version=version, **said), encoding="utf-8")
    return land(settings, [log], map_files=[path])


def counts(settings: Settings) -> tuple[int, ...]:
    [row] = landed.ledger(settings).values()
    return tuple(row[f"{kind}_count"] for kind in ("unit", "landed", "quarantined", "duplicate", "pending"))


def quarantined(settings: Settings) -> list[tuple[int, str]]:
    return sorted((row["unit_number"], row["reason"]) for row in landed.rows(settings, "quarantine"))


def runs(settings: Settings) -> list[tuple[str, str, int]]:
    return sorted((row["event_id"], row["outcome"], row["unit_number"]) for row in landed.rows(settings, "runs"))


def test_a_corrected_map_lands_what_the_broken_one_had_quarantined(settings: Settings, tmp_path: Path) -> None:
    log = write(tmp_path)
    with_map(settings, log, values=NARROW)
    assert counts(settings) == (6, 2, 4, 0, 0)
    summary = with_map(settings, log, values=WIDE)
    assert [file.action for file in summary.files] == ["again"]
    assert summary.units == {"landed": 2, "quarantined": 2, "unit": 4}
    assert counts(settings) == (6, 4, 2, 0, 0)
    assert quarantined(settings) == [(3, "bad_json"), (6, "bad_enum")]
    assert runs(settings) == [
        ("mine/1", "success", 1), ("mine/2", "failure", 2), ("mine/3", "success", 4), ("mine/4", "failure", 5),
    ]  # fmt: skip
    [row] = landed.ledger(settings).values()
    assert dict(row["record_counts"]) == {"runs": 4, "units": 4, "unmapped_fields": 1}


def test_it_is_looked_at_once_per_map(settings: Settings, tmp_path: Path) -> None:
    log = write(tmp_path)
    for values in (NARROW, WIDE):
        with_map(settings, log, values=values)
    before = landed.tree(settings)
    assert len(with_map(settings, log, values=WIDE).repeated) == 1
    assert landed.tree(settings) == before


def test_what_has_landed_stands_even_when_the_map_would_name_it_otherwise(settings: Settings, tmp_path: Path) -> None:
    log = write(tmp_path)
    with_map(settings, log, values=NARROW)
    with_map(settings, log, values=WIDE, version="2", event_id="id, kind")
    assert [event_id for event_id, _, _ in runs(settings)] == ["mine/1", "mine/2/", "mine/3", "mine/4/"]
    assert counts(settings) == (6, 4, 2, 0, 0)


def test_a_unit_whose_event_landed_meanwhile_is_a_duplicate_or_a_conflict(settings: Settings, tmp_path: Path) -> None:
    log = write(tmp_path)
    with_map(settings, log, values=NARROW)
    other = tmp_path / "other.json"
    other.write_text(LINES[1] + "\n" + '{"id": 4, "ok": "yes"}\n', encoding="utf-8")
    with_map(settings, other, values=WIDE)
    summary = with_map(settings, log, values=WIDE + ", maybe: partial")
    assert summary.units == {"duplicate": 1, "quarantined": 3, "unit": 4}
    assert quarantined(settings) == [(3, "bad_json"), (5, "conflict"), (6, "conflict")]
    row = landed.ledger(settings)["log.json"]
    assert (row["landed_count"], row["duplicate_count"], row["quarantined_count"]) == (2, 1, 3)


def test_units_of_other_files_stay_in_quarantine(settings: Settings, tmp_path: Path) -> None:
    log = write(tmp_path)
    other = tmp_path / "other.json"
    other.write_text('{"id": 9, "ok": "no"}\n', encoding="utf-8")
    path = tmp_path / "map.yaml"
    path.write_text(MAP.format(values=NARROW, version="1", framing="lines", event_id="id"), encoding="utf-8")
    land(settings, [log, other], map_files=[path])
    with_map(settings, log, values=WIDE)
    found = sorted((Path(row["source_path"]).name, row["unit_number"]) for row in landed.rows(settings, "quarantine"))
    assert found == [("log.json", 3), ("log.json", 6), ("other.json", 1)]


@pytest.mark.parametrize("framing", ["lines", "array"])
def test_two_looks_end_like_one_landing_with_the_right_map(tmp_path: Path, framing: str) -> None:
    log = write(tmp_path, framing)
    twice, once = (Settings(home=tmp_path / name, workers=1) for name in ("twice", "once"))
    for settings, maps in ((twice, (NARROW, WIDE)), (once, (WIDE,))):
        for values in maps:
            with_map(settings, log, values=values, framing=framing)
    assert counts(twice) == counts(once)
    assert quarantined(twice) == quarantined(once)
    places = [sorted((row["event_id"], row["byte_offset"], row["unit_number"]) for row in landed.rows(home, "units"))
              for home in (twice, once)]  # fmt: skip
    assert places[0] == places[1]


def test_a_map_of_another_framing_is_no_second_look(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_text('{"id": 1, "ok": "no"}\n', encoding="utf-8")
    with_map(settings, log, values=NARROW)
    assert len(with_map(settings, log, values=WIDE, framing="document").repeated) == 1


def test_a_pending_tail_is_none_of_its_business(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    log.write_text('{"id": 1, "ok": "no"}\n{"id": 2, "o', encoding="utf-8")
    with_map(settings, log, values=NARROW)
    assert counts(settings) == (2, 0, 1, 0, 1)
    with_map(settings, log, values=WIDE)
    with_map(settings, log, values=WIDE)
    assert counts(settings) == (2, 1, 1, 0, 0)
    assert quarantined(settings) == [(2, "bad_json")]


def test_the_summary_says_that_files_had_landed_by_another_version(settings: Settings, tmp_path: Path) -> None:
    log = write(tmp_path)
    assert with_map(settings, log, values=WIDE).older == []
    summary = with_map(settings, log, values=WIDE + ", maybe: partial")
    assert (summary.older, summary.units) == ([str(log)], {"quarantined": 2, "unit": 2})
    assert "1 files landed by another version of their map or format: what landed stands" in summary_lines(summary)
