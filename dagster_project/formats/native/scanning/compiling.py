"""Compile the scanner for this machine: `python -m dagster_project.formats.native.scanning.compiling`.

numba compiles the functions; what is kept is machine code that needs neither numba nor anything else.
"""

import os
from collections.abc import Callable

import llvmlite.binding as llvm
import msgspec
from numba import carray, cfunc, types

from dagster_project import durable
from dagster_project.formats.native.scanning import hashing, objects, texts
from dagster_project.formats.native.scanning.by_llvm import object_file, target_machine
from dagster_project.formats.native.scanning.kinds import ENTRIES, LANES
from dagster_project.formats.native.scanning.library import linked_file
from dagster_project.formats.native.scanning.linking import linked

_TYPES = {
    "q": types.int64,
    "b": types.CPointer(types.uint8),
    "i": types.CPointer(types.int32),
    "w": types.CPointer(types.uint32),
    "l": types.CPointer(types.int64),
}


def _scan(data, size, starts, ends, lines, names, width, parents, kinds, members, followers, states, cells, instants,
          instant_of, instant_count, taken):  # fmt: skip
    return objects.scan(
        carray(data, size), carray(starts, lines), carray(ends, lines), carray(names, (members, width)),
        carray(parents, members), carray(kinds, members), carray(followers, members + 1),
        carray(states, (members, lines)), carray(cells, (members, lines)), carray(instants, (instant_count, lines)),
        carray(instant_of, members), carray(taken, lines),
    )  # fmt: skip


def _text_bytes(states, cells, rows):
    return texts.text_bytes(carray(states, rows), carray(cells, rows))


def _gather_texts(data, size, states, cells, rows, offsets, out, room):
    return texts.gather_texts(
        carray(data, size), carray(states, rows), carray(cells, rows), carray(offsets, rows + 1), carray(out, room)
    )


def _write_contents(data, size, rows, lines, kinds, members, states, cells, hashes, hash_count, hash_of, written,
                    places, inside, between, letters, steps, offsets, out, room):  # fmt: skip
    return texts.write_contents(
        carray(data, size), rows, carray(kinds, members), carray(states, (members, lines)),
        carray(cells, (members, lines)), carray(hashes, hash_count * rows * 64), carray(hash_of, members),
        carray(written, steps), carray(places, steps + 1), carray(inside, steps), carray(between, letters),
        carray(offsets, rows + 1), carray(out, room),
    )  # fmt: skip


def _hash_texts(data, size, offsets, count, out, tails, lanes, state):
    return hashing.hash_texts(
        carray(data, size), carray(offsets, count + 1), count, carray(out, count * 64), carray(tails, LANES * 128),
        carray(lanes, (4, LANES)), carray(state, (8, LANES)),
    )  # fmt: skip


_FUNCTIONS: dict[str, Callable] = {
    "scan": _scan,
    "text_bytes": _text_bytes,
    "gather_texts": _gather_texts,
    "write_contents": _write_contents,
    "hash_texts": _hash_texts,
}


def compiled() -> bytes:
    """The machine code of all entries, each under its name, for this machine's processor."""
    whole = llvm.parse_assembly("")
    for name, function in _FUNCTIONS.items():
        signature = types.int64(*(_TYPES[kind] for kind in ENTRIES[name]))
        entry = cfunc(signature, error_model="numpy", boundscheck=False)(function)
        module = llvm.parse_assembly(entry.inspect_llvm().replace(f"@{entry.native_name}", f"@{name}"))
        for part in [*module.functions, *module.global_variables]:
            # So that what is never called goes, with what it asks of Python: exceptions, which nothing here raises.
            if not part.is_declaration and part.name != name:
                part.linkage = "internal"
        whole.link_in(module)
    machine = target_machine()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    builder.getModulePassManager().run(whole, builder)
    return machine.emit_object(whole)


def compile_here() -> None:
    """Keep the code beside this file, and drop that of other versions. Raises OSError where nothing may be written.

    Linked where it can be; as LLVM's object, which LLVM has to load, where it cannot.
    """
    places = [place for place in (linked_file(), object_file()) if place is not None]
    if any(place.exists() for place in places):
        return
    code = compiled()
    whole = linked(code, entries=ENTRIES) if len(places) > 1 else None
    place, content = (places[-1], code) if whole is None else (places[0], msgspec.msgpack.encode(whole))
    durable.make_folder(place.parent)
    written = place.with_suffix(f".{os.getpid()}")  # others may compile the same at this moment
    written.write_bytes(content)
    durable.move_synced(written, place)
    for other in (*place.parent.glob("*.o"), *place.parent.glob("*.linked")):
        if other != place:
            other.unlink(missing_ok=True)


if __name__ == "__main__":
    compile_here()
