{# A split this unlikely under the planned shares says that runs went astray: the arms are not comparable. #}
{% set smallest_split_p = '1e-3' %}
{% set test = ['organization_id', 'rollout_id', 'stage'] | join(', ') %}

with

rollouts as (

    select * from {{ ref('int_rollouts') }}
    where kind = 'ab_test'

),

rollout_runs as (

    select * from {{ ref('int_rollout_runs') }}
    where kind = 'ab_test'

),

arm_counts as (

    select
        {{ test }},
        count(case when not is_candidate then 1 end) as control_run_count,
        count(case when is_candidate then 1 end) as candidate_run_count
    from rollout_runs
    group by {{ test }}

),

measures as (

    {% for metric, column in [
        ('success_rate', "case when population = 'scored' then score end"),
        ('cost_usd', 'cast(cost_usd as double)'),
        ('latency_ms', 'cast(latency_ms as double)'),
    ] -%}
        {{ 'union all' if not loop.first }}
        select
            {{ test }},
            '{{ metric }}' as metric,
            is_candidate,
            run_id,
            {{ column }} as measure
        from rollout_runs
    {% endfor %}
),

arms as (

    select
        {{ test }},
        metric,
        {% for arm, condition in [('control', 'not is_candidate'), ('candidate', 'is_candidate')] -%}
            {%- set value = 'case when ' ~ condition ~ ' then measure end' -%}
            {{ in_order('avg', value, 'run_id') }} as {{ arm }}_mean,
            {{ in_order('var_samp', value, 'run_id') }} as {{ arm }}_variance,
        {% endfor -%}
        count(case when not is_candidate then measure end) as control_n,
        count(case when is_candidate then measure end) as candidate_n
    from measures
    group by {{ test }}, metric

),

errors as (

    select
        *,
        candidate_mean - control_mean as difference,
        {{ welch_se('control_variance', 'control_n', 'candidate_variance', 'candidate_n') }}
            as standard_error,
        {{ welch_degrees_of_freedom('control_variance', 'control_n', 'candidate_variance', 'candidate_n') }}
            as degrees_of_freedom
    from arms

),

tests as (

    select
        *,
        {{ t_bound('difference', 'standard_error', 'degrees_of_freedom', 'low') }} as difference_low,
        {{ t_bound('difference', 'standard_error', 'degrees_of_freedom', 'high') }} as difference_high,
        {{ t_p_value('difference', 'standard_error', 'degrees_of_freedom') }} as p_value
    from errors

),

steps as (

    select
        *,
        {{ benjamini_hochberg_step('p_value', ['organization_id', 'metric']) }} as benjamini_hochberg_step
    from tests

),

adjusted_tests as (

    select
        *,
        {{ benjamini_hochberg('benjamini_hochberg_step', 'p_value', ['organization_id', 'metric']) }}
            as q_value
    from steps

),

checked_tests as (

    select
        rollouts.organization_id,
        rollouts.rollout_id,
        rollouts.stage,
        adjusted_tests.metric,
        rollouts.agent_id,
        rollouts.control_variant,
        rollouts.candidate_variant,
        rollouts.started_at,
        rollouts.ended_at,
        arm_counts.control_run_count,
        arm_counts.candidate_run_count,
        rollouts.candidate_share,
        {{ sample_ratio_p_value(
            'arm_counts.candidate_run_count', 'arm_counts.control_run_count', 'rollouts.candidate_share'
        ) }} as sample_ratio_p_value,
        adjusted_tests.control_n,
        adjusted_tests.candidate_n,
        adjusted_tests.control_mean,
        adjusted_tests.candidate_mean,
        adjusted_tests.difference,
        adjusted_tests.difference_low,
        adjusted_tests.difference_high,
        adjusted_tests.p_value,
        adjusted_tests.q_value
    from rollouts
    inner join arm_counts
        on
            rollouts.organization_id = arm_counts.organization_id
            and rollouts.rollout_id = arm_counts.rollout_id
            and rollouts.stage = arm_counts.stage
    inner join adjusted_tests
        on
            rollouts.organization_id = adjusted_tests.organization_id
            and rollouts.rollout_id = adjusted_tests.rollout_id
            and rollouts.stage = adjusted_tests.stage

),

-- The t test holds for one look, at the end; before it nothing is said.
ab_tests as (

    select
        *,
        coalesce(sample_ratio_p_value < {{ smallest_split_p }}, false) as has_ratio_mismatch,
        case
            when coalesce(sample_ratio_p_value < {{ smallest_split_p }}, false) then 'invalid'
            when ended_at is null then 'running'
            when q_value < 0.05 and (difference > 0) = (metric = 'success_rate') then 'better'
            when q_value < 0.05 then 'worse'
            else 'inconclusive'
        end as verdict
    from checked_tests

)

select * from ab_tests
