"""The process in which dbt builds: `python -m dagster_project.dbt_process build ...`.

dbt as it is, less what no reader of a build asks for: an object for each debug event, a file for each compiled query,
and its manifest of unchanged models written anew, twice. What models, tests and their results are is dbt's own.
"""

import atexit
import gc
import os
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from dbt.adapters.factory import get_adapter
from dbt.cli.main import cli
from dbt.constants import MANIFEST_FILE_NAME, PARTIAL_PARSE_FILE_NAME
from dbt.context.macros import MacroNamespace
from dbt.context.manifest import ManifestContext
from dbt.context.providers import ModelContext, RuntimeProvider, generate_runtime_model_context
from dbt.contracts.graph.nodes import ParsedNode
from dbt.contracts.results import NodeStatus
from dbt.parser import manifest as parsing
from dbt.task import run, runnable, test
from dbt_common.clients import agate_helper
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

from dagster_project import duckdb_plugin, durable
from dagster_project.dbt_templates import templates_kept
from dagster_project.functions_beside import answered_beside
from dagster_project.publishing.dbt import GO
from dagster_project.publishing.history import tables_left_behind
from dagster_project.without_pandas import pandas_left_out
from dbt import compilation

_SILENT = (EventLevel.DEBUG, EventLevel.TEST)
"""Levels of events that neither dbt's output nor its log file takes here."""
_FAILED = (NodeStatus.Error, NodeStatus.Fail, NodeStatus.RuntimeErr, NodeStatus.Skipped)
_MODELS_AT_ONCE = min(4, len(os.sched_getaffinity(0)))
"""Beyond four they wait for dbt, which is one process of Python."""
_QUERY_THREADS = 8
"""Threads that all queries together may have: those of a wide model are rarely all at work."""
_QUERY_BYTES = 1 << 29
"""Memory for each model where rows are many: joins and sorts that go to disk hold a share for each of their threads."""


def main(arguments: list[str]) -> None:
    """Run a dbt command, whose exit code ends this process."""
    # dbt holds its whole manifest: looking through that for garbage as often as Python does is a tenth of its time.
    gc.set_threshold(200_000, 20, 100)
    leave_silent_events_unmade()
    write_no_queries()
    write_changed_manifests_only()
    name_macros_once()
    make_one_empty_table()
    run_small_models_at_once()
    clear_the_workshop()
    wait_to_be_told()
    templates = Path(os.environ["DBT_TARGET_PATH"]) / "templates"
    status: object = 0
    with pandas_left_out(), templates_kept(templates), answered_beside() as duckdb_plugin.beside:
        try:
            cli(arguments)
        except SystemExit as end:
            status = end.code
    end_at_once(status)


