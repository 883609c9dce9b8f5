"""What the compiled scanner makes of single values is what Python makes of them, or the line is left to others."""

import datetime as dt
import hashlib
import json
import random
import struct
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pytest

from dagster_project import records
from dagster_project.formats.base import Rejected
from dagster_project.formats.columnar import Lines
from dagster_project.formats.native.content import content_text
from dagster_project.formats.native.scanning import compiling, library
from dagster_project.formats.native.scanning.scanner import Scanned, Scanner
from dagster_project.formats.times import parse_instant

MEMBERS = {
    "count": records.COUNT, "flag": records.FLAG, "instant": records.INSTANT, "labels": records.LABELS,
    "object": pa.struct([("inner", records.TEXT), ("number", records.COUNT)]), "real": records.REAL,
    "text": records.TEXT,
}  # fmt: skip
Read = Callable[[list[bytes]], Scanned | None]


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    compiling.compile_here()  # nothing to do after `make setup`
    compiled = library.compiled_library()
    assert compiled is not None
    scanner = Scanner(compiled, MEMBERS, hashed=frozenset({"text"}))
    yield lambda lines: scanner.read(_lines(lines))


def _lines(lines: list[bytes]) -> Lines:
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    return Lines(b"\n".join(lines) + b"\n", np.append(0, ends[:-1] + 1), ends)


def _values(read: Read, name: str, spelt: list[str]) -> dict[str, object]:
    """By spelling, the values of those lines that were taken."""
    scanned = read([f'{{"{name}":{spelling}}}'.encode() for spelling in spelt])
    if scanned is None:
        return {}
    return dict(zip((spelt[row] for row in scanned.rows), scanned.columns[name].to_pylist(), strict=True))


def test_a_real_number_is_the_nearest_double_or_is_left(read: Read) -> None:
    draw = random.Random(1)

    def spelling() -> str:
        rest = draw.choice(["", f".{draw.randrange(10**6)}", ".5e-7", "E+3", "e2"])
        return f"{draw.choice(['', '-'])}{draw.randrange(10 ** draw.randrange(1, 17))}{rest}"

    spelt = [spelling() for _ in range(5000)]
    spelt += [repr(draw.random()) for _ in range(1000)]
    taken = _values(read, "real", spelt)
    assert len(taken) > 2000
    wrong = {text: value for text, value in taken.items() if struct.pack("d", value) != struct.pack("d", float(text))}
    assert wrong == {}


@pytest.mark.parametrize(
    "spelt",
    ["01", "1.", ".5", "+1", "-", "1e", "1e+", "0x1", "1_0", "NaN", "Infinity", "-0", "-0.0", "1e999",
     "9007199254740993", "123456789012345678901234567890", "1e23", '"1"', "true", "[1]", "{}", "1 2", "1,", ""],
)  # fmt: skip
@pytest.mark.parametrize("name", ["real", "count"])
def test_what_is_no_plain_number_is_left(read: Read, name: str, spelt: str) -> None:
    if name == "count" and spelt == "9007199254740993":
        assert _values(read, name, [spelt]) == {spelt: 9007199254740993}
    else:
        assert _values(read, name, [spelt]) == {}


def test_whole_numbers_up_to_eighteen_digits_are_counts(read: Read) -> None:
    spelt = ["0", "7", "-5", "999999999999999999", "10"]
    assert _values(read, "count", [*spelt, "1.0", "1e2"]) == {text: int(text) for text in spelt}


def test_a_time_is_what_parse_instant_says_or_is_left(read: Read) -> None:
    draw = random.Random(2)

    def spelling() -> str:
        day = f"{draw.choice([1999, 2000, 2026, 2024, 2100, 2099])}-{draw.randrange(14):02d}-{draw.randrange(33):02d}"
        clock = f"{draw.randrange(26):02d}:{draw.randrange(62):02d}:{draw.randrange(62):02d}"
        fraction = draw.choice(["", ".", *(f".{draw.randrange(10**size):0{size}d}" for size in range(1, 11))])
        zone = draw.choice(["Z", "Z", "+02:00", "-23:59", "+24:00", "z", ""])
        return f"{day}{draw.choice('TTTTt ')}{clock}{fraction}{zone}"

    texts = [spelling() for _ in range(6000)]
    texts += [text[:place] + letter + text[place + 1 :] for text in ["2026-03-01T06:01:56.25+01:30"]
              for place in range(len(text)) for letter in "0 -:Z"]  # fmt: skip
    taken = _values(read, "instant", [json.dumps(text) for text in texts])
    assert len(taken) > 500
    for text in texts:
        assert taken.get(json.dumps(text)) == _instant(text), text


