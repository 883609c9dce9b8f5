"""Guards: labels, hiring signals, cards and the ranker say what the marts say, and no more.

The marts are small tables made here, so that every figure can be checked by eye.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from dagster_project.cli import reliability
from dagster_project.settings import Settings
from dagster_project.training.artifacts import export_artifact
from dagster_project.training.artifacts.cards import safe_name, write_cards
from dagster_project.training.artifacts.comparing_models import BradleyTerry, compare_models
from dagster_project.training.artifacts.hiring import write_hiring_signals
from dagster_project.training.artifacts.labels import write_labels
from dagster_project.training.artifacts.published import Published

pytestmark = pytest.mark.xdist_group("training")

AGENT_ID = "we|rd <b>`agent`"

MARTS = f"""
    create table warehouse_build as
        select 'acme' as organization_id, 'b1' as build_id, 's1' as snapshot_sha256, date '2026-03-01' as as_of;
    create table failure_modes as from (values
        ('TOOL.TIMEOUT', 'TOOL', 'A tool took too long', 'high'),
        ('UNKNOWN.UNCLASSIFIED', 'UNKNOWN', 'No code', 'low')
    ) as modes (code, category, title, severity);
    create table agent_errors as from (values
        ('acme', 'f1', 'g1', 'TOOL.TIMEOUT', null::varchar, 'tool', 'tool_call', null,
            'no answer for ann@example.com', null, 'e1,e2', 0.9e0, 2, 2),
        ('acme', 'f2', 'g2', 'UNKNOWN.UNCLASSIFIED', null, 'tool', 'tool_call', null, 'odd', null,
            'e3', 0.1e0, 1, 1)
    ) as errors (organization_id, fingerprint, group_id, code, code_declared, source, phase, http_status,
        message_normalized, top_frame, sample_error_ids, confidence, error_count, run_count);
    create table agent_runs as from (values
        ('acme', 'r1', 'clerk', 'v1', timestamp '2026-02-01', 'TOOL.TIMEOUT'),
        ('acme', 'r2', 'clerk', 'v2', timestamp '2026-02-02', null),
        ('acme', 'r3', 'clerk', 'v1', timestamp '2026-02-03', 'TOOL.TIMEOUT'),
        ('acme', 'r4', 'clerk', null, timestamp '2026-02-04', null)
    ) as runs (organization_id, run_id, agent_id, agent_version, occurred_at, failure_code);
    alter table agent_runs add column started_at timestamp;
    create table scores as from (values
        ('acme', 'r1', 'x1', 'review', 'left a key sk-ant-api03-{"a1B2" * 20}', 0e0, 'human', true, 'f', 0, 9),
        ('acme', 'r2', 'x2', 'review', null, 1.0, 'human', true, 'f', 9, 9),
        ('acme', 'r2', 'x3', 'review', 'taken back', 0e0, 'human', false, 'f', 18, 9),
        ('acme', 'r2', 'x4', 'quality', null, 0.4, 'llm', true, 'f', 27, 9)
    ) as scores (organization_id, run_id, score_id, name, label, value, scorer_kind, is_current, source_file_sha256,
        byte_offset, byte_length);
    create table hiring_scores as
        select 'acme' as organization_id, 'clerk' as agent_id, 'general' as capability, 'all' as window_name,
            0.5 as hiring_score, 0.25 as hiring_score_low, true as score_complete, 0.5 as success_rate,
            0.15 as success_rate_low, 4 as scored_run_count, null::double as hallucination_rate,
            0 as hallucination_judged_count, null::double as percentile_rank, null::double as percentile_rank_low;
    create table agent_leaderboard as
        select 'acme' as organization_id, 'clerk' as agent_id, 'general' as capability, 'all' as window_name,
            'insufficient' as gate, 'fewer than 20 runs' as gate_reason, 1 as place, 1 as cohort_size,
            40.0 as reliability_score;
    create table agent_metrics as
        select 'acme' as organization_id, agent_id, 'all' as window_name, 4 as run_count, 4 as scored_run_count,
            2 as success_count, 0.5 as success_rate, 0.15 as success_rate_low, 0.85 as success_rate_high,
            null::double as hallucination_rate, 0 as hallucination_judged_count, 0.0 as dispute_rate,
            null::double as retry_rate, 10.0 as latency_p50_ms, 20.0 as latency_p95_ms,
            15.0 as latency_p95_low_ms, 30.0 as latency_p95_high_ms, 4 as latency_known_count,
            0.25::decimal(18,9) as avg_cost_usd, 0.5::decimal(18,9) as cost_per_success_usd, 0 as unpriced_run_count,
            0 as infra_run_count, 0 as unscored_run_count, 0 as cancelled_run_count
        from (values ('clerk'), ('{AGENT_ID}'), ('../../etc')) as agents (agent_id);
    create table agent_percentile_ranks as
        select 'acme' as organization_id, 'clerk' as agent_id, 'general' as capability, 'all' as window_name,
            'success_rate' as metric, 0.5 as value, null::double as percentile_rank,
            null::double as percentile_rank_low, null::double as percentile_rank_high, 1 as cohort_size,
            'insufficient' as gate, 'fewer than 20 runs' as gate_reason;