def end_at_once(status: object) -> None:
    """End without taking apart, for a third of a second, every object that dbt has made: memory is freed all the same.

    What is to be done at the end is done, as dbt closes its database there.
    """
    atexit._run_exitfuncs()
    if isinstance(status, str):
        print(status, file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


def leave_silent_events_unmade() -> None:
    """dbt makes two protobuf messages of each of thousands of events that are then shown nowhere; now when shown."""
    make, fire = BaseEvent.__init__, EventManager.fire_event

    def remember(self: BaseEvent, *args: Any, **fields: Any) -> None:
        object.__setattr__(self, "_made_of", (args, fields))

    def look_up(self: BaseEvent, name: str) -> Any:
        if name == "pb_msg":
            args, fields = object.__getattribute__(self, "_made_of")
            make(self, *args, **fields)
            return object.__getattribute__(self, "pb_msg")
        return getattr(self.pb_msg, name)

    def fire_audible(self: EventManager, e: BaseEvent, level: Any = None, *args: Any, **more: Any) -> None:
        if (level or e.level_tag()) not in _SILENT:
            fire(self, e, level, *args, **more)

    _replace(BaseEvent, "__init__", remember)
    _replace(BaseEvent, "__getattr__", look_up)
    _replace(EventManager, "fire_event", fire_audible)


def write_no_queries() -> None:
    """The queries of models and tests are in the results; nobody reads two files more of each."""
    _replace(compilation.Compiler, "_write_node", lambda _self, node, **_more: node)
    _replace(ParsedNode, "write_node", lambda *_args: None)


def write_changed_manifests_only() -> None:
    """dbt writes manifest.json after it has read the models and again at the end; once, when these have changed."""

    def write_changed(manifest: Any, target_path: str, which: str | None = None) -> None:
        written, parsed = (Path(target_path) / name for name in (MANIFEST_FILE_NAME, PARTIAL_PARSE_FILE_NAME))
        if not written.exists() or written.stat().st_mtime_ns <= parsed.stat().st_mtime_ns:
            # Another process may be reading it.
            durable.write_with(written, lambda partial: manifest.write(str(partial)))

    _replace(parsing, "write_manifest", write_changed)
    _replace(runnable, "write_manifest", write_changed)


def name_macros_once() -> None:
    """dbt lists its hundreds of macros anew to compile a node and again to run it; once for both."""
    compiled = threading.local()

    def to_compile(model: Any, config: Any, manifest: Any) -> dict[str, Any]:
        compiled.context = ModelContext(model, config, manifest, RuntimeProvider(), None)
        return compiled.context.to_dict()

    def to_run(model: Any, config: Any, manifest: Any) -> dict[str, Any]:
        context = compiled.__dict__.pop("context", None)
        if context is None or context.model is not model:
            return generate_runtime_model_context(model, config, manifest)
        context.sql_results.clear()
        values = context.generate_builtins()  # what compiling has changed among them: the query and the node itself
        context._ctx["builtins"] = values
        context._ctx.update({name: value for name, value in values.items() if name not in context.namespace})
        return context._ctx

    name_all = ManifestContext.to_dict

    def name_each_once(self: ManifestContext) -> dict[str, Any]:
        if not isinstance(self.namespace, MacroNamespace):
            return name_all(self)
        values = super(ManifestContext, self).to_dict()
        for macros in reversed(list(self.namespace._search_order())):
            values.update(macros)
        return values

    _replace(ManifestContext, "to_dict", name_each_once)
    _replace(compilation, "generate_runtime_model_context", to_compile)
    _replace(run, "generate_runtime_model_context", to_run)
    _replace(test, "generate_runtime_model_context", to_run)


def wait_to_be_told() -> None:
    """Read the models while the warehouse file is made, and touch that only when the line `go` comes in.

    When none comes, whoever started this has ended, or has nothing to build: so does this.
    """
    execute = runnable.GraphRunnableTask.execute_with_hooks

    def execute_when_told(self: Any, *args: Any) -> Any:
        if sys.stdin.readline() != GO:
            raise SystemExit(1)
        threading.Thread(target=_end_with_starter, daemon=True).start()
        gc.freeze()  # what has been read stays to the end: no look through it for garbage any more
        return execute(self, *args)

    _replace(runnable.GraphRunnableTask, "execute_with_hooks", execute_when_told)


def _end_with_starter() -> None:
    """Whoever started this keeps the pipe open until it is done. Killed, it is done too: left to itself, this would
    write a file that nobody waits for, and keep the next build from it.
    """
    while os.read(0, 1):  # not sys.stdin, whose lock a waiting thread would hold when Python ends
        pass
    os._exit(1)


def run_small_models_at_once() -> None:
    """More models at a time where their queries take few threads; else as the profile says, if memory allows it.

    Where a query takes one thread, as a day's do, dbt itself is what models wait for, and history hides behind it.
    """
    execute = runnable.GraphRunnableTask.execute_nodes

    def execute_more(self: Any) -> Any:
        adapter = get_adapter(self.config)
        with adapter.connection_named("threads"):
            _, found = adapter.execute(
                "select current_setting('threads'), parse_formatted_bytes(current_setting('memory_limit'))", fetch=True
            )
        threads, memory = map(int, found.rows[0])
        at_once = max(self.config.threads, min(_MODELS_AT_ONCE, _QUERY_THREADS // threads))
        are_rows_few = threads * self.config.threads < _QUERY_THREADS
        self.config.threads = at_once if are_rows_few else max(1, min(at_once, memory // _QUERY_BYTES))
        return execute(self)

    _replace(runnable.GraphRunnableTask, "execute_nodes", execute_more)


def clear_the_workshop() -> None:
    """Drop what was made for other models alone, once all are made: its last writing to the file takes twice as long
    with it, while nothing else is done. After a failure it stays, to be looked at.
    """
    execute = runnable.GraphRunnableTask.execute_nodes

    def execute_and_clear(self: Any) -> Any:
        results = execute(self)
        left = tables_left_behind(Path(os.environ["DBT_TARGET_PATH"]))
        if left and not any(result.status in _FAILED for result in results):
            adapter = get_adapter(self.config)
            with adapter.connection_named("workshop"):
                adapter.execute("; ".join(f"drop table if exists {table}" for table in left))
        return results

    _replace(runnable.GraphRunnableTask, "execute_nodes", execute_and_clear)


def make_one_empty_table() -> None:
    """dbt makes the answer of a statement that has none anew each time, with a parser of dates for its columns."""
    _replace(agate_helper, "empty_table", cache(agate_helper.empty_table))


def _replace(owner: object, name: str, function: Callable[..., Any]) -> None:
    """Raises AttributeError when this version of dbt has no such function."""
    getattr(owner, name)
    setattr(owner, name, function)


if __name__ == "__main__":
    main(sys.argv[1:])
