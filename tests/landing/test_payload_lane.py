"""Text is kept only with consent, under its hash; facts are the same with and without it."""

import datetime as dt
import stat
from pathlib import Path

import pyarrow as pa
import pytest

from dagster_project.declarations import Declarations
from dagster_project.errors import CheckFailed
from dagster_project.landing import land
from dagster_project.payloads.read import check_text, payload_files, read_texts
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from tests.landing import landed
from tests.landing.landed import line

# printf 'text 1' | sha256sum
TEXT_1 = "900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663"


class Declared:
    """Declarations that say only who consents."""

    def __init__(self, *rows: tuple) -> None:
        names = ["organization_id", "source", "keep_payloads", "allow_training", "retention_days"]
        table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
        self.tables = {"consent": table}
        self.sha256 = "0" * 64


def consenting(*rows: tuple) -> Declarations:
    return Declared(*rows)  # type: ignore[return-value]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text(line(1) + line(2, organization_id="other"), encoding="utf-8")
    return path


def kept(settings: Settings) -> list[tuple]:
    columns = ("organization_id", "text", "consent", "expires_on")
    return sorted(tuple(row[column] for column in columns) for row in landed.rows(settings, "payloads"))


def test_without_consent_only_the_hash_is_kept(settings: Settings, log: Path) -> None:
    land(settings, [log])
    assert landed.rows(settings, "payloads") == []
    assert TEXT_1 in [row["message_sha256"] for row in landed.rows(settings, "runs")]
    assert not any(b"text 1" in content for content in landed.tree(settings).values())


def test_the_flag_keeps_every_text(settings: Settings, log: Path) -> None:
    land(settings, [log], keep_payloads=True)
    assert kept(settings) == [("acme", "text 1", "flag", None), ("other", "text 2", "flag", None)]
    assert read_texts(settings, read_snapshot(settings), organization_id="acme", hashes=[TEXT_1]) == {TEXT_1: "text 1"}
    assert read_texts(settings, read_snapshot(settings), organization_id="other", hashes=[TEXT_1]) == {}


def test_an_organization_s_consent_keeps_its_texts_until_they_expire(settings: Settings, log: Path) -> None:
    land(settings, [log], declarations=consenting(("acme", None, True, True, 10), (None, None, False, True, 365)))
    # e1 happened on 2026-03-02
    assert kept(settings) == [("acme", "text 1", "organization", dt.date(2026, 3, 12))]


def test_texts_wanted_later_are_read_again_and_change_no_fact(settings: Settings, log: Path) -> None:
    land(settings, [log])
    facts = {name: content for name, content in landed.tree(settings).items() if name.startswith("landed/runs")}
    summary = land(settings, [log], keep_payloads=True)
    assert [file.action for file in summary.files] == ["texts"]
    assert (summary.units, summary.records) == ({}, {"payloads": 2})
    assert [row[1] for row in kept(settings)] == ["text 1", "text 2"]
    tree = landed.tree(settings)
    assert {name: content for name, content in tree.items() if name.startswith("landed/runs")} == facts
    assert landed.ledger(settings)["log.jsonl"]["landed_count"] == 2
    assert len(land(settings, [log], keep_payloads=True).repeated) == 1
    assert len(land(settings, [log]).repeated) == 1
    assert landed.tree(settings) == tree


def test_a_partial_consent_reads_a_file_once(settings: Settings, log: Path) -> None:
    declarations = consenting(("acme", None, True, True, None))
    land(settings, [log], declarations=declarations)
    assert len(land(settings, [log], declarations=declarations).repeated) == 1
    assert [row[1] for row in kept(settings)] == ["text 1"]


def test_a_file_that_grows_before_its_texts_are_wanted_keeps_them_all(settings: Settings, log: Path) -> None:
    land(settings, [log])
    with log.open("a", encoding="utf-8") as handle:
        handle.write(line(3))
    summary = land(settings, [log], keep_payloads=True)
    assert [file.action for file in summary.files] == ["grown", "texts"]
    assert summary.units == {"landed": 1, "unit": 1}
    assert {row[1] for row in kept(settings)} == {"text 1", "text 2", "text 3"}
    assert landed.ledger(settings)["log.jsonl"]["payloads_kept"] is True
    assert len(land(settings, [log], keep_payloads=True).repeated) == 1


def test_a_file_that_grows_without_the_flag_has_its_new_texts_read_when_the_flag_is_back(
    settings: Settings, log: Path
) -> None:
    land(settings, [log], keep_payloads=True)
    with log.open("a", encoding="utf-8") as handle:
        handle.write(line(3))
    land(settings, [log])
    assert landed.ledger(settings)["log.jsonl"]["payloads_kept"] is False
    land(settings, [log], keep_payloads=True)
    assert {row[1] for row in kept(settings)} == {"text 1", "text 2", "text 3"}


def test_the_text_of_a_conflict_is_not_kept(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(line(1) + line(1, message="another text"), encoding="utf-8")
    land(settings, [path], keep_payloads=True)
    assert [row[1] for row in kept(settings)] == ["text 1"]


def test_a_text_that_recurs_is_kept_once_a_file_until_its_last_day(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    same = [line(number, message="text 1") for number in (3, 1, 2)]
    path.write_text("".join(same), encoding="utf-8")
    land(settings, [path], declarations=consenting((None, None, True, True, 1)))
    # the three events lie on 2026-03-01, 02 and 03
    assert kept(settings) == [("acme", "text 1", "organization", dt.date(2026, 3, 4))]


def test_private_files_are_readable_by_their_owner_alone(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(line(1) + "broken\n" + line(1, latency_ms=7), encoding="utf-8")
    land(settings, [path], keep_payloads=True)
    private = payload_files(settings, read_snapshot(settings)) + list(settings.quarantine.iterdir())
    assert [stat.S_IMODE(file.stat().st_mode) for file in private] == [0o600, 0o600, 0o600]


def test_a_text_that_does_not_have_its_hash_is_refused() -> None:
    assert check_text(TEXT_1, "text 1") == "text 1"
    with pytest.raises(CheckFailed):
        check_text(TEXT_1, "text 2")
