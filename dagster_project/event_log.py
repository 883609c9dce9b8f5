"""Dagster's SQLite event log over connections that stay open.

Dagster opens and closes one for every statement, and a run has a thousand events. Belongs here: how its files are
opened. Does not: what is in them, which stays Dagster's own.
"""

import threading
from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import sqlalchemy
import sqlalchemy.event
from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import StaticPool

_BUSY_SECONDS = 30
_OPEN_FILES = 8
"""Each run has a file of its own; a web interface that looked at many keeps no more open than these."""


class EventLog(SqliteEventLogStorage):
    """The same files, tables and rows as Dagster's own class, which can take over at any time.

    A killed process loses nothing. Power that fails may cost the log of the run that was going on, not the index.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, sqlalchemy.Engine] = OrderedDict()
        self._begun: dict[str, sqlalchemy.Connection] = {}
        self._known_tables: set[str] = set()
        self._lock = threading.RLock()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "EventLog":
        return cls(inst_data=inst_data, **config_value)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[sqlalchemy.Connection]:
        return self._transaction(run_id or "")

    def index_connection(self) -> AbstractContextManager[sqlalchemy.Connection]:
        return self._transaction(INDEX_SHARD_NAME)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """All of them or, with the exception that is raised, none."""
        with self._lock, ExitStack() as transactions:
            transactions.enter_context(self.index_connection())
            for run_id in sorted({event.run_id for event in events}):
                transactions.enter_context(self.run_connection(run_id))
            super().store_event_batch(events)

    def has_table(self, table_name: str) -> bool:
        """Asked anew for every event; a table that is there stays."""
        if table_name not in self._known_tables and super().has_table(table_name):
            self._known_tables.add(table_name)
        return table_name in self._known_tables

    def wipe(self) -> None:
        self._close()
        super().wipe()

    def dispose(self) -> None:
        self._close()
        super().dispose()

    @contextmanager
    def _transaction(self, shard: str) -> Generator[sqlalchemy.Connection]:
        """The transaction on this file that has begun already, else one that ends with the context."""
        with self._lock:
            if shard in self._begun:
                yield self._begun[shard]
                return
            with self._engine(shard).begin() as connection:
                self._begun[shard] = connection
                try:
                    yield connection
                finally:
                    del self._begun[shard]

    def _engine(self, shard: str) -> sqlalchemy.Engine:
        if shard not in self._engines:
            with super()._connect(shard):
                pass  # makes the file and its tables
            self._engines[shard] = _opened(self.conn_string_for_shard(shard), is_index=shard == INDEX_SHARD_NAME)
        self._engines.move_to_end(shard)
        idle = [name for name in self._engines if name not in self._begun and name != shard]
        for name in idle[: max(0, len(self._engines) - _OPEN_FILES)]:
            self._engines.pop(name).dispose()
        return self._engines[shard]

    def _close(self) -> None:
        with self._lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


def _opened(address: str, *, is_index: bool) -> sqlalchemy.Engine:
    """An engine of one connection, which its user locks."""
    engine = sqlalchemy.create_engine(
        address,
        poolclass=StaticPool,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
    )
    # Who watches a run is told by the operating system when its file changes: the log beside it must go there at once.
    settings = ("synchronous=NORMAL",) if is_index else ("synchronous=OFF", "wal_autocheckpoint=1")

    @sqlalchemy.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")

    return engine
