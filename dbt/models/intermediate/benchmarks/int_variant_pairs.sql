{% set family = ['organization_id', 'suite_id', 'suite_version', 'metric'] | join(', ') %}

with

task_metrics as (

    select * from {{ ref('int_task_metrics') }}

),

thresholds as (

    select * from {{ ref('stg_declared_thresholds') }}

),

-- Numbers for names: matching and sorting millions of common tasks by text takes ten times as long.
numbered_metrics as (

    select
        *,
        dense_rank() over (order by {{ family }}, task_key) as task_number,
        dense_rank() over (order by {{ family }}, variant_label) as variant_number
    from task_metrics

),

numbered_variants as (

    select
        {{ family }},
        variant_label,
        variant_number,
        count(*) as own_task_count
    from numbered_metrics
    group by {{ family }}, variant_label, variant_number

),

-- Only tasks that both variants ran: submissions rarely cover the same set.
common_tasks as (

    select
        numbered_metrics.task_number,
        numbered_metrics.variant_number as number_a,
        other_metrics.variant_number as number_b,
        numbered_metrics.run_count as run_count_a,
        other_metrics.run_count as run_count_b,
        numbered_metrics.metric_value as value_a,
        other_metrics.metric_value as value_b,
        numbered_metrics.metric_value - other_metrics.metric_value as difference,
        numbered_metrics.is_success as is_success_a,
        other_metrics.is_success as is_success_b
    from numbered_metrics
    inner join numbered_metrics as other_metrics
        on
            numbered_metrics.task_number = other_metrics.task_number
            and numbered_metrics.variant_number < other_metrics.variant_number

),

pairs as (

    select
        number_a,
        number_b,
        count(*) as task_count,
        cast(sum(run_count_a) as bigint) as run_count_a,
        cast(sum(run_count_b) as bigint) as run_count_b,
        {{ in_order('avg', 'value_a', 'task_number') }} as mean_a,
        {{ in_order('avg', 'value_b', 'task_number') }} as mean_b,
        {{ in_order('avg', 'difference', 'task_number') }} as difference,
        {{ in_order('var_samp', 'difference', 'task_number') }} as difference_variance,
        max(run_count_a) = 1 and max(run_count_b) = 1 as is_single_attempt,
        count(case when is_success_a and is_success_b then 1 end) as both_count,
        count(case when is_success_a and not is_success_b then 1 end) as only_a_count,
        count(case when is_success_b and not is_success_a then 1 end) as only_b_count,
        count(case when not is_success_a and not is_success_b then 1 end) as neither_count
    from common_tasks
    group by number_a, number_b

),

named_pairs as (

    select
        numbered_variants.organization_id,
        numbered_variants.suite_id,
        numbered_variants.suite_version,
        numbered_variants.metric,
        numbered_variants.variant_label as variant_a,
        other_variants.variant_label as variant_b,
        cast(pairs.task_count as double) / numbered_variants.own_task_count as coverage_a,
        cast(pairs.task_count as double) / other_variants.own_task_count as coverage_b,
        pairs.*,
        pairs.is_single_attempt and numbered_variants.metric = 'success_rate' as has_table
    from pairs
    inner join numbered_variants
        on pairs.number_a = numbered_variants.variant_number
    inner join numbered_variants as other_variants
        on pairs.number_b = other_variants.variant_number

),

-- A two-by-two table needs exactly one attempt of each variant at every task.
comparable_pairs as (

    select
        named_pairs.organization_id,
        named_pairs.suite_id,
        named_pairs.suite_version,
        named_pairs.variant_a,
        named_pairs.variant_b,
        named_pairs.metric,
        named_pairs.task_count,
        named_pairs.coverage_a,
        named_pairs.coverage_b,
        named_pairs.run_count_a,
        named_pairs.run_count_b,
        case when named_pairs.has_table then named_pairs.both_count end as n_both,
        case when named_pairs.has_table then named_pairs.only_a_count end as n_only_a,
        case when named_pairs.has_table then named_pairs.only_b_count end as n_only_b,
        case when named_pairs.has_table then named_pairs.neither_count end as n_neither,
        named_pairs.mean_a,
        named_pairs.mean_b,
        named_pairs.difference,
        named_pairs.difference_variance
    from named_pairs
    inner join thresholds on thresholds.name = 'comparison_tasks'
    where named_pairs.task_count >= thresholds.value

)

select * from comparable_pairs
