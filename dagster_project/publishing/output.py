"""Write a query's rows as CSV, JSON or a table for the eye, while they are being read.

Cells hold what agents logged: a spreadsheet must not run them, a terminal must not obey them.
"""

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TextIO

import msgspec

from dagster_project.publishing.read import Rows

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONGEST_CELL = 80


def write_csv(rows: Rows, stream: TextIO) -> None:
    """A header, then every row. NULL is an empty field, times are ISO 8601 in UTC, lists and maps are JSON.

    A text that a spreadsheet would run as a formula gets a leading apostrophe; plain numbers stay as they are.
    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([neutral_cell(name) for name in rows.columns])
    for batch in rows:
        writer.writerows([_csv_cell(value) for value in row] for row in batch)


def neutral_cell(text: str) -> str:
    """The text, with a leading apostrophe when a spreadsheet would take it for a formula."""
    if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def write_json(rows: Rows, stream: TextIO) -> None:
    """One array of objects. Decimals keep all their digits, NaN and infinities are null, bytes are base64."""
    names = unique_names(rows.columns)
    separator = "["
    for batch in rows:
        for row in batch:
            stream.write(separator + json_text(dict(zip(names, row, strict=True))))
            separator = ",\n"
    stream.write("[]\n" if separator == "[" else "]\n")


def json_text(value: object) -> str:
    """The value as JSON text; integers of any size stay numbers."""
    try:
        return _ENCODER.encode(value).decode()
    except OverflowError:
        return _ENCODER.encode(_with_decimals(value)).decode()


def unique_names(columns: Iterable[str]) -> list[str]:
    """Column names with `_2`, `_3` ... behind a repeated one: an object has each key once."""
    taken: set[str] = set()
    names = []
    for column in columns:
        name, number = column, 1
        while name in taken:
            number += 1
            name = f"{column}_{number}"
        taken.add(name)
        names.append(name)
    return names


def write_table(rows: Rows, stream: TextIO) -> None:
    """Aligned columns and the number of rows. Long cells are cut, control characters shown as escapes."""
    from rich.cells import cell_len

    row_count = 0
    widths: list[int] = []
    is_right: list[bool] = []
    for batch in rows:
        cells = [[shown(value) for value in row] for row in batch]
        if not widths:
            header = [shown(name) for name in rows.columns]
            widths = [max(map(cell_len, column)) for column in zip(header, *cells, strict=True)]
            is_right = [isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in batch[0]]
            cells = [header, ["─" * width for width in widths], *cells]
        for line in cells:
            padding = [" " * max(0, width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)]
            padded = (p + c if right else c + p for c, p, right in zip(line, padding, is_right, strict=True))
            stream.write("  ".join(padded).rstrip() + "\n")
        row_count += len(batch)
    if not row_count:
        stream.write("  ".join(shown(name) for name in rows.columns) + "\n")
    stream.write(f"({row_count:,} row{'s' if row_count != 1 else ''})\n")


def shown(value: object) -> str:
    """One line for the eye: control characters as escapes, long texts cut."""
    text = visible(_plain_text(value))
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def visible(text: str) -> str:
    """The text with control characters, those that turn the direction of writing among them, as escapes."""
    return _CONTROL.sub(lambda match: repr(match.group())[1:-1], text)


def _csv_cell(value: object) -> str:
    return neutral_cell(value) if isinstance(value, str) else _plain_text(value)


def _plain_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)


def _with_decimals(value: object) -> object:
    if isinstance(value, dict):
        return {key: _with_decimals(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_decimals(item) for item in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


WRITERS: dict[str, Callable[[Rows, TextIO], None]] = {
    "table": write_table,
    "csv": write_csv,
    "json": write_json,
}
