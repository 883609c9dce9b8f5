"""Commands and assets call the pipeline, the pipeline calls libraries, libraries read settings: never the other way."""

import ast
import functools
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "dagster_project"

EVERYONE_MAY_READ = {
    "settings",
    "records",
    "snapshots",
    "durable",
    "errors",
    "conversion",
    "problems",
    "without_pandas",
    "declarations",
    "s3",
}
LIBRARIES = {"formats", "landing", "payloads", "declarations", "failures", "statistics", "training", "publishing",
             "receiving", "simulate", "benchmarking", "checks", "reporting", "spark"}  # fmt: skip
SIDEWAYS = {
    "benchmarking": {"recorder"},
    "landing": {"formats", "payloads"},
    "reporting": {"publishing"},
    "training": {"publishing", "payloads", "statistics"},
    # The engine's own process: it brings together what a DuckDB build gets through its plugin.
    "spark": {"publishing", "statistics", "failures"},
}
ORCHESTRATORS = {"dagster", "dbt"}


@functools.cache
def _imports(path: Path) -> set[str]:
    """Dotted names of every module the file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _rooms_imported(path: Path) -> set[str]:
    """Names of our own top-level rooms (`landing`, `settings`, ...) that the file imports."""
    return {name.split(".")[1] for name in _imports(path) if name.startswith("dagster_project.")}


def _library_files() -> list[Path]:
    return sorted(path for library in LIBRARIES for path in (PACKAGE / library).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_a_library_reads_only_what_it_may() -> None:
    read_too = {}
    for path in _library_files():
        own = path.relative_to(PACKAGE).parts[0]
        read_too[_name(path)] = _rooms_imported(path) - EVERYONE_MAY_READ - SIDEWAYS.get(own, set()) - {own}
    assert len(read_too) > 300
    assert {name: rooms for name, rooms in read_too.items() if rooms} == {}


def test_no_library_imports_an_orchestrator() -> None:
    # A program of its own, which runs dbt within the Spark session.
    files = set(_library_files()) - {PACKAGE / "spark" / "process.py"}
    assert [_name(path) for path in files if {name.split(".")[0] for name in _imports(path)} & ORCHESTRATORS] == []


def test_landing_knows_no_particular_format() -> None:
    known = {"base", "columnar", "registry", "strict_json", "usual"}
    for path in (PACKAGE / "landing").rglob("*.py"):
        modules = {name.split(".")[2] for name in _imports(path) if name.startswith("dagster_project.formats.")}
        assert modules <= known, path


def test_formats_know_no_disk() -> None:
    # These read the shipped and the user's map files, and code of our own that set-up compiled.
    files = set((PACKAGE / "formats").rglob("*.py"))
    files -= {PACKAGE / "formats" / name for name in ("registry.py", "mapped/files.py")}
    files -= {PACKAGE / "formats" / "native" / "scanning" / name for name in ("library.py", "by_llvm.py")}
    disk = (".open(", "read_bytes", "read_text")
    assert len(files) > 80
    assert [_name(path) for path in files if any(word in path.read_text(encoding="utf-8") for word in disk)] == []


def test_assets_import_no_command() -> None:
    assert [_name(path) for path in (PACKAGE / "assets").glob("*.py") if "commands" in _rooms_imported(path)] == []


def test_no_module_is_named_for_nothing() -> None:
    nameless = {"utils.py", "helpers.py", "common.py", "misc.py"}
    assert not [path for path in PACKAGE.rglob("*.py") if path.name in nameless]


def test_only_public_dagster_names_are_used_but_for_the_classes_that_dagster_yaml_names() -> None:
    """Dagster's own configuration names classes by their private modules: there is no public name of what they need."""
    private = [path for path in PACKAGE.rglob("*.py") if any(name.startswith("dagster._") for name in _imports(path))]
    assert sorted(private) == [PACKAGE / "event_log.py", PACKAGE / "run_launcher.py"]
