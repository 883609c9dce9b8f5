with

events as (

    select
        organization_id,
        event_id,
        occurred_at,
        event_date,
        {{ json_field('payload', 'intent_type') }} as intent_type,
        {{ json_field('payload', 'tool_name') }} as tool_name,
        {{ json_texts('payload', 'unexpected_fields') }} as unexpected_fields,
        {{ json_texts('payload', 'expected_fields') }} as expected_fields
    from {{ ref('stg_events') }}
    where event_type = 'schema_mismatch'

),

unexpected_fields as (

    select *
    from {{ unnested_list('events', 'unexpected_fields', 'from_field', 'unexpected_place') }}

),

-- Every unexpected field beside every expected one: which belong together is told by their names.
field_pairs as (

    select *
    from
        {{ unnested_list('unexpected_fields', 'expected_fields', 'to_field', 'expected_place') }}

),

field_mismatches as (

    select
        organization_id,
        event_id,
        coalesce(intent_type, '') as intent_type,
        coalesce(tool_name, '') as tool_name,
        from_field,
        to_field,
        1e0 - cast({{ edit_distance(
            "lower(replace(replace(from_field, '_', ''), '-', ''))",
            "lower(replace(replace(to_field, '_', ''), '-', ''))"
        ) }} as double) / greatest(
            length(replace(replace(from_field, '_', ''), '-', '')),
            length(replace(replace(to_field, '_', ''), '-', '')),
            1
        ) as similarity,
        occurred_at,
        event_date
    from field_pairs
    where
        length(from_field) <= 200
        and length(to_field) <= 200

)

select * from field_mismatches
