{# The CUSUM that alarms: on average at least e^8 = 2,981 runs lie between two false alarms (Lorden 1971). #}
{% set alarm = 8 %}
{% set variant = ['organization_id', 'suite_id', 'suite_version', 'variant_label'] | join(', ') %}
{% set family = ['organization_id', 'suite_id', 'suite_version'] %}

with

night_tasks as (

    select * from {{ ref('int_night_tasks') }}

),

thresholds as (

    select
        max(case when name = 'comparison_tasks' then value end) as smallest_task_count,
        max(case when name = 'regression_effect' then value end) as smallest_effect,
        max(case when name = 'regression_runs' then value end) as smallest_n
    from {{ ref('stg_declared_thresholds') }}

),

-- The CUSUM looks for odds of success that have halved: of each task against its own past.
night_increments as (

    select
        *,
        {{ cusum_increment('credit_mean', 'expected_rate', '(expected_rate / (2e0 - expected_rate))') }}
        * run_count as increment
    from night_tasks

),

nights as (

    select
        {{ variant }},
        event_date,
        count(*) as task_count,
        cast(sum(run_count) as bigint) as run_count,
        cast(sum(success_count) as bigint) as success_count,
        {{ in_order('sum', 'credit_sum', 'task_key') }} / sum(run_count) as success_rate,
        count(baseline_mean) as common_task_count,
        cast(sum(case when baseline_mean is not null then run_count end) as bigint) as common_run_count,
        cast(sum(baseline_run_count) as bigint) as baseline_run_count,
        {{ in_order('avg', 'case when baseline_mean is not null then credit_mean end', 'task_key') }}
            as mean_now,
        {{ in_order('avg', 'baseline_mean', 'task_key') }} as mean_before,
        {{ in_order('avg', 'credit_mean - baseline_mean', 'task_key') }} as difference,
        {{ in_order('var_samp', 'credit_mean - baseline_mean', 'task_key') }} as difference_variance,
        coalesce({{ in_order('sum', 'increment', 'task_key') }}, 0e0) as increment
    from night_increments
    group by {{ variant }}, event_date

),

comparable_nights as (

    select
        nights.*,
        thresholds.smallest_effect,
        thresholds.smallest_n,
        case
            when nights.common_task_count >= thresholds.smallest_task_count then nights.common_task_count
        end as n
    from nights
    cross join thresholds

),

centred_nights as (

    select
        *,
        {{ paired_degrees_of_freedom('n', 1) }} as degrees_of_freedom,
        {{ paired_centre('difference', 'n', 1) }} as centre,
        {{ paired_variance('difference', 'difference_variance', 'n', 1) }} as variance,
        sum(increment) over (
            partition by {{ variant }} order by event_date rows between unbounded preceding and current row
        ) as running_total
    from comparable_nights

),

measured_nights as (

    select
        *,
        {{ paired_se('variance', 'n', 1) }} as standard_error,
        {{ cusum(
            'running_total',
            'min(running_total) over (partition by ' ~ variant
            ~ ' order by event_date rows between unbounded preceding and current row)',
        ) }} as cusum
    from centred_nights

),

tested_nights as (

    select
        *,
        {{ t_bound('centre', 'standard_error', 'degrees_of_freedom', 'low') }} as difference_low,
        {{ t_bound('centre', 'standard_error', 'degrees_of_freedom', 'high') }} as difference_high,
        {{ t_p_value('centre', 'standard_error', 'degrees_of_freedom') }} as p_value,
        sum(case when cusum <= 0 then 1 else 0 end) over (
            partition by {{ variant }} order by event_date rows between unbounded preceding and current row
        ) as calm_count
    from measured_nights

),

steps as (

    select
        *,
        {{ benjamini_hochberg_step('p_value', family) }} as benjamini_hochberg_step,
        -- The change began on the first night after the CUSUM last stood at 0.
        min(case when cusum > 0 then event_date end)
            over (partition by {{ variant }}, calm_count)
            as rise_date
    from tested_nights

),

adjusted_nights as (

    select
        *,
        {{ benjamini_hochberg('benjamini_hochberg_step', 'p_value', family) }} as q_value
    from steps

),

benchmark_nights as (

    select
        organization_id,
        suite_id,
        suite_version,
        variant_label as variant_id,
        event_date,
        task_count,
        run_count,
        success_count,
        success_rate,
        {{ wilson_bound('success_rate * run_count', 'run_count', 'low') }} as success_rate_low,
        {{ wilson_bound('success_rate * run_count', 'run_count', 'high') }} as success_rate_high,
        common_task_count,
        common_run_count,
        baseline_run_count,
        mean_now,
        mean_before,
        difference,
        difference_low,
        difference_high,
        p_value,
        q_value,
        {{ is_regression(
            'q_value', 'difference', 'common_run_count', 'baseline_run_count', 'smallest_effect', 'smallest_n'
        ) }} as is_regression,
        cusum,
        cusum >= {{ alarm }} as is_alarm,
        case when cusum >= {{ alarm }} then rise_date end as change_point_date
    from adjusted_nights

)

select * from benchmark_nights
