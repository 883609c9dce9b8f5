"""The receiver under faults: what it acknowledged is in the inbox and lands, whatever befell it, and is not damaged."""

import http.client
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.faults.points import KINDS, Point, all_points
from tests.formats.otlp_spans import message, protobuf, span, text
from tests.formats.test_otlp_logs import in_protobuf, log, logs
from tests.landing import landed
from tests.receiving.receiver import post

JSON, PROTOBUF = "application/json", "application/x-protobuf"
_COMMAND = [sys.executable, "-c", "from dagster_project.cli import main; main()", "receive", "--port", "0"]
_URL = re.compile(r"http://\S+")
_SECONDS = 60


def requests() -> list[tuple[str, bytes, set[str]]]:
    """What clients send: content type, body, and the ids of its spans, or the messages of its log records."""
    sent = []
    for number in range(3):
        ids = [f"{100 * number + place:016x}" for place in (1, 2)]
        sent.append((JSON, text(message(*(span(each) for each in ids))), set(ids)))
        first = 100 * number + 11
        sent.append((PROTOBUF, protobuf(2, first=first), {f"{first + place:016x}" for place in (0, 1)}))
        for content_type in (JSON, PROTOBUF):
            told = f"{content_type} {number}"
            records = logs(log("exception", said={"exception.message": told}))
            sent.append((content_type, text(records) if content_type == JSON else in_protobuf(records)[0], {told}))
    return sent


class Reception:
    """One receiver, from its start until it ends or is told to; `acknowledged` are the ids of the spans it took."""

    def __init__(self, home: Path, *, library: Path, point: Point | None) -> None:
        self._log = home.parent / f"{home.name}.log"
        self._log.unlink(missing_ok=True)
        self.acknowledged: set[str] = set()
        self.refused: list[int] = []
        environment = {
            "RELIABILITY_HOME": str(home), "LD_PRELOAD": str(library), "FAULTS_HOME": str(home),
            "FAULTS_SOURCES": "", "FAULTS_OPERATION": point.operation if point else "",
            "FAULTS_PATTERN": KINDS[point.kind] if point else "x",
            "FAULTS_ORDINAL": str(point.ordinal if point else 0),
            "FAULTS_ACTION": point.fault if point else "pass", "FAULTS_LOG": str(self._log),
        }  # fmt: skip
        with subprocess.Popen(
            _COMMAND, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            first = process.stdout.readline()
            url = _URL.search(first)
            if url is not None:
                self._send(url[0])
                process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=_SECONDS)
        self.code, self.output = process.returncode, first + output

    @property
    def log(self) -> list[str]:
        return self._log.read_text(encoding="utf-8").splitlines()

    def _send(self, url: str) -> None:
        """Each request until it is answered with 200, twice at most, as an exporter would."""
        for content_type, body, ids in requests():
            for _ in range(2):
                try:
                    path = "/v1/logs" if any("/" in each for each in ids) else "/v1/traces"
                    status = post(url, body, path=path, Content_Type=content_type).status
                except (OSError, http.client.HTTPException):
                    return
                if status == 200:
                    self.acknowledged |= ids
                    break
                self.refused.append(status)


def faults_after(home: Path, point: Point, *, library: Path) -> list[str]:
    """Strike at the point, receive all again without it, land, look; what was wrong."""
    struck = Reception(home, library=library, point=point)
    if not any(line.startswith("!") for line in struck.log):
        return ["the point was not reached"]
    wrong = []
    is_death = point.fault.startswith("kill") or point.fault == "torn"
    if is_death != (struck.code == -signal.SIGKILL):
        wrong.append(f"it ended with {struck.code}: {struck.output[-300:]}")
    wrong += [f"{status} for a disk's fault" for status in set(struck.refused) - {503}]
    if "Traceback" in struck.output:
        wrong.append(f"it ends in a traceback: {struck.output.strip().splitlines()[-1]}")
    wrong += _faults_of_what_landed(home, struck.acknowledged, "at first")
    again = Reception(home, library=library, point=None)
    if again.code != 0 or again.acknowledged != set().union(*(ids for _, _, ids in requests())):
        wrong.append(f"receiving again ends with {again.code} and {len(again.acknowledged)} spans")
    return wrong + _faults_of_what_landed(home, again.acknowledged, "in the end")


def _faults_of_what_landed(home: Path, acknowledged: set[str], when: str) -> list[str]:
    settings = Settings(home=home, workers=1)
    if not (home / "inbox" / "otlp").is_dir() or not any((home / "inbox" / "otlp").iterdir()):
        return [f"{len(acknowledged)} acknowledged spans have no file {when}"] if acknowledged else []
    land(settings, [settings.inbox])
    units = [unit for unit in landed.rows(settings, "units") if unit["unit_kind"] != "log"]
    ids = [unit["event_id"].rpartition("/")[2] for unit in units]
    ids += [error["message"] for error in landed.rows(settings, "errors")]
    wrong = [f"acknowledged, but lost {when}: {sorted(acknowledged - set(ids))}"] if acknowledged - set(ids) else []
    if len(ids) > len(set(ids)):
        wrong.append(f"a span landed twice {when}")
    torn = [row for row in landed.rows(settings, "quarantine") if row["reason"] == "conflict"]
    return wrong + ([f"a span is altered {when}"] if torn else [])


def points_of(home: Path, *, library: Path) -> list[Point]:
    """Every fault at every file operation of a calm reception. Raises AssertionError when that one is not calm."""
    calm = Reception(home, library=library, point=None)
    assert calm.code == 0, calm.output
    assert calm.acknowledged == set().union(*(ids for _, _, ids in requests()))
    return all_points(calm.log)
