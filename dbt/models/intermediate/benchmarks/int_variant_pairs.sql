{% set family = ['organization_id', 'suite_id', 'suite_version', 'metric'] | join(', ') %}
{% set has_table = "pairs.is_single_attempt and variants.metric = 'success_rate'" %}
{% set units_of_both = 'least(metrics.units_in_one, other_metrics.units_in_one)' %}

with

task_metrics as (

    select * from {{ ref('int_task_metrics') }}

),

thresholds as (

    select * from {{ ref('stg_declared_thresholds') }}

),

-- Numbers for names: matching and summing millions of common tasks by text takes ten times as long.
variants as (

    select
        {{ family }},
        variant_label,
        row_number() over (order by {{ family }}, variant_label) as variant_number,
        count(*) as own_task_count,
        {{ units_in_one('max(abs(metric_value))') }} as units_in_one
    from task_metrics
    group by {{ family }}, variant_label

),

tasks as (

    select
        {{ family }},
        task_key,
        row_number() over (order by {{ family }}, task_key) as task_number
    from task_metrics
    group by {{ family }}, task_key
    having count(*) > 1

),

numbered_metrics as (

    select
        tasks.task_number,
        variants.variant_number,
        variants.units_in_one,
        task_metrics.run_count,
        task_metrics.metric_value,
        task_metrics.is_success
    from task_metrics
    inner join variants using ({{ family }}, variant_label)
    inner join tasks using ({{ family }}, task_key)

),

-- Only tasks that both variants ran: submissions rarely cover the same set. Hundreds of variants share
-- millions of them, so what adds them up holds no rows.
common_tasks as (

    select
        metrics.variant_number as number_a,
        other_metrics.variant_number as number_b,
        metrics.run_count as run_count_a,
        other_metrics.run_count as run_count_b,
        metrics.is_success as is_success_a,
        other_metrics.is_success as is_success_b,
        {{ units_of_both }} as units_in_one,
        {{ as_units('metrics.metric_value', units_of_both) }} as units_a,
        {{ as_units('other_metrics.metric_value', units_of_both) }} as units_b
    from numbered_metrics as metrics
    inner join numbered_metrics as other_metrics
        on
            metrics.task_number = other_metrics.task_number
            and metrics.variant_number < other_metrics.variant_number

),

pairs as (

    select
        number_a,
        number_b,
        max(units_in_one) as units_in_one,
        count(*) as task_count,
        cast(sum(run_count_a) as bigint) as run_count_a,
        cast(sum(run_count_b) as bigint) as run_count_b,
        sum(units_a) as total_a,
        sum(units_b) as total_b,
        sum(units_a - units_b) as total_difference,
        sum({{ units_squared('units_a - units_b') }}) as squares,
        max(run_count_a) = 1 and max(run_count_b) = 1 as is_single_attempt,
        count(case when is_success_a and is_success_b then 1 end) as both_count,
        count(case when is_success_a and not is_success_b then 1 end) as only_a_count,
        count(case when is_success_b and not is_success_a then 1 end) as only_b_count,
        count(case when not is_success_a and not is_success_b then 1 end) as neither_count
    from common_tasks
    group by number_a, number_b

),

-- A two-by-two table needs exactly one attempt of each variant at every task.
comparable_pairs as (

    select
        variants.organization_id,
        variants.suite_id,
        variants.suite_version,
        variants.variant_label as variant_a,
        other_variants.variant_label as variant_b,
        variants.metric,
        pairs.task_count,
        cast(pairs.task_count as double) / variants.own_task_count as coverage_a,
        cast(pairs.task_count as double) / other_variants.own_task_count as coverage_b,
        pairs.run_count_a,
        pairs.run_count_b,
        case when {{ has_table }} then pairs.both_count end as n_both,
        case when {{ has_table }} then pairs.only_a_count end as n_only_a,
        case when {{ has_table }} then pairs.only_b_count end as n_only_b,
        case when {{ has_table }} then pairs.neither_count end as n_neither,
        {{ units_mean('pairs.total_a', 'pairs.task_count', 'pairs.units_in_one') }} as mean_a,
        {{ units_mean('pairs.total_b', 'pairs.task_count', 'pairs.units_in_one') }} as mean_b,
        {{ units_mean('pairs.total_difference', 'pairs.task_count', 'pairs.units_in_one') }} as difference,
        {{ units_variance(
            'pairs.total_difference', 'pairs.squares', 'pairs.task_count', 'pairs.units_in_one'
        ) }} as difference_variance
    from pairs
    inner join variants
        on pairs.number_a = variants.variant_number
    inner join variants as other_variants
        on pairs.number_b = other_variants.variant_number
    inner join thresholds
        on thresholds.name = 'comparison_tasks'
    where pairs.task_count >= thresholds.value

)

select * from comparable_pairs
