"""One fault and what must hold after it: nothing half is seen, nothing incomplete says 0, and landing again heals."""

import hashlib
import shutil
from collections import Counter
from pathlib import Path

from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from tests.faults.landings import Landing, Tree, latest_ledger, live_tables, tree
from tests.faults.points import Point, all_points, kind_of
from tests.faults.shim import Finished, Server

KILLED = -9
NOT_REACHED = "the point was not reached"
"""How often DuckDB reads and writes varies a little with its threads."""
REFUSED = 2
READING = frozenset({"open", "read", "list", "map"})
KINDS_OF_UNITS = ("landed", "quarantined", "duplicate", "blank", "pending")


class Ground:
    """A landing with its sources, the state before it, and the states that landing it once and twice end in."""

    def __init__(self, landing: Landing, *, server: Server, folder: Path) -> None:
        self.landing, self.server, self.folder = landing, server, folder
        self.sources = folder / "sources"
        self.sources.mkdir(parents=True)
        self._before = folder / "before"
        self._before.mkdir()
        if landing.earlier is not None:
            landing.write_before(self.sources)
            assert self.land(self._before, options=landing.earlier).code == 0
        self.tree_before = tree(self._before)
        landing.write(self.sources)
        self.first_number, _ = live_tables(self._before)
        home = self.fresh_home()
        recorded = self.land(home)
        assert recorded.code == 0, recorded.output
        self.log = recorded.log
        self.points = all_points(recorded.log)
        self.tree_after = tree(home)
        self.last_number, tables = live_tables(home)
        self.event_ids = sorted(unit["event_id"] for unit in tables["units"])
        wrong = self.faults_of_state(home)
        assert not wrong, wrong
        assert self.land(home).code == 0
        self.tree_after_twice = tree(home)

    def land(self, home: Path, *, options: tuple[str, ...] | None = None, point: Point | None = None) -> Finished:
        options = self.landing.options if options is None else options
        options = tuple(option.format(sources=self.sources) for option in options)
        return self.server.run(
            "land", self.sources, *options, home=home, sources=self.sources, commit_bytes=self.landing.commit_bytes,
            point=point,
        )  # fmt: skip

    def fresh_home(self) -> Path:
        """A data root as it was before the landing."""
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self._before, home)
        return home

    def source_hashes(self) -> dict[str, tuple[str, int]]:
        return {
            path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
            for path in sorted(self.sources.iterdir())
        }

    def faults_of_state(self, home: Path) -> list[str]:
        """What a reader would find wrong: unreadable, not of this landing's states, or not adding up."""
        number, tables = live_tables(home)
        if read_snapshot(Settings(home=home)).number != number:
            return ["two readers see two snapshots"]
        if not self.first_number <= number <= self.last_number:
            return [f"snapshot {number} is of no state between the old and the new one"]
        found = tree(home)
        expected = self.tree_after
        named = [f"landed/snapshots/{each:08d}.json" for each in range(1, number + 1)]
        wrong = [f"{path} is not as in an uninterrupted run" for path in named if found.get(path) != expected[path]]
        files = {file.path for files in read_snapshot(Settings(home=home)).tables.values() for file in files}
        wrong += [f"{path} is not as in an uninterrupted run" for path in files if found.get(path) != expected[path]]
        if number == 0:
            return wrong
        return wrong + self.faults_of_counts(tables, is_whole=number == self.last_number)

    def faults_of_counts(self, tables: dict[str, list[dict]], *, is_whole: bool) -> list[str]:
        rows = latest_ledger(tables)
        totals = Counter({kind: sum(row[f"{kind}_count"] for row in rows) for kind in KINDS_OF_UNITS})
        wrong = []
        if totals.total() != sum(row["unit_count"] for row in rows):
            wrong.append("the ledger does not add up")
        if (totals["landed"], totals["quarantined"]) != (len(tables["units"]), len(tables.get("quarantine", []))):
            wrong.append("the ledger does not count what can be read")
        if is_whole:
            truth = self.landing.counted(sorted(self.sources.iterdir()))
            tails = truth.pop("tail", 0)
            units = truth.pop("unit")
            mine = +Counter({kind: totals[kind] for kind in ("landed", "duplicate", "blank")})
            theirs = +Counter({kind: truth[kind] for kind in ("landed", "duplicate", "blank")})
            pending = totals["quarantined"] + totals["pending"]
            if mine != theirs or pending != truth["quarantined"] + tails or totals.total() != units:
                wrong.append(f"an independent count gives {truth} and {tails} tails, the ledger {totals}")
        return wrong


def faults_after(ground: Ground, point: Point) -> list[str]:
    """Strike at the point, look, land again, look again; what was wrong."""
    home = ground.fresh_home()
    sources = ground.source_hashes()
    struck = ground.land(home, point=point)
    if not struck.has_struck:
        return [NOT_REACHED]
    wrong = []
    if point.fault.startswith("kill") or point.fault == "torn":
        wrong += [f"exit {struck.code} of a killed process"] if struck.code != KILLED else []
    elif struck.code not in (0, REFUSED):
        wrong.append(f"exit {struck.code}: {struck.output[-500:]}")
    if _is_passed_over(point, struck):
        return wrong + _faults_of_passing_over(ground, home)
    try:
        wrong += ground.faults_of_state(home)
    except Exception as error:
        wrong.append(f"a reader fails: {type(error).__name__}: {error}")
    state = tree(home)
    if struck.code == 0 and state != ground.tree_after:
        wrong.append(f"exit 0, but incomplete: {differences(state, ground.tree_after)}")
    if "Traceback" in struck.output:
        wrong.append(f"it ends in a traceback: {struck.output.strip().splitlines()[-1]}")
    again = ground.land(home)
    if again.code != 0:
        wrong.append(f"landing again exits {again.code}: {again.output[-500:]}")
    # Killed after its last operation, a landing has ended: what follows is a second one.
    expected = ground.tree_after_twice if state == ground.tree_after else ground.tree_after
    healed = tree(home)
    if healed != expected:
        wrong.append(f"landing again does not heal: {differences(healed, expected)}")
    if ground.source_hashes() != sources:
        wrong.append("a source was changed")
    for line in struck.log:
        operation, path, _ = line.lstrip("!").split("\t")
        if kind_of(path) == "source" and operation not in READING:
            wrong.append(f"{operation} on a source")
    return wrong


def _is_passed_over(point: Point, struck: Finished) -> bool:
    """Whether a source could not be read at first: then the others land without it, and exit 2 says so."""
    return point.kind == "source" and struck.code == REFUSED and "did not land" in struck.output


def _faults_of_passing_over(ground: Ground, home: Path) -> list[str]:
    """As `faults_after`, where a source lands later than the others: in other commits, so in other bytes."""
    number, tables = live_tables(home)
    wrong = ground.faults_of_counts(tables, is_whole=False) if number else []
    again = ground.land(home)
    if again.code != 0:
        wrong.append(f"landing again exits {again.code}: {again.output[-500:]}")
    _, tables = live_tables(home)
    ids = sorted(unit["event_id"] for unit in tables["units"])
    if ids != ground.event_ids:
        wrong.append(f"landing again ends with the events {ids} and not {ground.event_ids}")
    return wrong + ground.faults_of_counts(tables, is_whole=True)


def differences(found: Tree, expected: Tree) -> str:
    """Paths that differ, in a few words."""
    missing = sorted(expected.keys() - found.keys())
    extra = sorted(found.keys() - expected.keys())
    other = sorted(path for path in found.keys() & expected.keys() if found[path] != expected[path])
    return f"missing {missing[:4]}, extra {extra[:4]}, different {other[:4]}"
