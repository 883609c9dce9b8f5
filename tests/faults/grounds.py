"""Every command that faults are tried on, by name: what its points are, and what is wrong after one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from tests.faults import publications, receptions, trial, upkeep
from tests.faults.foreign_landing import FOREIGN
from tests.faults.landings import LANDINGS, Landing
from tests.faults.points import Point
from tests.faults.shim import Server


@dataclass(frozen=True)
class Prepared:
    """`points` are all there are, `faults_after` strikes at one and says what was wrong."""

    points: list[Point]
    faults_after: Callable[[Point], list[str]]


Prepare = Callable[[Server, Path], Prepared]


def _landing(landing: Landing, server: Server, folder: Path) -> Prepared:
    ground = trial.Ground(landing, server=server, folder=folder)
    return Prepared(ground.points, partial(trial.faults_after, ground))


def _upkeep(command: str, server: Server, folder: Path) -> Prepared:
    ground = upkeep.Upkeep(command, server=server, folder=folder)
    return Prepared(ground.points, ground.faults_after)


def _publication(command: str, server: Server, folder: Path) -> Prepared:
    ground = publications.Publication(command, server=server, folder=folder)
    return Prepared(ground.points, partial(publications.faults_after, ground))


def _reception(server: Server, folder: Path) -> Prepared:
    folder.mkdir(parents=True)
    homes = (folder / f"home{number}" for number in count())
    points = receptions.points_of(folder / "calm", library=server.library)
    return Prepared(points, lambda point: receptions.faults_after(next(homes), point, library=server.library))


GROUNDS: dict[str, Prepare] = {
    **{name: partial(_landing, landing) for name, landing in (LANDINGS | {FOREIGN.name: FOREIGN}).items()},
    **{name: partial(_upkeep, name) for name in upkeep.COMMANDS},
    "receive": _reception,
    **{name: partial(_publication, name) for name in publications.COMMANDS},
}
