with

errors as (

    select * from {{ ref('int_errors') }}

),

failure_modes as (

    select * from {{ ref('failure_modes') }}

),

escalations as (

    select * from {{ ref('escalations') }}

),

incidents as (

    select
        organization_id,
        occurred_at,
        {{ json_field('payload', 'code') }} as code,
        {{ json_field('payload', 'status') }} as status
    from {{ ref('stg_events') }}
    where event_type = 'incident'

),

critical_errors as (

    select
        errors.organization_id,
        errors.code,
        errors.occurred_at,
        errors.event_date
    from errors
    inner join failure_modes
        on
            errors.code = failure_modes.code
            and failure_modes.severity = 'critical'

),

first_escalations as (

    select
        organization_id,
        code,
        min(opened_on) as escalated_on
    from escalations
    group by 1, 2

),

-- A blocking code becomes a finding once it escalates; a critical one with its first error.
blocking_errors as (

    select
        errors.organization_id,
        errors.code,
        errors.occurred_at,
        errors.event_date
    from errors
    inner join failure_modes
        on
            errors.code = failure_modes.code
            and failure_modes.ci_behavior = 'blocking'
            and failure_modes.severity <> 'critical'
    inner join first_escalations
        on
            errors.organization_id = first_escalations.organization_id
            and errors.code = first_escalations.code
            and errors.event_date >= first_escalations.escalated_on

),

happenings as (

    select
        organization_id,
        code,
        'error' as status,
        coalesce(occurred_at, cast(event_date as timestamp)) as happened_at
    from critical_errors

    union all

    select
        organization_id,
        code,
        'error' as status,
        coalesce(occurred_at, cast(event_date as timestamp)) as happened_at
    from blocking_errors

    union all

    select
        organization_id,
        code,
        status,
        occurred_at as happened_at
    from incidents
    where
        code is not null
        and status in ('opened', 'acknowledged', 'closed')

),

moments as (

    select
        organization_id,
        code,
        min(case when status in ('error', 'opened') then happened_at end) as opened_at,
        max(case when status in ('error', 'opened') then happened_at end) as last_seen_at,
        max(case when status = 'acknowledged' then happened_at end) as acknowledged_at,
        max(case when status = 'closed' then happened_at end) as closed_at,
        count(case when status = 'error' then 1 end) as error_count
    from happenings
    group by 1, 2

),

-- An error after the closing opens the finding again.
findings as (

    select
        moments.organization_id,
        moments.code,
        failure_modes.severity,
        failure_modes.ci_behavior,
        failure_modes.runbook,
        case
            when moments.closed_at >= moments.last_seen_at then 'closed'
            when moments.closed_at is not null then 'reopened'
            when moments.acknowledged_at >= moments.opened_at then 'acknowledged'
            else 'open'
        end as state,
        moments.error_count,
        moments.opened_at,
        moments.last_seen_at,
        moments.acknowledged_at,
        moments.closed_at
    from moments
    inner join failure_modes on moments.code = failure_modes.code
    where moments.opened_at is not null

)

select * from findings
