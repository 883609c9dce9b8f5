"""Guards: the notebook runs from top to bottom on a published snapshot, reads marts alone, and is committed bare."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.simulate.demo_home import Demo

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PICTURES = {"reliability_tour": 8}


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs_on_the_demo(path: Path, demo: Demo, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("RELIABILITY_HOME", str(demo.home))
    # The kernel inherits no other home: no history, no settings of the person at the keyboard.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = read(path)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": FOLDER}}).execute()
    pictures = [
        output
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == PICTURES[path.stem]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_is_committed_without_outputs(path: Path):
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert cells
    assert [cell.id for cell in cells if cell.outputs or cell.execution_count] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_opens_nothing_but_the_published_snapshot(path: Path):
    code = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    assert "open_published(settings)" in code
    assert not [word for word in ("duckdb.connect", "read_parquet", "landed.", "staging.", "open(") if word in code]


def test_there_is_a_notebook():
    assert [path.stem for path in NOTEBOOKS] == list(PICTURES)
