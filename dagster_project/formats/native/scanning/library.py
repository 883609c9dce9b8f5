"""The compiled scanner, loaded: its functions take places in memory and whole numbers."""

import ctypes
import hashlib
from pathlib import Path

import llvmlite.binding as llvm

from dagster_project.formats.native.scanning.kinds import ENTRIES

_HERE = Path(__file__).parent
_COMPILED = ("kinds", "letters", "memory", "values", "objects", "texts", "hashing", "compiling")
_OPTIMISED = 3
_PLACE, _NUMBER = ctypes.c_void_p, ctypes.c_int64


def target_machine() -> llvm.TargetMachine:
    """This machine, with all that its processor can."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=_OPTIMISED,
        jit=True,
    )


def object_file() -> Path:
    """Where the code of this version for this processor lies, if it has been compiled."""
    features = llvm.get_host_cpu_features().flatten()
    machine = f"{llvm.get_default_triple()} {llvm.get_host_cpu_name()} {features} {llvm.llvm_version_info}"
    told = hashlib.sha256(machine.encode())
    for module in _COMPILED:
        told.update((_HERE / f"{module}.py").read_bytes())
    return _HERE / "target" / f"{told.hexdigest()[:32]}.o"


class Library:
    """The functions of `ENTRIES` by name, as long as it lives."""

    def __init__(self, code: bytes) -> None:
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self.functions = {
            name: ctypes.CFUNCTYPE(_NUMBER, *(_NUMBER if kind == "q" else _PLACE for kind in arguments))(
                self._engine.get_function_address(name)
            )
            for name, arguments in ENTRIES.items()
        }


def compiled_library() -> Library | None:
    """What has been compiled for this machine, None when nothing has."""
    try:
        return Library(object_file().read_bytes())
    except FileNotFoundError:
        return None
