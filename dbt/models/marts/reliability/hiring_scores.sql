with

capability_metrics as (

    select * from {{ ref('int_capability_metrics') }}

),

ranks as (

    select * from {{ ref('agent_percentile_ranks') }}
    where metric = 'reliability_score'

),

thresholds as (

    select * from {{ ref('stg_declared_thresholds') }}

),

ranked_metrics as (

    select
        capability_metrics.*,
        thresholds.value as base_score,
        {{ wilson_bound(
            'capability_metrics.hallucination_rate * capability_metrics.hallucination_judged_count',
            'capability_metrics.hallucination_judged_count', 'high',
        ) }} as hallucination_rate_high,
        ranks.percentile_rank,
        ranks.percentile_rank_low
    from capability_metrics
    left join ranks
        on
            capability_metrics.organization_id = ranks.organization_id
            and capability_metrics.agent_id = ranks.agent_id
            and capability_metrics.capability = ranks.capability
            and capability_metrics.window_name = ranks.window_name
    left join thresholds on thresholds.name = 'hiring_base_score'

),

terms as (

    select
        organization_id,
        agent_id,
        capability,
        window_name,
        scored_run_count,
        hallucination_judged_count,
        coalesce(base_score, 0e0) as base_score,
        success_rate,
        hallucination_rate,
        percentile_rank,
        success_rate_low,
        hallucination_rate_high,
        percentile_rank_low,
        30e0 * success_rate as success_term,
        -20e0 * hallucination_rate as hallucination_term,
        2e-1 * percentile_rank as rank_term
    from ranked_metrics

),

hiring_scores as (

    select
        *,
        base_score + success_term + hallucination_term + rank_term as hiring_score,
        base_score + 30e0 * success_rate_low - 20e0 * hallucination_rate_high + 2e-1 * percentile_rank_low
            as hiring_score_low,
        success_term + hallucination_term + rank_term is not null as score_complete
    from terms

)

select * from hiring_scores
