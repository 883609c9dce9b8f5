{% set cohort = ['organization_id', 'capability', 'window_name', 'metric'] %}

with

ranked_values as (

    select * from {{ ref('int_ranked_values') }}

),

-- Ends of intervals in order: before an agent's own low end lie the high ends of those surely worse,
-- after its own high end the low ends of those surely better. A running count finds both, without
-- comparing pairs.
interval_ends as (

    select
        organization_id,
        agent_id,
        capability,
        window_name,
        metric,
        merit_low as probe_below,
        merit_high as probe_above,
        0 as is_end
    from ranked_values
    where merit_low is not null

    union all

    select
        organization_id,
        agent_id,
        capability,
        window_name,
        metric,
        merit_high as probe_below,
        merit_low as probe_above,
        1 as is_end
    from ranked_values
    where merit_low is not null

),

running_counts as (

    select
        *,
        sum(is_end) over (
            partition by {{ cohort | join(', ') }}
            order by probe_below, is_end
            rows between unbounded preceding and current row
        ) as worse_count,
        sum(is_end) over (
            partition by {{ cohort | join(', ') }}
            order by probe_above desc, is_end asc
            rows between unbounded preceding and current row
        ) as better_count
    from interval_ends

),

sure_counts as (

    select * from running_counts
    where is_end = 0

),

ranks as (

    select
        ranked_values.organization_id,
        ranked_values.agent_id,
        ranked_values.capability,
        ranked_values.window_name,
        ranked_values.metric,
        ranked_values.value,
        ranked_values.value_low,
        ranked_values.value_high,
        ranked_values.effective_run_count,
        case
            when ranked_values.gate in ('provisional', 'ranked')
                then {{ percentile_rank(
                    'ranked_values.merit',
                    ['ranked_values.organization_id', 'ranked_values.capability',
                     'ranked_values.window_name', 'ranked_values.metric'],
                ) }}
        end as percentile_rank,
        case
            when ranked_values.gate in ('provisional', 'ranked')
                then {{ mid_rank('sure_counts.worse_count', 1, 'ranked_values.cohort_size') }}
        end as percentile_rank_low,
        case
            when ranked_values.gate in ('provisional', 'ranked')
                then {{ mid_rank(
                    'ranked_values.cohort_size - sure_counts.better_count - 1', 1, 'ranked_values.cohort_size'
                ) }}
        end as percentile_rank_high,
        ranked_values.cohort_size,
        cast(
            ranked_values.cohort_size - sure_counts.worse_count - sure_counts.better_count - 1 as bigint
        ) as tied_count,
        ranked_values.gate,
        ranked_values.gate_reason
    from ranked_values
    left join sure_counts
        on
            ranked_values.organization_id = sure_counts.organization_id
            and ranked_values.agent_id = sure_counts.agent_id
            and ranked_values.capability = sure_counts.capability
            and ranked_values.window_name = sure_counts.window_name
            and ranked_values.metric = sure_counts.metric

)

select * from ranks
