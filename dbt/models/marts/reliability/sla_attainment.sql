{# Metrics of SLAs that stand in agent_metrics, with the n of each. #}
{% set metrics = {
    'success_rate': 'scored_run_count', 'avg_latency_ms': 'latency_known_count', 'latency_p50_ms': 'latency_known_count',
    'latency_p95_ms': 'latency_known_count', 'latency_p99_ms': 'latency_known_count',
    'avg_cost_usd': 'run_count - unpriced_run_count', 'cost_per_success_usd': 'run_count - unpriced_run_count',
    'hallucination_rate': 'hallucination_judged_count', 'retry_rate': 'retry_known_count', 'dispute_rate': 'run_count',
} %}

with

slas as (

    select * from {{ ref('stg_declared_slas') }}

),

agent_metrics as (

    select * from {{ ref('agent_metrics') }}

),

burns as (

    select * from {{ ref('int_sla_burns') }}

),

agent_values as (

    {% for metric, n in metrics.items() -%}
        {{ 'union all' if not loop.first }}
        select
            organization_id,
            agent_id,
            window_name,
            '{{ metric }}' as metric,
            cast({{ metric }} as double) as metric_value,
            {{ 'success_rate_low' if metric == 'success_rate' else 'cast(null as double)' }} as value_low,
            {{ 'success_rate_high' if metric == 'success_rate' else 'cast(null as double)' }} as value_high,
            cast({{ n }} as bigint) as run_count
        from agent_metrics
    {% endfor %}
),

promised_values as (

    select
        agent_values.*,
        slas.name as sla,
        slas.operator,
        slas.target,
        {{ meets('agent_values.metric_value', 'slas.operator', 'slas.target') }} as is_met,
        case
            when slas.metric = 'success_rate' and slas.operator in ('>', '>=') and slas.target < 1
                then {{ burn_rate('(1e0 - agent_values.metric_value)', '1', 'slas.target') }}
        end as burn_rate
    from slas
    inner join agent_values
        on
            slas.metric = agent_values.metric
            and slas.window_name = agent_values.window_name
            and (slas.organization_id is null or slas.organization_id = agent_values.organization_id)
            and (slas.agent_id is null or slas.agent_id = agent_values.agent_id)

),

sla_attainment as (

    select
        promised_values.organization_id,
        promised_values.sla,
        promised_values.agent_id,
        promised_values.window_name,
        promised_values.metric,
        promised_values.operator,
        promised_values.target,
        promised_values.metric_value as value,
        promised_values.value_low,
        promised_values.value_high,
        promised_values.run_count,
        promised_values.is_met,
        promised_values.burn_rate,
        1e0 - promised_values.burn_rate as error_budget_left,
        {% for span in ['1h', '6h', '3d'] -%}
            burns.run_count_{{ span }},
            burns.burn_rate_{{ span }},
        {% endfor -%}
        burns.burn_alert
    from promised_values
    left join burns
        on
            promised_values.organization_id = burns.organization_id
            and promised_values.agent_id = burns.agent_id
            and promised_values.sla = burns.sla

)

select * from sla_attainment
