"""Bad input gets a clear message and the right exit code, and every good line lands all the same."""

import gzip
import json
from pathlib import Path

import pytest

from tests.end_to_end.command_line import reliability, rows, succeed


def _line(number: int) -> str:
    return json.dumps(
        {
            "event_type": "run",
            "event_id": f"e{number}",
            "organization_id": "acme",
            "run_id": f"r{number}",
            "agent_id": "researcher",
            "occurred_at": "2026-03-01T06:01:56Z",
            "status": "success",
            "latency_ms": 456,
        }
    )


def _log(count: int) -> str:
    return "".join(_line(number) + "\n" for number in range(count))


def test_an_empty_folder_exits_2_and_names_it(tmp_path: Path) -> None:
    empty = tmp_path / "no_logs_here"
    empty.mkdir()
    ran = reliability(tmp_path / "home", "run", empty)
    assert (ran.code, "no_logs_here" in ran.err) == (2, True)


def test_a_missing_path_exits_2_and_names_it(tmp_path: Path) -> None:
    ran = reliability(tmp_path / "home", "run", tmp_path / "absent.jsonl")
    assert (ran.code, "absent.jsonl" in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("map_text", "named"),
    [
        ("name: mine\nframing: lines\nfieldz: {}\n", "fieldz"),
        ("name: [unclosed\n", "broken.yaml"),
    ],
    ids=["a key that does not exist", "not YAML"],
)
def test_a_broken_map_exits_2_and_says_what_is_wrong_with_it(tmp_path: Path, map_text: str, named: str) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(map_text, encoding="utf-8")
    log = tmp_path / "log.jsonl"
    log.write_text(_log(1), encoding="utf-8")
    ran = reliability(tmp_path / "home", "run", log, "--map", broken)
    assert (ran.code, "broken.yaml" in ran.err, named in ran.err) == (2, True, True)
    assert "Traceback" not in ran.err


def test_a_truncated_gzip_lands_its_whole_lines_and_says_so(tmp_path: Path) -> None:
    whole = gzip.compress(_log(500).encode(), mtime=0)
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(whole[: len(whole) // 2])
    ran = reliability(tmp_path / "home", "land", torn, "--json")
    landed = json.loads(ran.out)
    assert "torn.jsonl.gz" in ran.out + ran.err
    assert 0 < landed["units"]["landed"] < 500
    [file] = landed["files"]
    assert file["problem"]
    units = file["units"]
    parts = ("landed", "quarantined", "duplicate", "blank", "pending")
    assert units["unit"] == sum(units[part] for part in parts)


@pytest.mark.slow
@pytest.mark.xdist_group("every_tenth_line")
def test_of_a_file_with_every_tenth_line_broken_the_other_nine_tenths_land(tmp_path: Path) -> None:
    lines = [_line(number) for number in range(200)]
    for number in range(9, 200, 10):
        lines[number] = lines[number][:40]
    log = tmp_path / "tenth.jsonl"
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    home = tmp_path / "home"
    succeed(home, "run", log)
    assert rows(home, "select count(*) as n from agent_runs") == [{"n": 180}]
    [ledger] = rows(home, "select unit_count, landed_count, quarantined_count from landing_ledger")
    assert ledger == {"unit_count": 200, "landed_count": 180, "quarantined_count": 20}
    broken = rows(home, "select line_number, reason from quarantine order by line_number")
    assert [row["line_number"] for row in broken] == list(range(10, 201, 10))
    assert {row["reason"] for row in broken} == {"bad_json"}


def test_a_query_before_anything_is_published_says_what_to_do(tmp_path: Path) -> None:
    ran = reliability(tmp_path / "home", "query", "select 1")
    assert (ran.code, "reliability run" in ran.err) == (2, True)
