with

quarters as (

    select * from {{ ref('int_period_metrics') }}
    where period = 'quarter'

),

-- What was observed, without a claim: agents change what they are asked to do as well.
improvement_velocity as (

    select
        quarters.organization_id,
        quarters.agent_id,
        quarters.first_date as quarter_start,
        quarters.scored_run_count,
        quarters.success_rate,
        quarters.success_rate_low,
        quarters.success_rate_high,
        quarters.cost_per_success_usd,
        quarters.latency_p95_ms,
        quarters.success_rate - earlier.success_rate as success_rate_change,
        cast(earlier.cost_per_success_usd as double)
        / nullif(cast(quarters.cost_per_success_usd as double), 0)
            as cost_improvement,
        earlier.latency_p95_ms / nullif(quarters.latency_p95_ms, 0) as latency_improvement
    from quarters
    left join quarters as earlier
        on
            quarters.organization_id = earlier.organization_id
            and quarters.agent_id = earlier.agent_id
            and earlier.first_date = {{ first_day_of('quarter', days_before('quarters.first_date', 1)) }}

)

select * from improvement_velocity
