"""The format of nearly all lines that come in millions, which workers read without loading any other.

Loading all formats takes a tenth of a second, as much as reading 40,000 lines.
"""

from dagster_project.formats.base import Format
from dagster_project.formats.native.lines import NativeFormat
from dagster_project.formats.native.scanning import loaded
from dagster_project.settings import Settings

USUAL = NativeFormat.name
"""Asked first of all formats whether a file is of it, but for a user's own maps."""


def usual_format(name: str, settings: Settings) -> Format | None:
    """The format of this name, None when it is another one."""
    return NativeFormat(settings) if name == USUAL else None


def load_compiled() -> None:
    """Load the machine code that it has for many lines: it pays where there are tens of thousands."""
    loaded.load()
