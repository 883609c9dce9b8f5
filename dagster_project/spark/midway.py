"""Kill a worker in the middle of a build: when Spark has made some of the tables, and others are still to come."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from dagster_project.publishing.engine import spark_tables
from dagster_project.settings import Settings
from dagster_project.spark.cluster import Cluster

TABLES_BEFORE = 12
_LOOK_EVERY_S = 0.1


@dataclass
class Kill:
    """Whether it happened: how many tables were complete when the worker died."""

    after_tables: int | None = None


@contextmanager
def killed_midway(settings: Settings, cluster: Cluster | None) -> Generator[Kill]:
    """While the block builds, kill the cluster's first worker once a dozen tables are complete; None kills nothing."""
    kill = Kill()
    is_over = threading.Event()
    # What an earlier build left would count as made.
    earlier = _complete_tables(settings)
    watcher = threading.Thread(target=_watch, args=(settings, cluster, kill, is_over, earlier), daemon=True)
    if cluster is not None:
        watcher.start()
    try:
        yield kill
    finally:
        is_over.set()
        if cluster is not None:
            watcher.join()


def _watch(settings: Settings, cluster: Cluster, kill: Kill, is_over: threading.Event, earlier: frozenset[str]) -> None:
    while not is_over.wait(_LOOK_EVERY_S):
        complete = len(_complete_tables(settings) - earlier)
        if complete >= TABLES_BEFORE:
            cluster.kill_worker()
            kill.after_tables = complete
            return


def _complete_tables(settings: Settings) -> frozenset[str]:
    """Spark marks a table's folder when all of it is written; the mark's time tells one build's from another's."""
    marks = spark_tables(settings).glob("*.db/*/_SUCCESS")
    return frozenset(f"{mark}:{mark.stat().st_mtime_ns}" for mark in marks if mark.exists())
