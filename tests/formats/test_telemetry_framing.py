"""Spans are cut out of messages one by one: each at its bytes, with what stands around it; a torn one goes alone."""

import json
from typing import Any

import pytest

from dagster_project.formats.base import Enclosure, Framing, Unit
from dagster_project.landing.reading.framing import Broken, Piece, pieces
from dagster_project.settings import Settings
from tests.formats.otlp_spans import message, name_of, protobuf, root, span, text
from tests.formats.test_framing import hold_their_place
from tests.formats.units import LIMITS

SMALL = Settings(home=LIMITS.home, max_unit_bytes=600)


def cut(
    content: bytes, framing: Framing = "telemetry_json", *, block: int = 1 << 20, limits: Settings = LIMITS
) -> list[Piece]:
    blocks = [content[at : at + block] for at in range(0, len(content), block)]
    return list(pieces(framing, blocks, limits=limits))


def named(name: str, **changes: Any) -> dict:
    return span(name=name, links=[{"traceId": "a" * 32, "spanId": "b" * 16}], **changes)


def names(found: list[Piece]) -> list[str]:
    """Names of the spans that are valid JSON; the reason of what could not be cut out."""
    said = []
    for piece in found:
        if isinstance(piece, Broken):
            said.append(piece.reason)
        elif isinstance(piece, Unit):
            try:
                said.append(json.loads(piece.raw)["name"])
            except (ValueError, KeyError, TypeError):
                said.append("unreadable")
    return said


def enclosures(found: list[Piece]) -> list[Enclosure | None]:
    return [piece.enclosure for piece in found if isinstance(piece, Unit)]


TWO_SCOPES = {
    "resourceSpans": [
        {"resource": {"attributes": []}, "scopeSpans": [
            {"scope": {"name": "l"}, "spans": [named("s1"), named("s2"), named("s3")]},
            {"scope": {"name": "m"}, "spans": [named("s4")]},
        ]},
        {"scopeSpans": [{"spans": [named("s5")], "scope": {"name": "late"}}, {"spans": [named("s6")]}],
         "resource": {"late": 1}, "schemaUrl": "https://example.org/1"},
    ]
}  # fmt: skip
SIX = ["s1", "s2", "s3", "s4", "s5", "s6"]


@pytest.mark.parametrize("indent", [None, 0, 2], ids=str)
@pytest.mark.parametrize("block", [1, 7, 1 << 20])
def test_every_span_is_a_unit_with_what_stands_around_it(indent: int | None, block: int) -> None:
    content = json.dumps(TWO_SCOPES, indent=indent).encode()
    found = cut(content, block=block)
    assert names(found) == SIX
    around = [(json.loads(each.resource), json.loads(each.scope or b"null")) for each in enclosures(found) if each]
    first, second = {"attributes": []}, {"late": 1}
    assert around == [
        (first, {"name": "l"}), (first, {"name": "l"}), (first, {"name": "l"}), (first, {"name": "m"}),
        (second, {"name": "late"}), (second, None),
    ]  # fmt: skip
    hold_their_place(content, found)


@pytest.mark.parametrize("indent", [None, 1], ids=str)
def test_no_single_missing_bracket_or_quote_costs_a_second_span(indent: int | None) -> None:
    content = json.dumps(TWO_SCOPES, indent=indent).encode()
    for at in [at for at, byte in enumerate(content) if chr(byte) in '{}[]":,']:
        torn = content[:at] + content[at + 1 :]
        found = cut(torn)
        hold_their_place(torn, found)
        assert len(set(SIX) - set(names(found))) <= 1, (at, torn[max(0, at - 40) : at + 40])


def test_a_message_cut_off_anywhere_spares_the_next_line() -> None:
    line = text(TWO_SCOPES)
    for at in range(len(line)):
        assert names(cut(line[:at] + b"\n" + line + b"\n"))[-6:] == SIX, at


def test_what_is_cut_off_at_the_end_waits_as_a_tail() -> None:
    line = text(message(named("s1"), named("s2")))
    found = cut(line[:-40])
    assert names(found) == ["s1", "bad_json"]
    assert isinstance(found[1], Broken) and found[1].is_tail


def test_spans_of_a_torn_resource_are_nobody_s() -> None:
    line = text(message(named("s1"), named("s2"))).replace(b'"resource": {', b'"resource": ')
    found = cut(line)[-2:]
    assert names(found) == ["s1", "s2"]
    assert [around.is_torn for around in enclosures(found) if around] == [True, True]


def test_the_resource_after_a_torn_one_is_known_again() -> None:
    torn = text(message(named("s1"))).replace(b'"resource": {', b'"resource": ')
    found = cut(torn + b"\n" + text(message(named("s2"))))
    last = enclosures(found)[-1]
    assert names(found)[-1] == "s2" and last is not None and not last.is_torn


def test_spans_may_stand_alone_on_lines_or_in_an_array() -> None:
    spans = [named("s1"), named("s2")]
    assert names(cut(b"\n".join(text(each) for each in spans))) == ["s1", "s2"]
    assert names(cut(text(spans))) == ["s1", "s2"]
    assert enclosures(cut(text(spans))) == [None, None]


