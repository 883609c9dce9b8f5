"""The statements of an export's scratch database, in the order in which they run.

None may need more memory than the database has, however many rows there are: one sort or join at a time, and no join
or subquery that holds back texts. One that says `$first` and `$last` runs for a lot of rows at a time
(`Workbench.execute`): a join of ten million by number takes twice the time, and spills. A table goes when nothing asks
for it any more: on disk it takes as much as the export, and in memory a few hundred bytes for each block of it, which
no bound counts.
"""

from dagster_project.training.selections import SELECTIONS

SPAN_MESSAGES = """
    select spans.lineage_id, spans.side, spans.side_order, messages.organization_id, messages.run_id, messages.seq,
        messages.role, messages.tool_call_ids, messages.content_sha256
    from spans
    inner join messages
        on
            spans.organization_id = messages.organization_id
            and spans.run_id = messages.run_id
            and coalesce(spans.first_seq, messages.seq) <= messages.seq
            and messages.seq <= spans.last_seq
"""

PARTS = """
    select lineage_id, side, side_order, organization_id, seq, 0 as call_number, role,
        tool_call_ids[1] as tool_call_id, cast(null as varchar) as tool_name, content_sha256 as text_sha256
    from span_messages
    union all
    select span_messages.lineage_id, side, side_order, span_messages.organization_id, seq, calls.call_number, role,
        calls.tool_call_id, calls.tool_name, calls.arguments_sha256
    from span_messages
    inner join calls
        on
            span_messages.organization_id = calls.organization_id
            and span_messages.run_id = calls.run_id
            and span_messages.seq = calls.message_seq
    union all
    select lineage_id, side, side_order, organization_id, seq, 0, role, cast(null as varchar), cast(null as varchar),
        text_sha256
    from given_texts
"""

# Only a text that still has the hash its fact carries is a text at all. Nothing here may hold back the texts, for there
# is no memory for them: a subquery about each row (`not exists`) does, and so does a join by two texts that is larger
# than memory. A join by a number is not, by a lot of them at a time; that two keys have the same one lets in a text
# that no part names.
TEXTS = """
    select payloads.organization_id, payloads.sha256, payloads.text
    from read_parquet($files) as payloads
    left join (
        select organization_id, max(as_of) as as_of from last_days group by organization_id
    ) as days on payloads.organization_id = days.organization_id
    where
        hash(payloads.organization_id, payloads.sha256) % $lots = $lot
        and hash(payloads.organization_id, payloads.sha256) in (
            select hash(organization_id, text_sha256) from parts
            where hash(organization_id, text_sha256) % $lots = $lot
            union all
            select hash(organization_id, content_sha256) from protected_prompts
        )
        and sha256(payloads.text) = payloads.sha256
        and not coalesce(payloads.expires_on <= days.as_of, false)
"""

# A text may have been landed several times.
TEXT_PLACES = """
    create table texts as
    select organization_id, sha256, min(first_byte) as first_byte, min(byte_count) as byte_count
    from text_places
    group by organization_id, sha256
"""

# Ordered by the content's own hash: equal rows meet, and the order is a shuffle that never changes. The empty text
# is known by its hash alone. Step by step, into tables: two joins and a sort share the memory of one statement, as do
# queries that are read from at once.
NUMBERED_PARTS: tuple[str, ...] = (
    """
    create table placed_parts as
    select
        parts.lineage_id, parts.side, parts.side_order, parts.seq, parts.call_number, parts.role, parts.tool_call_id,
        parts.tool_name, parts.text_sha256 is not null as needs_text,
        case when parts.text_sha256 = $empty then 0 else texts.first_byte end as first_byte,
        case when parts.text_sha256 = $empty then 0 else texts.byte_count end as byte_count
    from parts
    left join texts
        on parts.organization_id = texts.organization_id and parts.text_sha256 = texts.sha256
    """.replace("$empty", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
    "drop table parts",
    "drop table texts",
    """
    create table numbered_parts as
    select examples.position, placed_parts.* exclude (lineage_id)
    from placed_parts
    inner join examples on placed_parts.lineage_id = examples.lineage_id
    """,
    "drop table placed_parts",
)

# Sorted are the keys alone to number them, those between two bounds at a time: a window over whole rows takes five
# times as long, and one over ten million keys more memory than the database counts. In a statement of its own, as those
# that stand in one share its memory.
NUMBERS = """
    insert into numbers
    select rowid, ? + row_number() over (order by sort_key, lineage_id) - 1
    from selected
    where coalesce(sort_key, '~') >= ? and coalesce(coalesce(sort_key, '~') < ?, true)
"""
# Known from some thousand keys of each stretch. The first sorts before all, and '~' after: a key that is null is last.
BOUNDS = """
    with some_keys as (
        select {key} as key, row_number() over (order by {key}) as number
        from {table}
        where rowid % {step} = 0 and {key} is not null
    )
    select '' as bound
    union
    select key from some_keys where number % {keys} = 0
    order by bound
"""

NUMBERED_EXAMPLES: tuple[str, ...] = (
    "create table numbered_examples as select *, cast(null as bigint) as position from selected limit 0",
    """
    insert into numbered_examples
    select selected.*, numbers.position
    from selected
    inner join numbers on selected.rowid = numbers.place
    where selected.rowid >= $first and selected.rowid < $last and numbers.place >= $first and numbers.place < $last
    """,
)

# Rows lie in their order, so that a lot of them is read from its own place.
SORTED: dict[str, tuple[str, str]] = {
    "examples": ("numbered_examples", "position"),
    "ordered_parts": ("numbered_parts", "position, side_order, seq, call_number"),
}

EXAMPLES_BETWEEN = "from examples where position >= ? and position < ? order by position"
PARTS_BETWEEN = """
    select * exclude (side_order) from ordered_parts
    where position >= ? and position < ?
    order by position, side_order, seq, call_number
"""

PROTECTED_PLACES = """
    create table protected_places as
    select protected_prompts.suite_id, protected_prompts.task_id, texts.sha256, texts.first_byte, texts.byte_count
    from protected_prompts
    inner join texts
        on
            protected_prompts.organization_id = texts.organization_id
            and protected_prompts.content_sha256 = texts.sha256
"""

PROTECTED_TEXTS = """
    select suite_id, task_id, first_byte, byte_count from protected_places order by suite_id, task_id, sha256
"""

QUERIES: tuple[str, ...] = (
    *(one.spans + one.texts for one in SELECTIONS.values()),
    SPAN_MESSAGES,
    PARTS,
    TEXTS,
    *NUMBERED_PARTS,
    *(order for _, order in SORTED.values()),
)
"""Every statement that decides a row's texts: their hash stands in the manifest."""
