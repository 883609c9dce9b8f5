with

events as (

    select
        organization_id,
        {{ json_field('payload', 'tool_name') }} as tool_name,
        {{ json_field('payload', 'schema_sha256') }} as schema_sha256,
        {{ json_field('payload', 'tool_schema') }} as tool_schema,
        occurred_at
    from {{ ref('stg_events') }}
    where event_type = 'config'

),

hashed_schemas as (

    select
        organization_id,
        tool_name,
        coalesce(schema_sha256, {{ text_sha256('tool_schema') }}) as schema_sha256,
        occurred_at
    from events
    where tool_name is not null

),

versions as (

    select
        organization_id,
        tool_name,
        schema_sha256,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from hashed_schemas
    where schema_sha256 is not null
    group by organization_id, tool_name, schema_sha256

),

tool_schemas as (

    select
        organization_id,
        tool_name,
        schema_sha256,
        cast(row_number() over (
            partition by organization_id, tool_name order by first_seen_at asc nulls first, schema_sha256 asc
        ) as bigint) as version_number,
        first_seen_at,
        last_seen_at
    from versions

)

select * from tool_schemas
