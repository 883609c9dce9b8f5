"""Publishing and exporting under faults: readers have the old state or the new one; doing it again ends in the new."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.training.verification.dataset_folder import verify_folder
from tests.end_to_end.command_line import succeed
from tests.faults.landings import LANDINGS, array
from tests.faults.points import Point, all_points
from tests.faults.shim import Finished, Server
from tests.faults.trial import KILLED, NOT_REACHED, REFUSED

COMMANDS: dict[str, tuple[str, ...]] = {"publish": ("publish",), "export": ("export", "all")}


class Publication:
    """A data root with one published and exported build, and a newer one that the command under test brings out."""

    def __init__(self, command: str, *, server: Server, folder: Path) -> None:
        self._command, self._server, self._folder = command, server, folder
        self.home = folder / "home"
        self._sources = folder / "sources"
        self._sources.mkdir(parents=True)
        LANDINGS["first"].write(self._sources)
        succeed(self.home, "run", self._sources, "--payloads")
        self._keep("before")
        (self._sources / "gpt-4o-airline.json").write_text(array(trials=3, task=9), encoding="utf-8")
        succeed(self.home, "land", self._sources, "--payloads")
        succeed(self.home, "build")
        if command == "export":
            succeed(self.home, "publish")
            self._keep("before")
        self.state_before = self.state()
        recorded = self.run()
        assert recorded.code == 0, recorded.output
        self.points = all_points(recorded.log)
        self.state_after = self.state()
        self.names_after = self.names()
        assert self.state_before != self.state_after

    def _keep(self, name: str) -> None:
        for part in ("published", "exports"):
            shutil.rmtree(self._folder / name / part, ignore_errors=True)
            shutil.copytree(self.home / part, self._folder / name / part, symlinks=True)

    def restore(self) -> None:
        """Put back what was published and exported before. The build is only read."""
        for part in ("published", "exports"):
            shutil.rmtree(self.home / part, ignore_errors=True)
            shutil.copytree(self._folder / "before" / part, self.home / part, symlinks=True)

    def run(self, point: Point | None = None) -> Finished:
        return self._server.run(
            *COMMANDS[self._command], home=self.home, sources=self._sources, commit_bytes=1 << 20, point=point
        )

    def state(self) -> dict[str, Any]:
        """All that readers see: the rows of every mart, and the bytes of every dataset."""
        seen: dict[str, Any] = {}
        with duckdb.connect(str(self.home / "published" / "current.duckdb"), read_only=True) as connection:
            tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
            for (table,) in tables:
                rows = connection.execute(f'select * from marts."{table}"').fetchall()
                seen[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
        for folder in ("sft", "preferences", "efficiency", "unpaired", "prompts"):
            assert verify_folder(self.home / "exports" / folder) == []
            for path in sorted((self.home / "exports" / folder).rglob("*")):
                seen[str(path.relative_to(self.home))] = path.read_bytes() if path.is_file() else None
        return seen

    def names(self) -> list[str]:
        """Every name below the folders of readers."""
        paths = [path for part in ("published", "exports") for path in (self.home / part).rglob("*")]
        return sorted(str(path.relative_to(self.home)) for path in paths)


def faults_after(ground: Publication, point: Point) -> list[str]:
    """Strike at the point, look, do it again, look again; what was wrong."""
    ground.restore()
    struck = ground.run(point)
    if not struck.has_struck:
        return [NOT_REACHED]
    wrong = []
    if (point.fault.startswith("kill") or point.fault == "torn") and struck.code != KILLED:
        wrong.append(f"exit {struck.code} of a killed process")
    elif struck.code not in (KILLED, 0, REFUSED) and "own verification" not in struck.output:
        wrong.append(f"exit {struck.code}, which is for failed checks: {struck.output[-500:]}")
    try:
        state = ground.state()
    except Exception as error:
        return [*wrong, f"a reader fails: {type(error).__name__}: {error}"]
    wrong += [] if _is_old_or_new(state, ground) else ["a reader sees neither the old nor the new state"]
    if struck.code == 0 and state != ground.state_after:
        wrong.append("exit 0, but incomplete")
    if "Traceback" in struck.output:
        wrong.append(f"it ends in a traceback: {struck.output.strip().splitlines()[-1]}")
    again = ground.run()
    if again.code != 0:
        wrong.append(f"doing it again exits {again.code}: {again.output[-500:]}")
    if ground.state() != ground.state_after:
        wrong.append("doing it again ends elsewhere")
    if ground.names() != ground.names_after:
        wrong.append(f"doing it again leaves {sorted(set(ground.names()) ^ set(ground.names_after))[:4]}")
    return wrong


def _is_old_or_new(state: dict[str, Any], ground: Publication) -> bool:
    """Whether each of what is replaced in one step (the marts, either dataset) is all old or all new."""
    for part in ("exports/sft", "exports/preferences", ""):
        found, old, new = (
            {name: value for name, value in each.items() if _part_of(name) == part}
            for each in (state, ground.state_before, ground.state_after)
        )
        if found not in (old, new):
            return False
    return True


def _part_of(name: str) -> str:
    return "/".join(name.split("/")[:2]) if name.startswith("exports/") else ""
