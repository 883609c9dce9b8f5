"""Guards: links lead somewhere, folders and packages are explained, and no page names a machine."""

import re

import pytest

from dagster_project.settings import Settings
from tests.documentation.pages import PAGES, ROOT, page_id, text_of

FOLDERS = ("inbox", "landed", "ledger", "quarantine", "payloads", "warehouse", "published", "exports", "declarations")


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_to_a_file(page):
    targets = re.findall(r"\]\(([^)#\s]+)", text_of(page))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_no_page_names_a_path_of_one_machine(page):
    assert re.findall(r"(?:/(?:home|work|root|Users)/|C:\\)\S*", text_of(page)) == []


@pytest.mark.parametrize("name", FOLDERS)
def test_every_folder_of_the_data_root_is_explained(name, tmp_path):
    folder = getattr(Settings(home=tmp_path), name)
    assert f"| `{folder.name}/` |" in text_of(ROOT / "data" / "README.md")


def test_every_package_is_in_the_architecture():
    page = text_of(ROOT / "docs" / "architecture.md")
    packages = [path.parent.name for path in (ROOT / "dagster_project").glob("*/__init__.py")]
    assert packages
    assert [name for name in packages if f"{name}/" not in page] == []


def test_every_module_of_the_package_root_is_in_the_architecture():
    page = text_of(ROOT / "docs" / "architecture.md")
    modules = [path.name for path in (ROOT / "dagster_project").glob("*.py") if path.name != "__init__.py"]
    assert [name for name in modules if name not in page and name != "duckdb_plugin.py"] == []


def test_every_decision_has_a_number_of_its_own_which_its_title_bears():
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [page.name for page in pages if not text_of(page).startswith(f"# {int(page.name[:4])}. ")] == []
