"""An installed wheel holds what the commands read, and nothing that a machine's own runs left in the checkout."""

import shutil
import zipfile
from pathlib import Path

import hatchling.build
import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
COMPILED = "dagster_project/formats/native/scanning/target/"
LEFT_BY_RUNS = ("dbt/target/manifest.json", "dbt/logs/dbt.log", "dbt/target/lint.duckdb", f"{COMPILED}0.o")


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names in a wheel built from a copy of the checkout in which dbt has run."""
    copy = tmp_path_factory.mktemp("checkout")
    leftovers = shutil.ignore_patterns("__pycache__", "target", "logs")
    for folder in ("dagster_project", "dbt", "docs/runbooks"):
        shutil.copytree(CHECKOUT / folder, copy / folder, ignore=leftovers)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(CHECKOUT / name, copy / name)
    for name in LEFT_BY_RUNS:
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text("of this machine", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        wheel = hatchling.build.build_wheel(str(copy / "dist"))
    return set(zipfile.ZipFile(copy / "dist" / wheel).namelist())


def test_it_holds_nothing_that_runs_left(held: set[str]) -> None:
    left = ("dagster_project/dbt/target", "dagster_project/dbt/logs", COMPILED)
    assert not [name for name in held if name.startswith(left)]


@pytest.mark.parametrize("folder", ["dbt", "docs/runbooks", "dagster_project"])
def test_it_holds_every_file_that_commands_read(held: set[str], folder: str) -> None:
    files = [
        path.relative_to(CHECKOUT).as_posix()
        for path in (CHECKOUT / folder).rglob("*")
        if path.is_file() and not {"__pycache__", "target", "logs"} & set(path.parts)
    ]
    assert files
    assert not [name for name in files if f"dagster_project/{name.removeprefix('dagster_project/')}" not in held]
