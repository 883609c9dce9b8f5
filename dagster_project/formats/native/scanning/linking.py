"""Linking what LLVM compiled, once at set-up: afterwards its code needs only to be told where it lies.

This is for code that has absolute addresses alone, as LLVM makes for processors of Intel's and AMD's 64-bit kind.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple

from dagster_project.formats.native.scanning.library import Linked

_MAGIC = b"\x7fELF\x02\x01"  # of 64 bits, the lowest byte first
_X86_64 = 62
_WRITABLE, _ALLOCATED = 1, 2
_RELOCATIONS = 4
_ABSOLUTE = 1


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


class _Symbol(NamedTuple):
    name: int
    info: int
    other: int
    section: int
    value: int
    size: int


class _Relocation(NamedTuple):
    offset: int
    kind: int
    symbol: int
    addend: int


def linked(code: bytes, *, entries: Iterable[str]) -> Linked | None:
    """The object's sections as one piece, with all addresses counted from its beginning; None where it cannot be."""
    if not code.startswith(_MAGIC) or struct.unpack_from("<H", code, 18) != (_X86_64,):
        return None
    sections = _sections(code)
    if any(section.size and section.flags & _WRITABLE for section in sections):
        return None
    whole, begin_of = _laid_out(code, sections)
    places: list[int] = []
    memsets: list[int] = []
    found: dict[str, int] = {}
    for section in sections:
        if section.kind != _RELOCATIONS or section.info not in begin_of:
            continue
        symbols = _symbols(code, sections, section.link)
        found |= {name: begin_of[of.section] + of.value for name, of in symbols if of.section in begin_of}
        for relocation in _relocations(_content(code, section)):
            name, of = symbols[relocation.symbol]
            place = begin_of[section.info] + relocation.offset
            if relocation.kind != _ABSOLUTE:
                return None
            if of.section in begin_of:
                struct.pack_into("<Q", whole, place, begin_of[of.section] + of.value + relocation.addend)
                places.append(place)
            elif name == "memset" and not relocation.addend:
                memsets.append(place)
            else:
                return None
    return Linked(bytes(whole), places, memsets, {name: found[name] for name in entries})


def _sections(code: bytes) -> list[_Section]:
    (table,) = struct.unpack_from("<Q", code, 40)
    size, count = struct.unpack_from("<HH", code, 58)
    return [_Section(*struct.unpack_from("<IIQQQQIIQQ", code, table + size * place)) for place in range(count)]


def _laid_out(code: bytes, sections: list[_Section]) -> tuple[bytearray, dict[int, int]]:
    """What lies in memory, one section after the other, and where each begins."""
    whole = bytearray()
    begin_of = {}
    for place, section in enumerate(sections):
        if section.flags & _ALLOCATED:
            whole += bytes(-len(whole) % max(1, section.alignment))
            begin_of[place] = len(whole)
            whole += _content(code, section)
    return whole, begin_of


def _content(code: bytes, section: _Section) -> bytes:
    return code[section.offset : section.offset + section.size]


def _symbols(code: bytes, sections: list[_Section], table: int) -> list[tuple[str, _Symbol]]:
    """The symbols of a table by name; a section is its own symbol, without one."""
    names = _content(code, sections[sections[table].link])
    symbols = [_Symbol(*told) for told in struct.iter_unpack("<IBBHQQ", _content(code, sections[table]))]
    return [(names[symbol.name :].partition(b"\0")[0].decode(), symbol) for symbol in symbols]


def _relocations(table: bytes) -> list[_Relocation]:
    found = struct.iter_unpack("<QIIq", table)
    return [_Relocation(*told) for told in found]
