"""A resolution is a page; its front matter is read back, and a page that cannot be is named."""

import datetime as dt
from pathlib import Path

import pytest

from dagster_project.errors import UsageError
from dagster_project.failures.resolutions import folder, front_matter, resolutions_table
from dagster_project.settings import Settings

CODES = frozenset({"NET.DNS"})
TEMPLATE = Path(__file__).resolve().parents[2] / "docs/resolutions/_template.md"
PAGE = "---\ncode: NET.DNS\nresolved_on: 2026-03-05\ntitle: The resolver was down\n---\n\n# The resolver was down\n"


def _write(settings: Settings, content: str, name: str = "2026/03/2026-03-05_NET.DNS_resolver.md") -> Path:
    path = folder(settings) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_a_page_is_a_row(settings: Settings):
    _write(settings, PAGE)
    _write(settings, "no front matter: a template is not read", name="_template.md")
    assert resolutions_table(settings, codes=CODES).to_pylist() == [
        {
            "resolution_id": "2026/03/2026-03-05_NET.DNS_resolver",
            "organization_id": None,
            "code": "NET.DNS",
            "resolved_on": dt.date(2026, 3, 5),
            "title": "The resolver was down",
            "owner": None,
        }
    ]


def test_no_page_is_no_row(settings: Settings):
    assert resolutions_table(settings, codes=CODES).num_rows == 0


@pytest.mark.parametrize(
    "content",
    [
        "# no front matter\n",
        "---\ncode: NET.DNS\n",
        PAGE.replace("NET.DNS", "NET.TELEPATHY", 1),
        PAGE.replace("2026-03-05", "soon", 1),
        PAGE.replace("title:", "titel:", 1),
        PAGE.replace("title: ", "title: [", 1),
    ],
)
def test_a_page_that_cannot_be_read_is_named(settings: Settings, content: str):
    path = _write(settings, content)
    with pytest.raises(UsageError, match=path.name):
        resolutions_table(settings, codes=CODES)


def test_the_template_can_be_read():
    matter = front_matter(TEMPLATE.read_text(encoding="utf-8"), name="template")
    assert matter.resolved_on == dt.date(2026, 1, 31)
