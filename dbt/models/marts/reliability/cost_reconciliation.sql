with

runs as (

    select * from {{ ref('int_runs') }}

),

-- Where both are known they can be compared; a provider's figure is always the one that counts.
priced_runs as (

    select
        organization_id,
        agent_id,
        coalesce(model, '') as model,
        case when cost_source = 'provider' then cost_usd end as provider_cost,
        computed_cost_usd as computed_cost,
        case
            when cost_source = 'provider' and computed_cost_usd is not null then cost_usd
        end as compared_provider_cost,
        case
            when cost_source = 'provider' and cost_usd is not null then computed_cost_usd
        end as compared_computed_cost,
        cost_usd,
        unpriced_call_count
    from runs

),

totals as (

    select
        organization_id,
        agent_id,
        model,
        count(*) as run_count,
        count(provider_cost) as provider_priced_run_count,
        count(computed_cost) as computed_priced_run_count,
        count(compared_provider_cost) as compared_run_count,
        count(*) - count(cost_usd) as unpriced_run_count,
        cast(sum(unpriced_call_count) as bigint) as unpriced_call_count,
        {{ cast_or_null('sum(provider_cost)', 'decimal(18, 9)') }} as provider_cost_usd,
        {{ cast_or_null('sum(computed_cost)', 'decimal(18, 9)') }} as computed_cost_usd,
        {{ cast_or_null('sum(compared_provider_cost)', 'decimal(18, 9)') }} as compared_provider_cost_usd,
        {{ cast_or_null('sum(compared_computed_cost)', 'decimal(18, 9)') }} as compared_computed_cost_usd
    from priced_runs
    group by 1, 2, 3

),

reconciliation as (

    select
        *,
        cast(compared_computed_cost_usd - compared_provider_cost_usd as decimal(18, 9)) as difference_usd,
        cast(compared_computed_cost_usd as double) / nullif(cast(compared_provider_cost_usd as double), 0)
            as computed_per_provider
    from totals

)

select * from reconciliation
