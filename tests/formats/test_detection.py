"""Detection: no file of any pack is claimed by two formats, and every file with runs is taken by its own."""

from pathlib import Path

import pytest

from dagster_project.formats.registry import load_formats
from dagster_project.landing.reading.heads import read_head
from tests.formats.units import LIMITS

FORMATS = load_formats(LIMITS)
OWNERS = [
    ("aider-leaderboards/data/*.yml", "aider-leaderboards", 13),
    ("autogpt-benchmarks/data/reports/*/*/report.json", "autogpt-benchmarks", 268),
    ("format-samples/data/atif-nemo/*_atif.json", "atif", 6),
    ("format-samples/data/atif-nemo/*_atof.jsonl", "atof", 6),
    ("format-samples/data/claude-code-*/*.jsonl", "claude-code", 5),
    ("format-samples/data/claude-code-simonw/sample_session.json", "claude-code-export", 1),
    ("inspect-ai/data/**/*.eval", "inspect-eval", 10),
    ("inspect-ai/data/**/*.json", "inspect-json", 13),
    ("langfuse-traces/data/*.trace.json", "langfuse", 14),
    ("mint-bench/data/**/results.jsonl*", "mint", 902),
    ("reflexion/data/alfworld_runs/**/*.json", "reflexion-alfworld", 22),
    ("reflexion/data/programming_runs/**/*.jsonl", "reflexion-programming", 11),
    ("swe-agent/data/**/*.traj", "swe-agent", 22),
    ("swe-agent/data/mini-swe-agent/*.traj.json", "mini-swe-agent", 2),
    ("swe-bench-pro/data/**/eval_results.json", "swe-bench-pro", 5),
    ("swe-bench-pro/data/error_analysis/*.csv", "swe-bench-pro-errors", 1),
    ("tau-bench/data/historical_trajectories/*.json", "tau-bench", 1),
    ("tau-bench/data/few_shot_data/*.jsonl", "tau-bench-few-shot", 2),
    ("tau2-bench/data/simulations/*/results.json", "tau2-bench", 16),
    ("tau2-bench/data/voice_experiment/experiment/results.json", "tau2-experiment", 1),
    ("tau2-bench/data/voice_experiment/experiment/simulations/*.json", "tau2-simulation", 3),
    ("tau2-bench/data/leaderboard_submissions/*.json", "tau2-submission", 65),
    ("tree-of-thoughts/data/logs/crosswords/*.json.gz", "tree-of-thoughts-crosswords", 2),
    ("tree-of-thoughts/data/logs/game24/*.json.gz", "tree-of-thoughts-game24", 3),
    ("tree-of-thoughts/data/logs/text/*.json.gz", "tree-of-thoughts-text", 2),
    ("vexp-swe-bench/data/results/*.jsonl", "vexp-swe-bench", 1),
]


def takers(path: Path, *, root: Path) -> list[str]:
    head = read_head(path, display=str(path.relative_to(root)), file_bytes=path.stat().st_size, settings=LIMITS)
    return [log_format.name for log_format in FORMATS if log_format.refusal(head) is None]


@pytest.mark.parametrize(("pattern", "name", "count"), OWNERS, ids=[pattern for pattern, _, _ in OWNERS])
def test_every_file_of_a_kind_is_taken_by_its_format_alone(shared: Path, pattern: str, name: str, count: int) -> None:
    root = shared / "data-packs"
    found = {str(path.relative_to(root)): takers(path, root=root) for path in sorted(root.glob(pattern))}
    assert {path: names for path, names in found.items() if names != [name]} == {}
    assert len(found) == count


@pytest.mark.slow
def test_no_file_of_any_pack_is_claimed_twice(shared: Path) -> None:
    root = shared / "data-packs"
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.match("mint-bench/data/**/*")]
    claims = {str(path.relative_to(root)): takers(path, root=root) for path in files}
    assert {path: names for path, names in claims.items() if len(names) > 1} == {}


def test_readmes_licences_and_expected_answers_are_no_logs(shared: Path) -> None:
    root = shared / "data-packs"
    files = [path for name in ("README.md", "LICENSE*", "expected*") for path in sorted(root.glob(f"*/{name}"))]
    assert len(files) > 30
    assert {path.name: takers(path, root=root) for path in files if takers(path, root=root)} == {}
