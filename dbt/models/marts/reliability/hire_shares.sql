{% set cohort = ['organization_id', 'capability', 'week_start'] %}

with

hires as (

    select * from {{ ref('int_weekly_hires') }}

),

ranks as (

    select * from {{ ref('agent_percentile_ranks') }}
    where
        metric = 'reliability_score'
        and window_name = 'all'

),

shares as (

    select
        hires.*,
        ranks.value as reliability_score
    from hires
    left join ranks
        on
            hires.organization_id = ranks.organization_id
            and hires.agent_id = ranks.agent_id
            and hires.capability = ranks.capability

),

scored_shares as (

    select
        *,
        {{ mean_rank('reliability_score', cohort) }} as score_rank,
        {{ mean_rank('hire_share', cohort) }} as share_rank,
        count(*) over (partition by {{ cohort | join(', ') }}) as n
    from shares
    where reliability_score is not null

),

-- Ranks of n values have the mean (n + 1) / 2.
correlations as (

    select
        {{ cohort | join(', ') }},
        count(*) as correlated_agent_count,
        {{ correlation(
            'sum(power(score_rank - (n + 1) / 2e0, 2))',
            'sum((score_rank - (n + 1) / 2e0) * (share_rank - (n + 1) / 2e0))',
            'sum(power(share_rank - (n + 1) / 2e0, 2))',
        ) }} as score_share_correlation
    from scored_shares
    group by {{ cohort | join(', ') }}

),

hire_shares as (

    select
        shares.organization_id,
        shares.agent_id,
        shares.capability,
        shares.week_start,
        shares.hire_count,
        cast(shares.cohort_hire_count as bigint) as cohort_hire_count,
        shares.disputed_count,
        shares.hire_share,
        shares.hire_share_change,
        shares.reliability_score,
        coalesce(correlations.correlated_agent_count, 0) as correlated_agent_count,
        correlations.score_share_correlation
    from shares
    left join correlations
        on
            shares.organization_id = correlations.organization_id
            and shares.capability = correlations.capability
            and shares.week_start = correlations.week_start

)

select * from hire_shares
