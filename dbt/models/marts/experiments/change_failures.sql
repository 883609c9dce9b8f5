{# Days after a change in which an incident counts as its failure. #}
{% set blame_days = 7 %}

with

rollouts as (

    select * from {{ ref('int_rollouts') }}

),

incidents as (

    select
        organization_id,
        event_id,
        agent_id,
        occurred_at,
        {{ json_field('payload', 'change_id') }} as change_id
    from {{ ref('stg_events') }}
    where
        event_type = 'incident'
        and coalesce({{ json_field('payload', 'action') }}, 'opened') = 'opened'

),

changes as (

    select
        organization_id,
        change_id,
        min(agent_id) as agent_id,
        min(started_at) as deployed_at,
        min(rolled_back_at) as rolled_back_at
    from rollouts
    where
        kind in ('canary', 'full')
        and started_at is not null
    group by 1, 2

),

-- An incident that names its change is that change's; one that names none is every recent change's to that
-- agent.
change_failures as (

    select
        changes.organization_id,
        changes.change_id,
        changes.agent_id,
        changes.deployed_at,
        changes.rolled_back_at,
        count(distinct incidents.event_id) as incident_count,
        min(incidents.occurred_at) as first_incident_at,
        count(distinct incidents.event_id) > 0 or changes.rolled_back_at is not null as is_failure
    from changes
    left join incidents
        on
            changes.organization_id = incidents.organization_id
            and (
                changes.change_id = incidents.change_id
                or (incidents.change_id is null and changes.agent_id = incidents.agent_id)
            )
            and changes.deployed_at <= incidents.occurred_at
            and {{ days_between('cast(changes.deployed_at as date)', 'cast(incidents.occurred_at as date)') }}
            <= {{ blame_days }}
    group by 1, 2, 3, 4, 5

)

select * from change_failures