def test_lines_of_something_else_are_units_of_their_own() -> None:
    content = (
        b"garbage\n42\n"
        + text(named("s1"))
        + b"\n{}\nmore garbage\n"
        + text(named("s2"))[:60]
        + b"\n"
        + text(named("s3"))
    )
    assert names(cut(content)) == ["bad_json", "bad_json", "s1", "bad_json", "bad_json", "s3"]


def test_nothing_that_stands_beside_spans_is_dropped_silently() -> None:
    document = message(named("s1")) | {"resourceMetrics": [{"scopeMetrics": []}]}
    assert names(cut(text(document))) == ["s1", "unreadable"]


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_a_span_that_is_too_large_spares_its_neighbours(block: int) -> None:
    large = named("large", said={"input.value": "x" * 40_000})
    found = cut(text(message(named("s1"), large, named("s3"))), block=block, limits=SMALL)
    assert names(found) == ["s1", "too_large", "s3"]


@pytest.mark.parametrize("closers", [b"]}" * 300_000, b""], ids=["closed", "open"])
def test_a_span_of_brackets_without_end_spares_its_neighbours(closers: bytes) -> None:
    deep = text(named("deep"))[:-1] + b', "x": ' + b'{"a":[' * 300_000 + closers + b"}"
    content = text(message(named("s1"), named("s2"), named("s3"))).replace(text(named("s2")), deep)
    assert names(cut(content, block=1 << 18)) == ["s1", "bad_json", "s3"]


def test_an_export_of_nothing_has_no_spans() -> None:
    assert names(cut(b'{"resourceSpans": []}\n{"resourceSpans": null}\n')) == []


def delimited(*messages: bytes, by: str) -> bytes:
    def varint(length: int) -> bytes:
        return bytes((length,)) if length < 128 else bytes((length & 127 | 128, length >> 7))

    lengths = {"none": lambda _: b"", "varint": varint, "fixed": lambda length: length.to_bytes(4, "big")}
    return b"".join(lengths[by](len(each)) + each for each in messages)


PROTOBUF_NAMES = ["s1", "s2", "s3", "s1001", "s1002", "s1003", "s4", "s5", "s6", "s1004", "s1005", "s1006"]


def protobuf_names(found: list[Piece]) -> set[str]:
    said = set()
    for piece in found:
        if isinstance(piece, Unit):
            try:
                said.add(name_of(piece.raw))
            except Exception:  # a span whose own bytes were flipped
                continue
    return said


@pytest.mark.parametrize("by", ["none", "varint", "fixed"])
@pytest.mark.parametrize("block", [1, 50, 1 << 20])
def test_protobuf_messages_are_cut_however_they_are_delimited(by: str, block: int) -> None:
    content = delimited(protobuf(), protobuf(first=4), by=by)
    found = cut(content, "telemetry_protobuf", block=block)
    assert [name_of(piece.raw) for piece in found if isinstance(piece, Unit)] == PROTOBUF_NAMES
    assert [around.scope for around in enclosures(found) if around][2:4] == [b"\n\x03one", b"\n\x03two"]
    hold_their_place(content, found)


@pytest.mark.parametrize("by", ["none", "varint", "fixed"])
def test_a_cut_off_protobuf_file_gives_every_whole_span(by: str) -> None:
    content = delimited(protobuf(), protobuf(first=4), by=by)
    whole = [piece for piece in cut(content, "telemetry_protobuf") if isinstance(piece, Unit)]
    for end in range(len(content)):
        found = cut(content[:end], "telemetry_protobuf")
        fitting = [piece for piece in whole if piece.byte_offset + len(piece.raw) <= end]
        assert [piece for piece in found if isinstance(piece, Unit)] == fitting
        assert all(piece.is_tail for piece in found if isinstance(piece, Broken))


def test_a_wrong_byte_within_a_protobuf_span_costs_no_other() -> None:
    content = protobuf()
    [first, *_] = cut(content, "telemetry_protobuf")
    assert isinstance(first, Unit)
    # The two bytes before a span are its tag and its length.
    for at in range(first.byte_offset - 2, first.byte_offset + len(first.raw)):
        torn = content[:at] + bytes((content[at] ^ 0x40,)) + content[at + 1 :]
        found = cut(torn, "telemetry_protobuf")
        hold_their_place(torn, found)
        assert protobuf_names(found) >= {"s2", "s3", "s1001", "s1002", "s1003"}, at


def test_a_protobuf_span_that_is_too_large_spares_its_neighbours() -> None:
    found = cut(protobuf(), "telemetry_protobuf", limits=Settings(home=LIMITS.home, max_unit_bytes=40))
    assert [piece.reason for piece in found if isinstance(piece, Broken)] == ["too_large"] * 6


def test_roots_and_children_are_told_apart_by_the_reader_not_here() -> None:
    assert names(cut(text(message(root(), span())))) == ["work", "work"]
