{#
    The steps from sums over runs (a CTE with the columns of run_summary_steps or folded_summary_steps, one row per
    combination of the key columns, beside `task_outcomes`) to one row of metrics each; the last step is named `metrics`.
    One definition for days, windows, periods and capabilities.
    `sizes` are the quantities, beside latency, whose quantiles and their intervals are wanted: name, suffix (with the
    unit) and the quantiles in per cent.
#}
{% macro agent_metric_steps(keys, sizes=[]) %}
{%- set latency = {'name': 'latency', 'suffix': '_ms', 'percents': [50, 95, 99]} -%}
{%- set all_sizes = [latency] + sizes -%}
{{ task_cluster_steps('task_outcomes', keys) }},

metrics as (

    select
        {% for key in keys -%}
            run_summary.{{ key }},
        {% endfor -%}
        run_summary.run_count,
        coalesce(effective_sizes.n, 0) as scored_run_count,
        run_summary.success_count,
        effective_sizes.mean_value as success_rate,
        {{ wilson_bound('effective_sizes.mean_value * effective_sizes.n_eff', 'effective_sizes.n_eff', 'low') }}
            as success_rate_low,
        {{ wilson_bound('effective_sizes.mean_value * effective_sizes.n_eff', 'effective_sizes.n_eff', 'high') }}
            as success_rate_high,
        effective_sizes.n_eff as effective_run_count,
        {{ rate_if_left_out_scored(
            'coalesce(effective_sizes.value_sum, 0)', 'coalesce(effective_sizes.n, 0)',
            '(run_summary.infra_run_count + run_summary.unscored_run_count)', 0,
        ) }} as success_rate_floor,
        {{ rate_if_left_out_scored(
            'coalesce(effective_sizes.value_sum, 0)', 'coalesce(effective_sizes.n, 0)',
            '(run_summary.infra_run_count + run_summary.unscored_run_count)', 1,
        ) }} as success_rate_ceiling,
        cast(run_summary.latency_total as double) / nullif(run_summary.latency_known_count, 0) as avg_latency_ms,
        cast(run_summary.working_total as double) / nullif(run_summary.working_known_count, 0) as avg_working_ms,
        {% for size in all_sizes -%}
            {%- set values = 'run_summary.' ~ size.name ~ '_values' -%}
            {%- set n = 'run_summary.' ~ size.name ~ '_known_count' -%}
            {%- for percent in size.percents -%}
                {%- set quantile = percent ~ 'e-2' -%}
                {{ quantile_of(values, n, quantile) }} as {{ size.name }}_p{{ percent }}{{ size.suffix }},
        {{ quantile_bound(values, n, quantile, 'low') }} as {{ size.name }}_p{{ percent }}_low{{ size.suffix }},
        {{ quantile_bound(values, n, quantile, 'high') }} as {{ size.name }}_p{{ percent }}_high{{ size.suffix }},
        {% endfor -%}
        {{ n }},
        {% endfor -%}
        {{ cast_or_null(
            'cast(run_summary.total_cost_usd as double) / nullif(run_summary.cost_known_count, 0)', 'decimal(18, 9)'
        ) }} as avg_cost_usd,
        {{ cast_or_null(
            'cast(run_summary.total_cost_usd as double) / nullif(run_summary.success_count, 0)', 'decimal(18, 9)'
        ) }} as cost_per_success_usd,
        run_summary.run_count - run_summary.cost_known_count as unpriced_run_count,
        run_summary.unpriced_call_count,
        cast(run_summary.hallucinated_count as double) / nullif(run_summary.hallucination_judged_count, 0)
            as hallucination_rate,
        run_summary.hallucination_judged_count,
        cast(run_summary.retried_count as double) / nullif(run_summary.retry_known_count, 0) as retry_rate,
        run_summary.retry_known_count,
        cast(run_summary.retry_total as double) / nullif(run_summary.retry_counted_count, 0) as retries_per_run,
        cast(run_summary.disputed_count as double) / nullif(run_summary.run_count, 0) as dispute_rate,
        run_summary.infra_run_count,
        run_summary.unscored_run_count,
        run_summary.cancelled_run_count
    from run_summary
    left join effective_sizes
        on
            {% for key in keys -%}
                {{ 'and ' if not loop.first }}run_summary.{{ key }} = effective_sizes.{{ key }}
            {% endfor %}
)
{% endmacro %}
