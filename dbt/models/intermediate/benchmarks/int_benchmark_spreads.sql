with

tasks as (

    select * from {{ ref('int_benchmark_tasks') }}

),

means as (

    select
        organization_id,
        suite_id,
        suite_version,
        variant_label,
        {{ in_order('sum', 'credit_sum', 'task_key') }} / sum(run_count) as credit_mean
    from tasks
    group by 1, 2, 3, 4

),

residuals as (

    select
        tasks.*,
        tasks.credit_sum - tasks.run_count * means.credit_mean as residual_sum,
        power(tasks.credit_mean - means.credit_mean, 2) * tasks.run_count as between_squares
    from tasks
    inner join means
        on
            tasks.organization_id = means.organization_id
            and tasks.suite_id = means.suite_id
            and tasks.suite_version = means.suite_version
            and tasks.variant_label = means.variant_label

),

spreads as (

    select
        organization_id,
        suite_id,
        suite_version,
        variant_label,
        count(*) as task_count,
        count(case when run_count > 1 then 1 end) as repeated_task_count,
        cast(sum(run_count) as bigint) as run_count,
        cast(sum(success_count) as bigint) as success_count,
        {{ in_order('sum', 'credit_sum', 'task_key') }} as credit_sum,
        {{ in_order('sum', 'power(residual_sum, 2)', 'task_key') }} as cluster_residual_squares,
        {{ in_order('sum', 'between_squares', 'task_key') }} as between_squares,
        {{ in_order('sum', 'within_squares', 'task_key') }} as within_squares,
        cast(sum(run_count * run_count) as bigint) as size_squares,
        {{ rare_count('credit_sum', 'run_count') }} as rare_count,
        {{ flip_rate('run_count', 'success_count') }} as flip_rate,
        {{ noise_floor('run_count', 'success_count', 'task_key') }} as noise_floor
    from residuals
    group by 1, 2, 3, 4

)

select * from spreads
