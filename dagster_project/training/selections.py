"""Which rows of the published marts a dataset selects, and of which stretches of which runs they are made.

A span is a stretch of one run's messages that becomes one side of a row: `first_seq` NULL begins with the run's first.
"""

from dataclasses import dataclass

from dagster_project.training.datasets import SIDE_TEXT

# Of an output pair the turns are no messages: its spans are empty, and only name the runs.
_PAIR_SPANS = """
    select lineage_id, 'prompt' as side, 1 as side_order, organization_id, chosen_run_id as run_id,
        cast(null as bigint) as first_seq, divergence_seq - 1 as last_seq
    from selected
    union all
    select lineage_id, 'chosen', 2, organization_id, chosen_run_id, divergence_seq,
        case when pair_kind <> 'output' then divergence_seq end
    from selected
    union all
    select lineage_id, 'rejected', 3, organization_id, rejected_run_id, rejected_seq, rejected_seq from selected
"""

_PAIR_TEXTS = """
    select lineage_id, 'prompt' as side, 1 as side_order, organization_id, 0 as seq, 'user' as role,
        input_sha256 as text_sha256
    from selected where input_sha256 is not null
    union all
    select lineage_id, 'chosen', 2, organization_id, 0, 'assistant', chosen_output_sha256
    from selected where chosen_output_sha256 is not null
    union all
    select lineage_id, 'rejected', 3, organization_id, 0, 'assistant', rejected_output_sha256
    from selected where rejected_output_sha256 is not null
"""

_LAST_SEQ = 9223372036854775807
_SFT_TEXTS = f"""
    select lineage_id, 'messages' as side, 1 as side_order, organization_id, -1 as seq, 'user' as role,
        input_sha256 as text_sha256
    from selected where input_sha256 is not null
    union all
    select lineage_id, 'messages', 1, organization_id, {_LAST_SEQ}, 'assistant', output_sha256
    from selected where output_sha256 is not null
    union all
    select lineage_id, '{SIDE_TEXT}', 2, organization_id, 0, 'tool', verification_output_sha256
    from selected where verification_output_sha256 is not null
"""  # noqa: S608 - a constant

_NO_TEXTS = """
    select lineage_id, 'messages' as side, 1 as side_order, organization_id, 0 as seq, 'user' as role,
        lineage_id as text_sha256
    from selected where false
"""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Statements: `rows` over the marts, with a `sort_key`; over those rows, called `selected`, `spans` and `texts`.

    `texts` are messages that are none in the log: what a run was given, what it handed in, and what its verification
    printed.
    """

    rows: str
    spans: str
    texts: str = _NO_TEXTS


SELECTIONS: dict[str, Selection] = {
    "sft": Selection(
        # Conversations first: of two rows that are alike the first stays.
        rows="select *, case example_kind when 'conversation' then '' when 'output' then 'o' else 'r' end "
        "|| conversation_sha256 as sort_key from sft_examples",
        spans="""
            select lineage_id, 'messages' as side, 1 as side_order, organization_id, run_id,
                cast(null as bigint) as first_seq, last_message_seq as last_seq
            from selected
        """,
        texts=_SFT_TEXTS,
    ),
    "preferences": Selection(
        rows="select *, pair_sha256 as sort_key from preference_pairs where pair_kind <> 'efficiency'",
        spans=_PAIR_SPANS,
        texts=_PAIR_TEXTS,
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