"""


@pytest.fixture
def published() -> Iterator[Published]:
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        yield Published(connection)


def test_errors_with_a_code_are_labelled_and_scrubbed(published: Published, tmp_path: Path) -> None:
    counts = write_labels(published, tmp_path)
    assert counts == {"errors": 1, "reviews": 2, "scrubbed": 2, "without_code": 1}
    [row] = pq.read_table(tmp_path / "errors.parquet").to_pylist()
    assert (row["failure_code"], row["label_source"], row["text"]) == (
        "TOOL.TIMEOUT",
        "pattern",
        "no answer for [EMAIL_1]",
    )
    assert row["sample_error_ids"] == ["e1", "e2"]


def test_verdicts_of_persons_are_labels_with_their_reason(published: Published, tmp_path: Path) -> None:
    write_labels(published, tmp_path)
    rows = pq.read_table(tmp_path / "reviews.parquet").to_pylist()
    assert [(row["run_id"], row["verdict"], row["reason"], row["failure_code"]) for row in rows] == [
        ("r1", "rejected", "left a key [API_KEY_1]", "TOOL.TIMEOUT"),
        ("r2", "accepted", None, None),
    ]


def test_a_hiring_signal_names_the_agents_version_and_its_parent(published: Published, tmp_path: Path) -> None:
    assert write_hiring_signals(published, tmp_path) == {"signals": 1}
    [signal] = json.loads((tmp_path / "hiring_signals.json").read_bytes())["signals"]
    assert (signal["agent_version"], signal["parent_version"], signal["generation"]) == ("v2", "v1", 2)
    assert (signal["hiring_score"], signal["gate"], signal["as_of"]) == (0.5, "insufficient", "2026-03-01")
    assert pq.read_table(tmp_path / "hiring_signals.parquet").num_rows == 1


def test_a_card_has_figures_with_intervals_and_the_shares_of_failures(published: Published, tmp_path: Path) -> None:
    assert write_cards(published, tmp_path) == {"agents": 3}
    card = json.loads((tmp_path / "acme" / "clerk.json").read_bytes())
    assert card["top_failures"] == [
        {"code": "TOOL.TIMEOUT", "title": "A tool took too long", "severity": "high", "run_count": 2, "share": 0.5}
    ]
    assert (card["metrics"][0]["success_rate_low"], card["metrics"][0]["avg_cost_usd"]) == (0.15, 0.25)
    assert (
        "| all | 4 | 4 | 50.0% | 15.0% to 85.0% | 20 ms | 15 to 30 ms | 0.5000 USD |"
        in (tmp_path / "acme" / "clerk.md").read_text()
    )
    schema = json.loads((tmp_path / "schema.json").read_bytes())
    assert set(card) == set(schema["$defs"]["Card"]["required"])


def test_an_agents_id_is_no_path_and_no_markup(published: Published, tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    write_cards(published, tmp_path / "cards")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 7
    assert all(path.is_relative_to(tmp_path / "cards") for path in files)
    pages = "".join(path.read_text() for path in files if path.suffix == ".md")
    assert "<b>" not in pages and "we¦rd ‹b›'agent'" in pages


def test_ids_that_differ_only_in_case_get_different_files() -> None:
    names = [safe_name(name) for name in ("clerk", "Clerk", "CLERK", "schema", "..", "a/b", "a-b", "x" * 200)]
    assert names[0] == "clerk"
    assert len({name.casefold() for name in names}) == len(names)
    assert all("/" not in name and not name.startswith(".") for name in names)


def pairs(count: int, *, right: float) -> tuple[np.ndarray, list[str]]:
    """Two pairs a task; of a share of tasks both features together tell right, one alone tells half of them."""
    draw = np.random.default_rng(7)
    base = draw.normal(size=(count, 2))
    # Right where the sum is negative: either feature alone is a poor guide.
    sums = base.sum(axis=1)
    told = np.where(draw.random(count) < right, -1.0, 1.0)
    return base * (np.sign(sums) * told)[:, None], [f"t{number // 2}" for number in range(count)]


def test_a_ranker_is_usable_when_it_beats_every_rule_by_more_than_chance() -> None:
    differences, tasks = pairs(1200, right=0.97)
    found = compare_models(differences, tasks, features=("cost", "time"))
    assert found.is_usable
    assert found.models[0].low > max(one.accuracy for one in found.baselines)
    assert len(found.baselines) == 3


def test_a_ranker_of_noise_is_not_usable() -> None:
    draw = np.random.default_rng(11)
    found = compare_models(draw.normal(size=(400, 2)), [f"t{n}" for n in range(400)], features=("cost", "time"))
    assert not found.is_usable
    assert found.verdict().startswith("Not usable: ")


def test_what_a_rule_tells_as_well_needs_no_model() -> None:
    differences = np.column_stack([np.full(200, -1.0), np.zeros(200)])
    found = compare_models(differences, [f"t{n}" for n in range(200)], features=("cost", "time"))
    assert (found.is_usable, found.best_baseline) == (False, "less cost")


def test_bradley_terry_finds_the_weight_of_a_single_feature() -> None:
    """With one feature of ±1, n wins and m losses, the penalised optimum solves n·s(-w) - m·s(w) = w."""
    weight = BradleyTerry(np.array([[1.0]] * 3 + [[-1.0]])).parameters(("x",))["x"]
    # At w = 0.5052: s(w) = 0.62369, and 3·0.37631 - 0.62369 = 0.50524.
    assert weight == pytest.approx(0.5052, abs=1e-3)


def test_too_few_tasks_give_an_honest_report(world: Settings, tmp_path: Path) -> None:
    summary = export_artifact(world, "ranker", out=tmp_path)
    report = json.loads((tmp_path / "ranker" / "report.json").read_bytes())
    assert (report["is_usable"], report["comparison"], report["pair_count"]) == (False, None, 2)
    assert json.loads((tmp_path / "ranker" / "model.json").read_bytes())["model"] is None
    assert (summary.is_changed, export_artifact(world, "ranker", out=tmp_path).is_changed) == (True, False)
    assert {path.name for path in tmp_path.iterdir()} == {".export.lock", "ranker"}


def test_the_command_writes_one_artifact(world: Settings, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        reliability, ["export", "ranker", "--out", str(tmp_path)], env={"RELIABILITY_HOME": str(world.home)}
    )
    assert result.stdout == f"ranker: pairs 2, tasks 1: {tmp_path}/ranker\n"
