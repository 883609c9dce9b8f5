with

agent_errors as (

    select * from {{ ref('agent_errors') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

nearest_codes as (

    select * from {{ ref('int_nearest_codes') }}

),

unknown_errors as (

    select * from agent_errors
    where code = 'UNKNOWN.UNCLASSIFIED'

),

-- What many runs meet comes before what one run repeats.
triage_queue as (

    select
        unknown_errors.organization_id,
        unknown_errors.fingerprint,
        unknown_errors.group_id,
        unknown_errors.source,
        unknown_errors.phase,
        unknown_errors.message_normalized,
        unknown_errors.top_frame,
        unknown_errors.sample_error_ids,
        nearest_codes.nearest_code,
        cast(row_number() over (
            partition by unknown_errors.organization_id
            order by
                unknown_errors.run_count desc,
                unknown_errors.agent_count desc,
                unknown_errors.error_count desc,
                unknown_errors.fingerprint asc
        ) as bigint) as triage_rank,
        unknown_errors.error_count,
        unknown_errors.run_count,
        unknown_errors.agent_count,
        nearest_codes.nearest_distance,
        {{ milliseconds_between(
            'cast(cast(unknown_errors.first_seen_at as date) as timestamp)', 'cast(as_of.as_of as timestamp)'
        ) }} / 86400000e0 as age_days,
        unknown_errors.first_seen_at,
        unknown_errors.last_seen_at
    from unknown_errors
    left join as_of on unknown_errors.organization_id = as_of.organization_id
    left join nearest_codes
        on
            unknown_errors.organization_id = nearest_codes.organization_id
            and unknown_errors.message_normalized = nearest_codes.message_normalized

)

select * from triage_queue
