"""What the page says of the packs is what a landing of them gives."""

from pathlib import Path

import pytest

from tests.formats.landed_packs import PAGE, page


@pytest.mark.slow
def test_the_page_of_the_packs_is_what_landing_gives(tmp_path: Path, shared: Path) -> None:
    assert page(tmp_path, shared) == PAGE.read_text(encoding="utf-8")
