with

incidents as (

    select
        organization_id,
        event_id,
        agent_id,
        run_id,
        occurred_at as opened_at
    from {{ ref('stg_events') }}
    where
        event_type = 'incident'
        and coalesce({{ json_field('payload', 'action') }}, 'opened') = 'opened'

),

finished_runs as (

    select
        organization_id,
        agent_id,
        run_id,
        coalesce(is_success, false) as is_success,
        coalesce(ended_at, occurred_at) as finished_at
    from {{ ref('int_runs') }}
    where
        population in ('scored', 'infra')
        and coalesce(ended_at, occurred_at) is not null

),

earlier_runs as (

    select
        incidents.organization_id,
        incidents.event_id,
        finished_runs.finished_at,
        finished_runs.is_success,
        max(case when finished_runs.is_success then finished_runs.finished_at end)
            over (partition by incidents.organization_id, incidents.event_id) as last_success_at
    from incidents
    inner join finished_runs
        on
            incidents.organization_id = finished_runs.organization_id
            and incidents.agent_id = finished_runs.agent_id
            and incidents.opened_at >= finished_runs.finished_at

),

-- All failures since the agent last succeeded: the trouble that the incident is about.
streaks as (

    select
        organization_id,
        event_id,
        min(finished_at) as first_failed_at,
        count(*) as failed_run_count
    from earlier_runs
    where
        not is_success
        and (last_success_at is null or finished_at > last_success_at)
    group by organization_id, event_id

),

-- An incident that names its run is about that run.
detections as (

    select
        incidents.*,
        coalesce(named_runs.finished_at, streaks.first_failed_at) as first_failed_at,
        case when named_runs.finished_at is not null then 1 else coalesce(streaks.failed_run_count, 0) end
            as failed_run_count
    from incidents
    left join finished_runs as named_runs
        on
            incidents.organization_id = named_runs.organization_id
            and incidents.run_id = named_runs.run_id
            and not named_runs.is_success
            and incidents.opened_at >= named_runs.finished_at
    left join streaks
        on
            incidents.organization_id = streaks.organization_id
            and incidents.event_id = streaks.event_id

),

incident_detections as (

    select
        *,
        {{ milliseconds_between('first_failed_at', 'opened_at') }} as detection_lag_ms
    from detections

)

select * from incident_detections
