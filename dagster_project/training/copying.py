"""What an export takes of the published marts: copied once, so that a later publication cannot mix with it."""

import duckdb

from dagster_project.publishing.read import attached_published
from dagster_project.settings import Settings
from dagster_project.training.datasets import Dataset
from dagster_project.training.selections import SELECTIONS

_COPIES = {
    "messages": """
        select organization_id, run_id, seq, role, content_sha256, tool_call_ids, batch_id, source_file_sha256,
            byte_offset, byte_length
        from messages
        semi join exported_runs using (organization_id, run_id)
    """,
    "calls": """
        select organization_id, run_id, message_seq, call_number, tool_call_id, tool_name, arguments_sha256
        from example_tool_calls
        semi join exported_runs using (organization_id, run_id)
    """,
    "tool_calls": """
        select organization_id, run_id, batch_id, source_file_sha256, byte_offset, byte_length
        from tool_calls
        semi join exported_runs using (organization_id, run_id)
    """,
    "runs": """
        select organization_id, run_id, batch_id, source_file_sha256, byte_offset, byte_length from agent_runs
    """,
    "ledger": "select batch_id, min(source_path) as source_path from landing_ledger group by batch_id",
    "protected_prompts": "select organization_id, suite_id, task_id, content_sha256 from protected_prompts",
    "last_days": "select distinct organization_id, as_of from warehouse_build where as_of is not null",
    "build": "select distinct build_id, snapshot_number, snapshot_sha256 from warehouse_build",
}

_REFUSALS = "select organization_id, run_id, reason from export_refusals where dataset = $dataset"


def copy_selection(settings: Settings, dataset: Dataset, work: duckdb.DuckDBPyConnection) -> None:
    """Copy what the export needs of the published marts, so that a later publication cannot mix with it."""
    selection = SELECTIONS[dataset.name]
    runs = (
        f"with selected as ({selection.rows}), spans as ({selection.spans}), "  # noqa: S608 - texts of this package
        "exported_runs as (select distinct organization_id, run_id from spans) "
    )
    ((own,),) = work.execute("select current_database()").fetchall()
    # Within one database: handed over as batches, rows were read ahead, half a gigabyte of a million of them.
    with attached_published(settings, work):
        for table, sql in {"selected": selection.rows, **_COPIES}.items():
            work.execute(f"create table {own}.main.{table} as {runs}{sql}")
        work.execute(f"create table {own}.main.refusals as {_REFUSALS}", {"dataset": dataset.name})
