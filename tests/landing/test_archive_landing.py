"""Landing an archive: each member counts once, a torn one waits once, and every row leads back to its bytes."""

import io
import json
import zipfile
from pathlib import Path

from dagster_project.landing.land_files import land
from dagster_project.landing.trace import original_bytes
from dagster_project.settings import Settings
from tests.landing.landed import ledger, rows

HEADER = {
    "version": 2,
    "status": "success",
    "eval": {"run_id": "R", "task_id": "T", "created": "2025-05-12T20:27:36Z", "task": "t", "model": "m"},
}


def sample(number: int, answer: str = "yes") -> str:
    messages = [{"role": "user", "content": "q" * 300}, {"role": "assistant", "content": answer}]
    return json.dumps({"id": number, "epoch": 1, "messages": messages, "scores": {"match": {"value": "C"}}})


def log(*samples: tuple[int, str]) -> bytes:
    """An archive as it is written: what begins it first, the header last."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps(HEADER))
        for number, text in samples:
            archive.writestr(f"samples/{number}_epoch_1.json", text)
        archive.writestr("header.json", json.dumps(HEADER))
    return content.getvalue()


def counts(settings: Settings, name: str) -> tuple[int, ...]:
    row = ledger(settings)[name]
    kinds = ("unit", "landed", "quarantined", "duplicate", "blank", "pending")
    return tuple(row[f"{kind}_count"] for kind in kinds)


def test_every_sample_of_an_archive_lands(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.eval"
    path.write_bytes(log((1, sample(1)), (2, sample(2)), (3, " "), (4, "{")))
    land(settings, [path])
    assert counts(settings, "a.eval") == (4, 2, 1, 0, 1, 0)
    assert {row["run_id"] for row in rows(settings, "runs")} == {"R/T/1/1", "R/T/2/1"}
    assert ledger(settings)["a.eval"]["unit"] == "member"


def test_a_row_leads_back_to_the_bytes_within_the_archive(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.eval"
    path.write_bytes(log((1, sample(1)), (2, sample(2))))
    land(settings, [path])
    for row in rows(settings, "runs"):
        raw = original_bytes(
            settings, source_path=str(path), source_file_sha256=row["source_file_sha256"],
            byte_offset=row["byte_offset"], byte_length=row["byte_length"],
        )  # fmt: skip
        assert raw.decode() == sample(int(row["task_id"]))


def test_the_same_sample_in_another_archive_is_a_duplicate_or_a_conflict(settings: Settings, tmp_path: Path) -> None:
    one, other = tmp_path / "a.eval", tmp_path / "b.eval"
    one.write_bytes(log((1, sample(1)), (2, sample(2))))
    other.write_bytes(log((1, sample(1)), (2, sample(2, "no")), (3, sample(3))))
    land(settings, [one])
    land(settings, [other])
    assert counts(settings, "b.eval") == (3, 1, 1, 1, 0, 0)
    [kept] = rows(settings, "quarantine")
    assert (kept["reason"], kept["raw_bytes"].decode()) == ("conflict", sample(2, "no"))


def test_a_file_cut_short_waits_once_and_then_gives_up_its_torn_member(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.eval"
    whole = log((1, sample(1)), (2, sample(2)))
    path.write_bytes(whole[: whole.index(b"samples/2_epoch_1.json") + 60])
    land(settings, [path])
    assert counts(settings, "a.eval") == (2, 1, 0, 0, 0, 1)
    land(settings, [path])
    assert counts(settings, "a.eval") == (2, 1, 1, 0, 0, 0)
    assert "no directory" in ledger(settings)["a.eval"]["problem"]


def test_a_file_that_was_cut_short_and_is_whole_again_lands_the_rest(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.eval"
    whole = log((1, sample(1)), (2, sample(2)))
    path.write_bytes(whole[: whole.index(b"samples/2_epoch_1.json") + 60])
    land(settings, [path])
    path.write_bytes(whole)
    land(settings, [path])
    assert sorted(row["run_id"] for row in rows(settings, "runs")) == ["R/T/1/1", "R/T/2/1"]


def test_an_archive_of_something_else_is_skipped(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("runs.jsonl", '{"event_type": "run"}\n')
    summary = land(settings, [path])
    assert [skipped.path for skipped in summary.skipped] == [str(path)]


def test_a_log_forced_upon_another_file_quarantines_it(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "a.eval"
    path.write_bytes(b"PK\x03\x04 and no more")
    land(settings, [path], source="inspect-eval")
    land(settings, [path], source="inspect-eval")
    assert counts(settings, "a.eval") == (1, 0, 1, 0, 0, 0)
    other = tmp_path / "b.json"
    other.write_text("{}", encoding="utf-8")
    land(settings, [other], source="inspect-eval")
    assert counts(settings, "b.json") == (1, 0, 1, 0, 0, 0)


def test_a_log_without_samples_tells_how_it_ended(settings: Settings, tmp_path: Path) -> None:
    spec = {"task": "t", "model": "m", "created": "2025-05-12T20:27:36Z"}
    header = {"version": 2, "status": "error", "eval": spec, "error": {"message": "RuntimeError('no\nkey')"}}
    archived, written = tmp_path / "a.eval", tmp_path / "b.json"
    with zipfile.ZipFile(archived, "w") as archive:
        archive.writestr("header.json", json.dumps(header))
        archive.writestr("summaries.json", "[]")
    written.write_text(json.dumps(header | {"samples": []}), encoding="utf-8")
    summary = land(settings, [archived, written])
    told = "it holds no sample; status error: RuntimeError('no key')"
    assert [file.problem for file in summary.problems] == [told, told]
    assert counts(settings, "a.eval") == counts(settings, "b.json") == (0, 0, 0, 0, 0, 0)
