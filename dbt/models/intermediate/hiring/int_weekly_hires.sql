with

hires as (

    select
        organization_id,
        agent_id,
        coalesce({{ json_field('payload', 'capability') }}, 'general') as capability,
        {{ first_day_of('week', 'local_date') }} as week_start,
        {{ json_field('payload', 'disputed') }} = 'true' as is_disputed
    from {{ ref('int_events') }}
    where
        event_type = 'hire'
        and agent_id is not null
        and local_date is not null

),

weekly_hires as (

    select
        organization_id,
        agent_id,
        capability,
        week_start,
        count(*) as hire_count,
        count(case when is_disputed then 1 end) as disputed_count
    from hires
    group by 1, 2, 3, 4

),

hired_weeks as (

    select distinct
        organization_id,
        capability,
        week_start
    from weekly_hires

),

-- Who was hired the week before has a row too: to fall to nothing is to lose share.
considered_agents as (

    select
        organization_id,
        agent_id,
        capability,
        week_start
    from weekly_hires

    union distinct

    select
        weekly_hires.organization_id,
        weekly_hires.agent_id,
        weekly_hires.capability,
        hired_weeks.week_start
    from weekly_hires
    inner join hired_weeks
        on
            weekly_hires.organization_id = hired_weeks.organization_id
            and weekly_hires.capability = hired_weeks.capability
            and weekly_hires.week_start = {{ days_before('hired_weeks.week_start', 7) }}

),

agent_weeks as (

    select
        considered_agents.*,
        coalesce(weekly_hires.hire_count, 0) as hire_count,
        coalesce(weekly_hires.disputed_count, 0) as disputed_count,
        sum(weekly_hires.hire_count) over (
            partition by
                considered_agents.organization_id, considered_agents.capability, considered_agents.week_start
        ) as cohort_hire_count
    from considered_agents
    left join weekly_hires
        on
            considered_agents.organization_id = weekly_hires.organization_id
            and considered_agents.agent_id = weekly_hires.agent_id
            and considered_agents.capability = weekly_hires.capability
            and considered_agents.week_start = weekly_hires.week_start

),

shares as (

    select
        *,
        cast(hire_count as double) / cohort_hire_count as hire_share
    from agent_weeks

),

changed_shares as (

    select
        shares.*,
        -- Who was not hired in a week in which others were had a share of 0.
        case
            when week_before.week_start is not null
                then shares.hire_share - coalesce(earlier.hire_share, 0)
        end as hire_share_change
    from shares
    left join shares as earlier
        on
            shares.organization_id = earlier.organization_id
            and shares.agent_id = earlier.agent_id
            and shares.capability = earlier.capability
            and earlier.week_start = {{ days_before('shares.week_start', 7) }}
    left join hired_weeks as week_before
        on
            shares.organization_id = week_before.organization_id
            and shares.capability = week_before.capability
            and week_before.week_start = {{ days_before('shares.week_start', 7) }}

)

select * from changed_shares
