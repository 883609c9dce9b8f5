"""Which rows of a dataset that was exported earlier may no longer be used, by what is published now."""

from pathlib import Path

import duckdb
import msgspec
import pyarrow.parquet as pq

from dagster_project.publishing.read import open_published
from dagster_project.settings import Settings

# Reasons that take back what was allowed once. A better run of the task takes nothing back.
_WITHDRAWN = (
    "payload_missing", "training_not_allowed", "open_dispute", "hallucination", "policy_violation", "protected_task",
)  # fmt: skip

_GONE = """
    select used.lineage_id, used.organization_id, used.run_id,
        case when runs.run_id is null then 'run_deleted' else min(refusals.reason) end as reason
    from used
    left join agent_runs as runs on used.organization_id = runs.organization_id and used.run_id = runs.run_id
    left join export_refusals as refusals
        on used.organization_id = refusals.organization_id
        and used.run_id = refusals.run_id
        and list_contains($withdrawn, refusals.reason)
    where runs.run_id is null or refusals.reason is not null
    group by used.lineage_id, used.organization_id, used.run_id, runs.run_id
    order by all
"""


class Invalidated(msgspec.Struct, frozen=True, kw_only=True):
    """A row that must go, and the run that it stands or falls with. `reason`: run_deleted, or why it is refused."""

    lineage_id: str
    organization_id: str
    run_id: str
    reason: str


def invalidated_rows(settings: Settings, folder: Path) -> list[Invalidated]:
    """Rows of the dataset folder whose run is deleted by now, or whose texts expired or may not be used any more.

    Raises UsageError when nothing is published.
    """
    used = pq.read_table(folder / "lineage.parquet", columns=["lineage_id", "organization_id", "run_id"])
    with open_published(settings) as published:
        published.register("used", duckdb.from_arrow(used, connection=published).distinct().to_arrow_table())
        rows = published.execute(_GONE, {"withdrawn": list(_WITHDRAWN)}).fetchall()
    names = Invalidated.__struct_fields__
    return [Invalidated(**dict(zip(names, row, strict=True))) for row in rows]
