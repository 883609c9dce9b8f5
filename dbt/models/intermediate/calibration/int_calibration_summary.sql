{% set scope = ['organization_id', 'agent_id', 'capability'] %}

with

calibrated_tasks as (

    select * from {{ ref('int_calibrated_tasks') }}

),

bins as (

    select * from {{ ref('int_calibration_bins') }}

),

{{ folded_outcome_steps('calibrated_tasks', scope) }},

{{ task_cluster_steps('task_outcomes', scope) }},

sums as (

    select
        {{ scope | join(', ') }},
        cast(sum(n) as bigint) as run_count,
        cast(sum(confidence_total) as double) as confidence_sum,
        cast(sum(score_total) as double) as score_sum,
        cast(sum(score_square_total) as double) as score_square_sum,
        cast(sum(brier_total) as double) as brier_sum,
        cast(sum(within_bin_total) as double) as within_bin_sum
    from calibrated_tasks
    group by {{ scope | join(', ') }}

),

run_parts as (

    select
        {{ scope | join(', ') }},
        run_count,
        confidence_sum / run_count as mean_confidence,
        score_sum / run_count as success_rate,
        brier_sum / run_count as brier,
        within_bin_sum / run_count as brier_within_bin,
        greatest(score_square_sum / run_count - power(score_sum / run_count, 2), 0e0) as brier_uncertainty
    from sums

),

compared_bins as (

    select
        bins.*,
        run_parts.success_rate as overall_success_rate
    from bins
    inner join run_parts
        on
            {% for key in scope -%}
                {{ 'and ' if not loop.first }}bins.{{ key }} = run_parts.{{ key }}
            {% endfor %}
),

bin_parts as (

    select
        {{ scope | join(', ') }},
        count(*) as bin_count,
        {{ expected_calibration_error('run_count', 'mean_confidence', 'success_rate', 'bin') }} as ece,
        {{ brier_reliability('run_count', 'mean_confidence', 'success_rate', 'bin') }} as brier_reliability,
        {{ brier_resolution('run_count', 'success_rate', 'overall_success_rate', 'bin') }} as brier_resolution
    from compared_bins
    group by {{ scope | join(', ') }}

),

calibration_summary as (

    select
        run_parts.organization_id,
        run_parts.agent_id,
        run_parts.capability,
        run_parts.run_count,
        bin_parts.bin_count,
        run_parts.mean_confidence,
        run_parts.success_rate,
        {% for side in ['low', 'high'] -%}
            {{ wilson_bound(
                'run_parts.success_rate * effective_sizes.n_eff', 'effective_sizes.n_eff', side
            ) }} as success_rate_{{ side }},
        {% endfor -%}
        effective_sizes.n_eff as effective_run_count,
        run_parts.mean_confidence - run_parts.success_rate as overconfidence,
        bin_parts.ece,
        run_parts.brier,
        bin_parts.brier_reliability,
        bin_parts.brier_resolution,
        run_parts.brier_uncertainty,
        run_parts.brier_within_bin
    from run_parts
    {% for other in ['bin_parts', 'effective_sizes'] -%}
        inner join {{ other }}
            on
                {% for key in scope -%}
                    {{ 'and ' if not loop.first }}run_parts.{{ key }} = {{ other }}.{{ key }}
                {% endfor %}
    {% endfor %}
)

select * from calibration_summary
