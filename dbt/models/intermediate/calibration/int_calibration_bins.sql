{% set bin = ['organization_id', 'agent_id', 'capability', 'bin'] %}

with

calibrated_tasks as (

    select * from {{ ref('int_calibrated_tasks') }}

),

{{ task_cluster_steps('calibrated_tasks', bin) }},

counted_bins as (

    select
        {{ bin | join(', ') }},
        cast(sum(n) as bigint) as run_count,
        min(confidence_min) as confidence_min,
        max(confidence_max) as confidence_max,
        min(bin_confidence) as mean_confidence,
        min(bin_score) as success_rate
    from calibrated_tasks
    group by {{ bin | join(', ') }}

),

calibration_bins as (

    select
        counted_bins.*,
        {% for side in ['low', 'high'] -%}
            {{ wilson_bound(
                'counted_bins.success_rate * effective_sizes.n_eff', 'effective_sizes.n_eff', side
            ) }} as success_rate_{{ side }},
        {% endfor -%}
        effective_sizes.n_eff as effective_run_count,
        counted_bins.mean_confidence - counted_bins.success_rate as overconfidence
    from counted_bins
    inner join effective_sizes
        on
            {% for key in bin -%}
                {{ 'and ' if not loop.first }}counted_bins.{{ key }} = effective_sizes.{{ key }}
            {% endfor %}
)

select * from calibration_bins
