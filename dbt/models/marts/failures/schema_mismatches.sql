with

events as (

    select
        organization_id,
        event_id,
        run_id,
        agent_id,
        {{ json_field('payload', 'intent_type') }} as intent_type,
        {{ json_field('payload', 'tool_name') }} as tool_name,
        {{ json_field('payload', 'path') }} as path,
        {{ json_field('payload', 'code') }} as error_code,
        {{ json_field('payload', 'expected') }} as expected,
        {{ json_field('payload', 'received') }} as received,
        {{ json_field('payload', 'expected_fields') }} as expected_fields,
        {{ json_field('payload', 'unexpected_fields') }} as unexpected_fields,
        event_date,
        occurred_at
    from {{ ref('stg_events') }}
    where event_type = 'schema_mismatch'

),

tool_calls as (

    select * from {{ ref('tool_calls') }}
    where not arguments_valid

),

unmapped_fields as (

    select * from {{ ref('stg_unmapped_fields') }}

),

runs as (

    select * from {{ ref('agent_runs') }}

),

recorded_mismatches as (

    select
        events.organization_id,
        events.event_id as mismatch_id,
        'recorded' as kind,
        events.run_id,
        coalesce(events.agent_id, runs.agent_id) as agent_id,
        events.intent_type,
        events.tool_name,
        events.expected_fields,
        events.unexpected_fields,
        events.path,
        events.error_code,
        events.expected,
        events.received,
        cast(1 as bigint) as mismatch_count,
        events.event_date,
        events.occurred_at
    from events
    left join runs
        on
            events.organization_id = runs.organization_id
            and events.run_id = runs.run_id

),

invalid_arguments as (

    select
        tool_calls.organization_id,
        tool_calls.tool_call_id || '@' || tool_calls.event_id as mismatch_id,
        'tool_arguments' as kind,
        tool_calls.run_id,
        runs.agent_id,
        cast(null as string) as intent_type,
        tool_calls.tool_name,
        cast(null as string) as expected_fields,
        cast(null as string) as unexpected_fields,
        cast(null as string) as path,
        tool_calls.error_type as error_code,
        cast(null as string) as expected,
        cast(null as string) as received,
        cast(1 as bigint) as mismatch_count,
        tool_calls.event_date,
        tool_calls.occurred_at
    from tool_calls
    left join runs
        on
            tool_calls.organization_id = runs.organization_id
            and tool_calls.run_id = runs.run_id

),

-- Fields that no column takes, by day: a log may bring as many as it has lines.
unknown_fields as (

    select
        organization_id,
        {{ text_sha256(
            "record_kind || '/' || field_name || '/' || coalesce(cast(event_date as string), '')"
        ) }} as mismatch_id,
        'record_schema' as kind,
        cast(null as string) as run_id,
        cast(null as string) as agent_id,
        record_kind as intent_type,
        cast(null as string) as tool_name,
        cast(null as string) as expected_fields,
        field_name as unexpected_fields,
        cast(null as string) as path,
        cast(null as string) as error_code,
        cast(null as string) as expected,
        min(field_type) as received,
        count(*) as mismatch_count,
        event_date,
        min(occurred_at) as occurred_at
    from unmapped_fields
    group by organization_id, record_kind, field_name, event_date

),

schema_mismatches as (

    select * from recorded_mismatches

    union all

    select * from invalid_arguments

    union all

    select * from unknown_fields

)

select * from schema_mismatches