def _instant(text: str) -> dt.datetime | None:
    """None for those that are no times; local ones of 1999, of which some are, too."""
    try:
        return parse_instant(text)
    except Rejected:
        return None


def test_texts_are_what_json_says_or_are_left(read: Read) -> None:
    draw = random.Random(3)
    parts = [
        "a",
        "longer words ",
        "é",
        "☃",
        "𝄞",
        '\\"',
        "\\\\",
        "\\/",
        "\\n",
        "\\t",
        "\\r",
        "\\b",
        "\\f",
        "\x7f",
        "}",
        ":",
    ]
    wrong = ["\\u0041", "\\x", "\t", "\x00", "\x1f", "\\"]
    texts = ["".join(draw.choices(parts, k=draw.randrange(12))) for _ in range(3000)]
    texts += [text + draw.choice(wrong) for text in texts[:600]]
    taken = _values(read, "text", [f'"{text}"' for text in texts])
    for text in texts:
        assert taken.get(f'"{text}"') == _plain_text(text), text


def _plain_text(text: str) -> str | None:
    """What JSON says; None where it is none or has a character by its number."""
    try:
        return None if "\\u" in text else json.loads(f'"{text}"')
    except json.JSONDecodeError:
        return None


def test_hashes_are_those_of_hashlib_for_every_length(read: Read) -> None:
    texts = ["é" * (size % 3) + "x" * size for size in range(300)]
    scanned = read([f'{{"text":"{text}"}}'.encode() for text in texts])
    assert scanned is not None
    assert scanned.hashes["text"].to_pylist() == [hashlib.sha256(text.encode()).hexdigest() for text in texts]


@pytest.mark.parametrize(
    "line",
    [
        '{"text":"a","text":"a"}', '{"text":null,"text":"a"}', '{"object":{"inner":"a","inner":"b"}}', '{"unknown":1}',
        '{"inner":"a"}', '{"object":{"text":"a"}}', '{"text":"a",}', '{,"text":"a"}', '{"text":"a" "flag":true}',
        '{"text" "a"}', '{"text":"a"', '{"text":"a"}}', '{"text":"a"}{}', '{"text":"a"}x', '["text"]', '{"text":nul}',
        '{"flag":tru}', '{"flag":trues}', '{"flag":1}', '{"te\\u0078t":"a"}', '{"labels":{}}', '{"labels":[]}', "{",
        "{}}", '{"object":{"inner":"a"}', '{"object":{"inner":"a",}}', '{"object":[]}', '{"object":"a"}',
        '{"text":"a"}\r\r', "",
        '{"text":"a"} ', '{"object":{"object":{}}}', '{"text":"a";"flag":true}', '{"text":"\udcff"}',
        "{'text':1}",
    ],
)  # fmt: skip
def test_what_is_no_plain_object_of_known_members_is_left(read: Read, line: str) -> None:
    good = b'{"text":"good"}'
    scanned = read([good, line.encode("utf-8", "surrogateescape"), good])
    assert scanned is not None
    assert scanned.rows.tolist() == [0, 2]
    assert scanned.columns["text"].to_pylist() == ["good", "good"]
    assert set(scanned.columns) == {"text"}


def test_members_may_stand_in_any_order_with_spaces_between(read: Read) -> None:
    scanned = read(
        [
            b'{ "text" :\t"a" , "object":{ "number" : 1 , "inner":"b"}, "labels": null,"flag":false}\r',
            b'{"flag":true,"object":{},"text":null}',
            b"{}",
        ]
    )
    assert scanned is not None
    assert {name: column.to_pylist() for name, column in scanned.columns.items()} == {
        "text": ["a", None, None],
        "object": [{"number": 1, "inner": "b"}, {"number": None, "inner": None}, None],
        "flag": [False, True, None],
    }


def test_the_content_of_scanned_lines_is_that_of_lines_read_one_by_one(read: Read) -> None:
    counts = [
        0,
        7,
        -7,
        *(sign * (10**digits + less) for digits in range(1, 18) for less in (-1, 0) for sign in (1, -1)),
    ]
    contents: list[dict] = [{"count": count} for count in counts]
    contents += [{"real": value} for value in (0.5, -2.25, 1e-7, 123456.789, 4e13)]
    contents += [
        {"object": {}},
        {"object": {"number": 5}},
        {"object": {"inner": "b"}, "text": "t"},
        {"flag": False},
        {},
    ]
    scanned = read([json.dumps(content).encode() for content in contents])
    assert scanned is not None and scanned.content_sha256 is not None
    of_text = {"text": hashlib.sha256(b"t").hexdigest()}
    assert scanned.content_sha256.to_pylist() == [
        hashlib.sha256(content_text(content, keys=MEMBERS, hashes=of_text if "text" in content else {})).hexdigest()
        for content in contents
    ]
