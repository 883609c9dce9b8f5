"""Every code leads to a page for the person on call, every page belongs to a code, and the index lists them."""

import re
from pathlib import Path

from dagster_project.failures.runbooks import FOLDER, index_page, runbook_problems
from dagster_project.failures.taxonomy import SHIPPED_FILE, Taxonomy, parse_taxonomy
from tests.failures.test_taxonomy import mode, taxonomy

SHIPPED = parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped")
PAGE = "# NET.DNS: t\n## What it means\na b\n## Example\na b\n## Why it matters\na b\n## Remedy\na b\n"


def one_code() -> Taxonomy:
    pages = {"runbook": "docs/runbooks/NET.DNS.md", **mode("NET.DNS", {"contains": "x", "matches": ["x"]})}
    return parse_taxonomy(taxonomy(pages), name="mine")


def runbook(code: str) -> str:
    return (FOLDER / f"{code}.md").read_text(encoding="utf-8")


def test_the_shipped_runbooks_have_no_problem():
    assert runbook_problems(SHIPPED, FOLDER) == []


def test_a_page_as_it_should_be_is_no_problem(tmp_path: Path):
    (tmp_path / "NET.DNS.md").write_text(PAGE, encoding="utf-8")
    assert runbook_problems(one_code(), tmp_path) == []


def test_a_code_without_a_page_and_a_page_without_a_code_are_named(tmp_path: Path):
    (tmp_path / "NET.GONE.md").write_text(PAGE, encoding="utf-8")
    [missing, orphaned] = runbook_problems(one_code(), tmp_path)
    assert missing.startswith("NET.DNS: has no page")
    assert orphaned.endswith("NET.GONE.md: belongs to no code of the taxonomy")


def test_a_missing_heading_an_empty_one_a_wrong_title_and_a_secret_are_named(tmp_path: Path):
    def fault(text: str) -> str:
        (tmp_path / "NET.DNS.md").write_text(text, encoding="utf-8")
        [problem] = runbook_problems(one_code(), tmp_path)
        return problem

    assert "its headings are not" in fault(PAGE.replace("## Example\n", ""))
    assert "nothing under it" in fault(PAGE.replace("## Remedy\na b", "## Remedy\n"))
    assert "does not begin with" in fault(PAGE.replace(": t", ": other"))
    assert "looks like a secret" in fault(PAGE + "AKIA" + "Z" * 16)


def test_no_two_runbooks_say_the_same():
    meanings = [re.split(r"^## .*$", runbook(code), flags=re.MULTILINE)[1].strip() for code in SHIPPED.modes]
    assert len(set(meanings)) == len(meanings)


def test_an_example_shown_is_an_example_of_the_code():
    shown = {
        code: set(re.findall(r"```text\n(.*?)```", runbook(code), flags=re.DOTALL)[0].splitlines())
        for code, mode in SHIPPED.modes.items()
        if mode.detect.patterns
    }
    for code, lines in shown.items():
        assert lines <= {text for spec in SHIPPED.modes[code].detect.patterns for text in spec.matches}, code


def test_the_committed_index_is_what_the_taxonomy_gives():
    assert (FOLDER / "index.md").read_text(encoding="utf-8") == index_page(SHIPPED, {})


def test_the_index_counts_only_what_was_counted():
    assert "| errors |" not in index_page(one_code(), {})
    counted = index_page(one_code(), {"NET.DNS": (1200, 3)}, as_of="2026-03-01")
    assert "| [NET.DNS](NET.DNS.md) | t | low | no | 1,200 | 3 |" in counted
    assert "| UNKNOWN.UNCLASSIFIED | t | low | no | 0 | 0 |" in counted
    assert "up to 2026-03-01" in counted
