{% set metrics = [
    {'name': 'success_rate', 'count': 'effective_run_count', 'kind': 'rate', 'higher_is_better': true},
    {'name': 'hallucination_rate', 'count': 'hallucination_judged_count', 'kind': 'rate'},
    {'name': 'retry_rate', 'count': 'retry_known_count', 'kind': 'rate'},
    {'name': 'dispute_rate', 'count': 'run_count', 'kind': 'rate'},
    {'name': 'avg_latency_ms', 'count': 'latency_known_count', 'kind': 'mean', 'spread': 'latency_stddev_ms'},
    {'name': 'avg_cost_usd', 'count': 'priced_run_count', 'kind': 'mean', 'spread': 'cost_stddev_usd'},
    {'name': 'latency_p95_ms', 'count': 'latency_known_count', 'kind': 'quantile'},
    {'name': 'cost_per_success_usd', 'count': 'effective_run_count', 'kind': 'other'},
] %}

with

capability_metrics as (

    select
        *,
        run_count - unpriced_run_count as priced_run_count
    from {{ ref('int_capability_metrics') }}

),

decayed_scores as (

    select * from {{ ref('int_decayed_scores') }}

),

-- Every metric that agents are ranked by, and the runs behind it. Rates have the Wilson interval, means the
-- t interval on the logarithm, percentiles that of order statistics, the reliability score its posterior
-- one; a ratio of sums has none here.
metric_values as (

    {% for metric in metrics -%}
        {{ 'union all' if not loop.first }}
        select
            organization_id,
            agent_id,
            capability,
            window_name,
            '{{ metric.name }}' as metric,
            {{ 'true' if metric.higher_is_better else 'false' }} as higher_is_better,
            cast({{ metric.name }} as double) as value,
            {{ interval_bound(metric, 'low') }} as value_low,
            {{ interval_bound(metric, 'high') }} as value_high,
            cast({{ metric.count }} as double) as effective_run_count
        from capability_metrics
    {% endfor %}
    union all

    select
        organization_id,
        agent_id,
        capability,
        window_name,
        'reliability_score' as metric,
        true as higher_is_better,
        reliability_score as value,
        reliability_score_low as value_low,
        reliability_score_high as value_high,
        decayed_run_count as effective_run_count
    from decayed_scores

)

select * from metric_values
