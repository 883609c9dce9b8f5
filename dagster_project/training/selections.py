"""Which rows of the published marts a dataset selects, and of which stretches of which runs they are made.

A span is a stretch of one run's messages that becomes one side of a row: `first_seq` NULL begins with the run's first.
"""

from dataclasses import dataclass

_PAIR_SPANS = """
    select lineage_id, 'prompt' as side, 1 as side_order, organization_id, chosen_run_id as run_id,
        cast(null as bigint) as first_seq, divergence_seq - 1 as last_seq
    from selected
    union all
    select lineage_id, 'chosen', 2, organization_id, chosen_run_id, divergence_seq, divergence_seq from selected
    union all
    select lineage_id, 'rejected', 3, organization_id, rejected_run_id, rejected_seq, rejected_seq from selected
"""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Two statements: `rows` over the marts, with a `sort_key`; `spans` over those rows, called `selected`."""

    rows: str
    spans: str


SELECTIONS: dict[str, Selection] = {
    "sft": Selection(
        # Recoveries last: of two rows that are alike the first stays, which is the whole conversation.
        rows="select *, case when example_kind = 'recovery' then 'r' else '' end || conversation_sha256 as sort_key "
        "from sft_examples",
        spans="""
            select lineage_id, 'messages' as side, 1 as side_order, organization_id, run_id,
                cast(null as bigint) as first_seq, last_message_seq as last_seq
            from selected
        """,
    ),
    "preferences": Selection(
        rows="select *, pair_sha256 as sort_key from preference_pairs where pair_kind = 'first_divergence'",
        spans=_PAIR_SPANS,
    ),
    "efficiency": Selection(
        rows="select *, pair_sha256 as sort_key from preference_pairs where pair_kind = 'efficiency'",
        spans=_PAIR_SPANS,
    ),
    "unpaired": Selection(
        rows="select *, conversation_sha256 as sort_key from unpaired_examples",
        spans="""
            select lineage_id, 'prompt' as side, 1 as side_order, organization_id, run_id,
                cast(null as bigint) as first_seq, completion_seq - 1 as last_seq
            from selected
            union all
            select lineage_id, 'completion', 2, organization_id, run_id, completion_seq, completion_seq from selected
        """,
    ),
    "prompts": Selection(
        rows="select *, prompt_sha256 as sort_key from task_prompts",
        spans="""
            select lineage_id, 'prompt' as side, 1 as side_order, organization_id, run_id,
                cast(null as bigint) as first_seq, last_prompt_seq as last_seq
            from selected
        """,
    ),
}
