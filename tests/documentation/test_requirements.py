"""The table of requirements names models and tests that there are; each model is named by one of its tests."""

import re

import pytest

from tests.documentation.pages import ROOT, text_of

ROW = re.compile(r"^\| ([XTME]\d[^|]*) \| [^|]* \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
ROWS = ROW.findall(text_of(ROOT / "docs" / "requirements.md"))
MODELS = {path.stem for path in (ROOT / "dbt" / "models").rglob("*.sql")}


def test_each_id_stands_once():
    ids = [name for names, _, _ in ROWS for name in names.split(", ")]
    assert len(ids) == len(set(ids)) > 50


@pytest.mark.parametrize(("ids", "lives", "held"), ROWS, ids=[row[0] for row in ROWS])
def test_what_a_requirement_names_is_there(ids, lives, held):
    names = re.findall(r"`([^`]+)`", lives)
    commands = [name for name in names if name.startswith("reliability ")]
    others = [name for name in names if not name.startswith(("reliability ", "make bench "))]
    assert [name for name in others if name not in MODELS] == []
    for name in commands:
        assert (ROOT / "dagster_project" / "commands" / f"{name.split()[1]}.py").exists()
    files = [ROOT / path for path in held.split(", ")]
    assert [path for path in files if not path.exists()] == []


@pytest.mark.parametrize(("lives", "held"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_model_is_named_by_what_holds_it(lives, held):
    paths = [ROOT / path for path in held.split(", ")]
    files = [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else [path])]
    text = "\n".join(text_of(file) for file in files)
    assert [name for name in re.findall(r"`([a-z_]+)`", lives) if name not in text] == []
