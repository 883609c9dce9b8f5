{{ config(meta={'lots': {'rows_of': 'int_benchmark_runs', 'bytes_a_row': 1000}}) }}

with

benchmark_runs as (

    select * from {{ ref('int_benchmark_runs') }}

),

-- A counted run without a score is an attempt that did not succeed.
counted_runs as (

    select
        *,
        coalesce(score, 0e0) as credit
    from benchmark_runs
    where
        is_counted
        and {{ in_lot('task_key') }}

),

tasks as (

    select
        organization_id,
        suite_id,
        suite_version,
        variant_label,
        task_key,
        count(*) as run_count,
        count(case when is_success then 1 end) as success_count,
        {{ in_order('sum', 'credit', 'run_id') }} as credit_sum,
        {{ in_order('avg', 'credit', 'run_id') }} as credit_mean,
        coalesce({{ in_order('var_samp', 'credit', 'run_id') }} * (count(*) - 1), 0e0) as within_squares,
        count(cost_usd) as priced_run_count,
        cast(sum(cost_usd) as double) / nullif(count(cost_usd), 0) as avg_cost_usd,
        count(latency_ms) as timed_run_count,
        avg(latency_ms) as avg_latency_ms
    from counted_runs
    group by 1, 2, 3, 4, 5

)

select * from tasks
