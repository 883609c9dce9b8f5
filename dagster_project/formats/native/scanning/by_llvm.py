"""The compiled scanner, loaded by LLVM: where its code was not linked (see `linking`)."""

import hashlib
from pathlib import Path

import llvmlite.binding as llvm

from dagster_project.formats.native.scanning.library import TARGET, callables, sources

_OPTIMISED = 3


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
    """Where the code of this version for this processor lies, if it has been compiled and could not be linked."""
    features = llvm.get_host_cpu_features().flatten()
    machine = f"{llvm.get_default_triple()} {llvm.get_host_cpu_name()} {features} {llvm.llvm_version_info}"
    return TARGET / f"{hashlib.sha256(machine.encode() + sources()).hexdigest()[:32]}.o"


class LoadedByLlvm:
    """The functions of `ENTRIES` by name, as long as it lives."""

    def __init__(self, code: bytes) -> None:
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self.functions = callables(self._engine.get_function_address)


def loaded_object() -> LoadedByLlvm | None:
    """What has been compiled for this machine, None when nothing has."""
    try:
        return LoadedByLlvm(object_file().read_bytes())
    except FileNotFoundError:
        return None
