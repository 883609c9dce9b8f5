"""What Jinja compiles of the texts of models and macros, kept from one dbt process to the next."""

import marshal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment

from dagster_project import durable


@contextmanager
def templates_kept(file: Path) -> Generator[None]:
    """Keep what Jinja makes of the texts of models and macros; it makes the same of the same text.

    The file is of this version of Python and these of Jinja and dbt; without it, templates are compiled again.
    """
    compile_anew = Environment.compile
    versions = (sys.version, version("jinja2"), version("dbt-core"), version("dbt-common"))
    kept: dict[str, CodeType] = {}
    with suppress(OSError, EOFError, ValueError, TypeError):
        made_with, kept = marshal.loads(file.read_bytes())
        kept = kept if made_with == versions else {}
    used: dict[str, CodeType] = {}

    def compile_once(self: Environment, source: Any, *args: Any, **more: Any) -> Any:
        if not isinstance(source, str) or args or more:
            return compile_anew(self, source, *args, **more)
        key = f"{type(self).__name__}\0{source}"
        if key not in used:
            used[key] = kept.get(key) or compile_anew(self, source)
        return used[key]

    Environment.compile = compile_once
    try:
        yield
    finally:
        if not used.keys() <= kept.keys():
            durable.write_bytes(file, marshal.dumps((versions, {**kept, **used})))
