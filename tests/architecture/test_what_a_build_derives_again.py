"""A build derives a slice of the records again; only models that keep history by date may be made from it.

Any other table would show the slice alone after the next build. To read all runs read int_runs, all errors int_errors,
all steps, calls, messages and scores their marts.
"""

import re
from pathlib import Path

import yaml

from dagster_project.publishing.slices import SLICED_TABLES
from tests.architecture.test_who_may_read_whom_in_dbt import DBT, LAYER_OF, MODELS, REF, _sql

# Models of single runs and records: what they hold is the slice, and nothing but such models may read them.
SLICES = {
    *(f"stg_{table}" for table in SLICED_TABLES),
    "stg_affected_dates", "stg_affected_runs",
    "int_runs_folded", "int_run_failures", "int_run_results", "int_run_capabilities", "int_run_facts", "int_dated_runs",
    "int_scores", "int_run_scores", "int_error_texts", "int_error_matches", "int_error_classes", "int_coded_errors",
    "int_repeated_calls", "int_llm_calls", "int_token_usage", "int_model_prices", "int_run_usage", "int_tool_calls",
    "int_run_activity",
    "int_conversation_turns", "int_conversation_calls", "int_conversation_messages", "int_conversation_payloads",
    "int_conversation_violations", "int_conversations", "int_verified_runs", "int_training_consent",
}  # fmt: skip
BY_NAME = {path.stem: path for path in MODELS}


def _keeps_history(path: Path) -> bool:
    """By its own config, else by that of its folder."""
    own = re.search(r"materialized='(\w+)'", path.read_text(encoding="utf-8"))
    if own:
        return own.group(1) == "incremental"
    config = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))["models"]["reliability"]
    kinds = [config.get("+materialized")]
    for folder in path.relative_to(DBT / "models").parts[:-1]:
        config = config.get(folder, {})
        kinds.append(config.get("+materialized"))
    return [kind for kind in kinds if kind][-1] == "incremental"


def test_what_is_made_of_a_slice_is_a_slice_or_keeps_history() -> None:
    made_of = {name: set(REF.findall(_sql(path))) & SLICES for name, path in BY_NAME.items() if name not in SLICES}
    wrong = {name: slices for name, slices in made_of.items() if slices and not _keeps_history(BY_NAME[name])}
    assert wrong == {}


def test_a_slice_keeps_no_history() -> None:
    assert [name for name in sorted(SLICES) if _keeps_history(BY_NAME[name])] == []


def test_no_mart_is_a_slice() -> None:
    assert [name for name in sorted(SLICES) if LAYER_OF[name] == "marts"] == []


def test_history_is_kept_by_date() -> None:
    """The date that is replaced is a column of the model, or of all that it reads whole."""
    kept = {name: _sql(path) for name, path in BY_NAME.items() if _keeps_history(path)}
    assert len(kept) > 10
    assert [name for name, sql in kept.items() if not re.search(r"event_date|select \* from \{\{ ref", sql)] == []


def test_windows_and_periods_add_up_days_and_read_no_run_of_history() -> None:
    folded = ("agent_metrics", "int_capability_metrics", "int_organization_metrics", "int_period_metrics")
    read = {model for name in folded for model in REF.findall(_sql(BY_NAME[name]))}
    assert read == {"int_agent_windows", "int_task_windows", "int_agent_days", "int_agent_day_tasks"}
