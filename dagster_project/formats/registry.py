"""Every log format we read, in the order detection asks them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from dagster_project.formats.atif import Atif
from dagster_project.formats.atof import Atof
from dagster_project.formats.base import Format
from dagster_project.formats.claude_code import ClaudeCode, ClaudeCodeExport
from dagster_project.formats.harbor_result import HarborResult
from dagster_project.formats.inspect_log import InspectEval, InspectJson
from dagster_project.formats.langfuse import Langfuse, LangfuseArray, LangfuseLines
from dagster_project.formats.map_files import read_map, shipped_maps
from dagster_project.formats.mapped import MappedFormat
from dagster_project.formats.mini_swe_agent import MiniSweAgent
from dagster_project.formats.native import NativeFormat
from dagster_project.formats.openai_batch import OpenAIBatch
from dagster_project.formats.openai_chat import OpenAIChat
from dagster_project.formats.otlp_json import OtlpJson
from dagster_project.formats.otlp_protobuf import OtlpProtobuf
from dagster_project.formats.swe_agent import SweAgent
from dagster_project.formats.tau2_bench import Tau2Experiment, Tau2Results, Tau2Simulation
from dagster_project.formats.tau2_submission import Tau2Submission
from dagster_project.formats.tau_bench import TauBench
from dagster_project.formats.tau_bench_few_shot import TauBenchFewShot
from dagster_project.settings import Settings

_OURS: tuple[Callable[[Settings], Format], ...] = (
    NativeFormat,
    OtlpJson,
    OtlpProtobuf,
    TauBench,
    TauBenchFewShot,
    Tau2Results,
    Tau2Simulation,
    Tau2Experiment,
    InspectEval,
    InspectJson,
    Langfuse,
    LangfuseLines,
    LangfuseArray,
    ClaudeCode,
    ClaudeCodeExport,
    SweAgent,
    MiniSweAgent,
    Atif,
    Atof,
    HarborResult,
    Tau2Submission,
    OpenAIChat,
    OpenAIBatch,
)


def load_formats(settings: Settings, *, map_files: Sequence[Path] = ()) -> tuple[Format, ...]:
    """All formats: a user's own maps first, then ours, then the shipped maps of other names.

    Raises UsageError when a map file is wrong.
    """
    own: list[Format] = [MappedFormat(read_map(path), settings) for path in map_files]
    ours = [kind(settings) for kind in _OURS]
    taken = {log_format.name for log_format in [*own, *ours]}
    shipped: list[Format] = [
        MappedFormat(document, settings) for document in shipped_maps() if document.name not in taken
    ]
    return (*own, *ours, *shipped)
