"""The compiled scanner, loaded: its functions take places in memory and whole numbers.

Linked code is mapped and told where it lies, in a millisecond; LLVM, which loads what could not be linked, takes a
fifth of the time in which worker processes come up, and 50 MB.
"""

import ctypes
import hashlib
import importlib
import mmap
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from dagster_project.formats.native.scanning.kinds import ENTRIES
from dagster_project.formats.native.scanning.scanner import Compiled

_HERE = Path(__file__).parent
TARGET = _HERE / "target"
_SOURCES = ("kinds", "letters", "memory", "values", "objects", "texts")
_SOURCES += ("sha256_block", "hashing", "compiling", "linking")
_PLACE, _NUMBER = ctypes.c_void_p, ctypes.c_int64
_WORD = 8
# What tells processors apart in the first of Linux's descriptions of them: those that no moment changes.
_TELLING = (b"vendor_id", b"cpu family", b"model", b"stepping", b"flags")
_DESCRIPTION_BYTES = 1 << 14


class Linked(msgspec.Struct, frozen=True):
    """Code and constants as they lie in memory, all but addresses.

    At `places` the address of the whole is to be added to the word that stands there, at `memsets` that of the C
    library's function is to stand; `entries` are the functions' places.
    """

    code: bytes
    places: list[int]
    memsets: list[int]
    entries: dict[str, int]


class Library:
    """The functions of `ENTRIES` by name, as long as it lives."""

    def __init__(self, linked: Linked) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        memset = ctypes.cast(libc.memset, _PLACE).value or 0
        self._room = mmap.mmap(-1, len(linked.code), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._room[:] = linked.code
        begin = ctypes.addressof(ctypes.c_char.from_buffer(self._room))
        for place in linked.places:
            word = int.from_bytes(linked.code[place : place + _WORD], "little") + begin
            self._room[place : place + _WORD] = word.to_bytes(_WORD, "little")
        for place in linked.memsets:
            self._room[place : place + _WORD] = memset.to_bytes(_WORD, "little")
        if libc.mprotect(_PLACE(begin), ctypes.c_size_t(len(linked.code)), mmap.PROT_READ | mmap.PROT_EXEC):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self.functions = callables(lambda name: begin + linked.entries[name])


def callables(address_of: Callable[[str], int]) -> dict[str, Callable[..., int]]:
    """The functions of `ENTRIES` that lie there."""
    return {
        name: ctypes.CFUNCTYPE(_NUMBER, *(_NUMBER if kind == "q" else _PLACE for kind in arguments))(address_of(name))
        for name, arguments in ENTRIES.items()
    }


def sources() -> bytes:
    """What is compiled, and how."""
    return b"".join((_HERE / f"{module}.py").read_bytes() for module in _SOURCES)


def processor() -> bytes | None:
    """What this machine's processor is and can, None where the system does not describe it as Linux does."""
    try:
        descriptor = os.open("/proc/cpuinfo", os.O_RDONLY)
    except OSError:
        return None
    try:
        first = os.read(descriptor, _DESCRIPTION_BYTES).partition(b"\n\n")[0]
    finally:
        os.close(descriptor)
    told = [line for line in first.splitlines() if line.startswith(_TELLING)]
    return b"\n".join(told) if any(line.startswith(b"flags") for line in told) else None


def linked_file() -> Path | None:
    """Where the linked code of this version for this processor lies, if there is any; None where there can be none."""
    told = processor()
    return None if told is None else TARGET / f"{hashlib.sha256(told + sources()).hexdigest()[:32]}.linked"


def compiled_library() -> Compiled | None:
    """What has been compiled for this machine, None when nothing has, or nothing that was made may be executed."""
    place = linked_file()
    if place is not None and place.exists():
        with suppress(OSError):
            return Library(msgspec.msgpack.decode(place.read_bytes(), type=Linked))
        return None
    if not any(TARGET.glob("*.o")):
        return None
    by_llvm = importlib.import_module("dagster_project.formats.native.scanning.by_llvm")
    return by_llvm.loaded_object()
