with

failure_patterns as (

    select * from {{ ref('failure_patterns') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

failure_modes as (

    select * from {{ ref('failure_modes') }}

),

failure_histories as (

    select
        failure_patterns.organization_id,
        failure_patterns.code,
        failure_modes.title,
        failure_modes.severity,
        cast({{ total('failure_patterns.error_count') }} as bigint) as error_count,
        count(distinct failure_patterns.agent_id) as agent_count,
        count(distinct failure_patterns.event_date) as day_count,
        cast(coalesce({{ total('case
            when failure_patterns.event_date > ' ~ days_before('as_of.as_of', 7) ~ '
                then failure_patterns.error_count
        end') }}, 0) as bigint) as last_week_count,
        cast(coalesce({{ total('case
            when
                failure_patterns.event_date > ' ~ days_before('as_of.as_of', 14) ~ '
                and failure_patterns.event_date <= ' ~ days_before('as_of.as_of', 7) ~ '
                then failure_patterns.error_count
        end') }}, 0) as bigint) as week_before_count,
        min(failure_patterns.event_date) as first_seen_on,
        max(failure_patterns.event_date) as last_seen_on
    from failure_patterns
    inner join failure_modes on failure_patterns.code = failure_modes.code
    left join as_of on failure_patterns.organization_id = as_of.organization_id
    group by
        failure_patterns.organization_id, failure_patterns.code, failure_modes.title, failure_modes.severity

)

select * from failure_histories
