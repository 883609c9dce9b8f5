"""Every log format we read, in the order detection asks them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from dagster_project.formats.atof.events import Atof
from dagster_project.formats.base import Format
from dagster_project.formats.claude_code.session import ClaudeCode, ClaudeCodeExport
from dagster_project.formats.harbor.atif import Atif
from dagster_project.formats.harbor.result import HarborResult
from dagster_project.formats.inspect.log import InspectEval, InspectJson
from dagster_project.formats.langfuse.export import Langfuse, LangfuseArray, LangfuseLines
from dagster_project.formats.langfuse.observation_lines import LangfuseObservationArray, LangfuseObservationLines
from dagster_project.formats.langfuse.score_lines import LangfuseScoreArray, LangfuseScoreLines
from dagster_project.formats.mapped.files import read_map, shipped_maps
from dagster_project.formats.mapped.mapped_format import MappedFormat
from dagster_project.formats.native.lines import NativeFormat
from dagster_project.formats.openai.batch import OpenAIBatch
from dagster_project.formats.openai.chat import OpenAIChat
from dagster_project.formats.otlp.json_export import OtlpJson
from dagster_project.formats.otlp.protobuf_export import OtlpProtobuf
from dagster_project.formats.swe_agent.mini_trajectory import MiniSweAgent
from dagster_project.formats.swe_agent.trajectory import SweAgent
from dagster_project.formats.tau_bench.few_shot import TauBenchFewShot
from dagster_project.formats.tau_bench.results import TauBench
from dagster_project.formats.tau_bench.tau2_results import Tau2Experiment, Tau2Results, Tau2Simulation
from dagster_project.formats.tau_bench.tau2_submission import Tau2Submission
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
    LangfuseObservationLines,
    LangfuseObservationArray,
    LangfuseScoreLines,
    LangfuseScoreArray,
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
