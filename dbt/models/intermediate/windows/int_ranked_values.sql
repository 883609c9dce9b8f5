{% set cohort = 'organization_id, capability, window_name, metric' %}

with

metric_values as (

    select * from {{ ref('int_metric_values') }}

),

thresholds as (

    select * from {{ ref('stg_declared_thresholds') }}

),

gates as (

    select
        max(case when name = 'rank_provisional_runs' then value end) as provisional_runs,
        max(case when name = 'rank_ranked_runs' then value end) as ranked_runs,
        max(case when name = 'rank_cohort_agents' then value end) as cohort_agents
    from thresholds

),

gated_values as (

    select
        metric_values.*,
        gates.cohort_agents,
        gates.provisional_runs,
        gates.ranked_runs,
        case
            when metric_values.value is null then 'insufficient'
            when coalesce(metric_values.effective_run_count, 0) < gates.provisional_runs then 'insufficient'
            when metric_values.effective_run_count < gates.ranked_runs then 'provisional'
            else 'ranked'
        end as own_gate
    from metric_values
    cross join gates

),

cohort_counts as (

    select
        *,
        sum(case when own_gate = 'ranked' then 1 else 0 end) over (partition by {{ cohort }}) as ranked_count,
        sum(case when own_gate = 'insufficient' then 0 else 1 end) over (
            partition by {{ cohort }}
        ) as cohort_size
    from gated_values

),

-- Turned so that more is better; NULL where the agent takes no part in the comparison.
compared_values as (

    select
        organization_id,
        agent_id,
        capability,
        window_name,
        metric,
        value,
        value_low,
        value_high,
        effective_run_count,
        cast(cohort_size as bigint) as cohort_size,
        case
            when own_gate <> 'insufficient' and ranked_count < cohort_agents then 'small_cohort'
            else own_gate
        end as gate,
        case
            when own_gate = 'insufficient' and value is null then 'its value is unknown'
            when own_gate = 'insufficient'
                then 'fewer than ' || cast(cast(provisional_runs as bigint) as string) || ' effective runs'
            when ranked_count < cohort_agents
                then
                    'fewer than ' || cast(cast(cohort_agents as bigint) as string)
                    || ' ranked agents in its cohort'
            when own_gate = 'provisional'
                then 'fewer than ' || cast(cast(ranked_runs as bigint) as string) || ' effective runs'
        end as gate_reason,
        case
            when own_gate = 'insufficient' then null
            when higher_is_better then value
            else -value
        end as merit,
        case
            when own_gate = 'insufficient' then null
            when higher_is_better then value_low
            else -value_high
        end as merit_low,
        case
            when own_gate = 'insufficient' then null
            when higher_is_better then value_high
            else -value_low
        end as merit_high
    from cohort_counts

)

select * from compared_values
