"""Machine code that set-up linked does what LLVM's own loading of it does, or it is not linked."""

import llvmlite.binding as llvm
import numpy as np
import pytest

from dagster_project.formats.native.scanning import compiling, library
from dagster_project.formats.native.scanning.by_llvm import LoadedByLlvm, target_machine
from dagster_project.formats.native.scanning.kinds import LANES
from dagster_project.formats.native.scanning.library import Library
from dagster_project.formats.native.scanning.linking import linked

# A table of constants at an address, a function that calls another, one that calls the C library's; none unwinds.
CODE = """
@table = private constant [4 x i64] [i64 7, i64 11, i64 13, i64 17]
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

define i64 @pick(i64 %place) noinline nounwind {
  %at = getelementptr [4 x i64], ptr @table, i64 0, i64 %place
  %found = load i64, ptr %at
  ret i64 %found
}

define i64 @sum(i64 %one, i64 %other) nounwind {
  %left = call i64 @pick(i64 %one)
  %right = call i64 @pick(i64 %other)
  %both = add i64 %left, %right
  ret i64 %both
}

define i64 @fill(ptr %bytes, i64 %count) nounwind {
  call void @llvm.memset.p0.i64(ptr %bytes, i8 120, i64 %count, i1 false)
  ret i64 0
}
"""
MISSING = """
declare i64 @elsewhere(i64)
define i64 @pick(i64 %place) nounwind {
  %found = call i64 @elsewhere(i64 %place)
  ret i64 %found
}
"""
WRITTEN = """
@count = global i64 7
define i64 @pick(i64 %place) nounwind {
  store i64 %place, ptr @count
  ret i64 %place
}
"""


def an_object(code: str) -> bytes:
    return target_machine().emit_object(llvm.parse_assembly(code))


@pytest.fixture(autouse=True)
def _linkable() -> None:
    if library.processor() is None:
        pytest.skip("no processor of this kind is linked for")


def test_linked_code_knows_its_constants_its_functions_and_memset(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {"pick": "q", "sum": "qq", "fill": "bq"}
    monkeypatch.setattr(library, "ENTRIES", entries)
    whole = linked(an_object(CODE), entries=entries)
    assert whole is not None
    loaded = Library(whole)
    functions = loaded.functions
    assert [functions["pick"](place) for place in range(4)] == [7, 11, 13, 17]
    assert functions["sum"](1, 3) == 28
    room = np.zeros(5, dtype=np.uint8)
    functions["fill"](room.ctypes.data, 3)
    assert room.tobytes() == b"xxx\0\0"


@pytest.mark.parametrize("code", [MISSING, WRITTEN], ids=["a function of others", "what may be written to"])
def test_what_needs_more_than_an_address_is_not_linked(code: str) -> None:
    assert linked(an_object(code), entries=["pick"]) is None


def test_what_is_no_object_of_this_kind_is_not_linked() -> None:
    of_arm = bytearray(an_object(CODE))
    of_arm[18:20] = (183).to_bytes(2, "little")
    assert linked(bytes(of_arm), entries=["pick"]) is None
    assert linked(b"\xcf\xfa\xed\xfe", entries=["pick"]) is None


@pytest.mark.slow
def test_the_scanner_linked_hashes_as_the_scanner_that_llvm_loads() -> None:
    code = compiling.compiled()
    whole = linked(code, entries=library.ENTRIES)
    assert whole is not None
    texts = b"abc" + bytes(range(97, 123)) * 9
    offsets = np.array([0, 3, 3, len(texts)], dtype=np.int32)
    found = []
    for loaded in (Library(whole), LoadedByLlvm(code)):
        out, tails = np.zeros(3 * 64, dtype=np.uint8), np.zeros(LANES * 128, dtype=np.uint8)
        lanes, state = np.zeros((4, LANES), dtype=np.int64), np.zeros((8, LANES), dtype=np.uint32)
        data = np.frombuffer(texts, dtype=np.uint8)
        places = [array.ctypes.data for array in (out, tails, lanes, state)]
        loaded.functions["hash_texts"](data.ctypes.data, len(texts), offsets.ctypes.data, 3, *places)
        found.append(out.tobytes().decode())
    assert found[0] == found[1]
    assert found[0][:64] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, of "abc"
