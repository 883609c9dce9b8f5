with

runs as (

    select * from {{ ref('agent_runs') }}

),

failure_modes as (

    select * from {{ ref('failure_modes') }}

),

-- Of several retries of one run the best counts: the question is whether trying again can help.
retries as (

    select
        organization_id,
        retry_of_run_id,
        max(case when is_success then 1 when is_success is not null then 0 end) as has_succeeded
    from runs
    where retry_of_run_id is not null
    group by 1, 2

),

failed_runs as (

    select
        runs.organization_id,
        runs.failure_code as code,
        count(*) as failed_run_count,
        count(retries.retry_of_run_id) as retried_run_count,
        count(retries.has_succeeded) as judged_retry_count,
        coalesce(sum(retries.has_succeeded), 0) as successful_retry_count
    from runs
    left join retries
        on
            runs.organization_id = retries.organization_id
            and runs.run_id = retries.retry_of_run_id
    where
        runs.failure_code is not null
        and not coalesce(runs.is_success, false)
    group by 1, 2

),

retry_rates as (

    select
        organization_id,
        code,
        failed_run_count,
        retried_run_count,
        judged_retry_count,
        cast(successful_retry_count as bigint) as successful_retry_count,
        cast(successful_retry_count as double) / nullif(judged_retry_count, 0) as retry_success_rate,
        {{ wilson_bound('successful_retry_count', 'judged_retry_count', 'low') }} as retry_success_rate_low,
        {{ wilson_bound('successful_retry_count', 'judged_retry_count', 'high') }} as retry_success_rate_high
    from failed_runs

),

-- Beyond doubt only where the whole interval lies on the other side of one half.
retryable_audit as (

    select
        retry_rates.organization_id,
        retry_rates.code,
        retry_rates.failed_run_count,
        retry_rates.retried_run_count,
        retry_rates.judged_retry_count,
        retry_rates.successful_retry_count,
        retry_rates.retry_success_rate,
        retry_rates.retry_success_rate_low,
        retry_rates.retry_success_rate_high,
        failure_modes.retryable as is_declared_retryable,
        case
            when failure_modes.retryable then retry_rates.retry_success_rate_high < 0.5
            else retry_rates.retry_success_rate_low > 0.5
        end as contradicts_declaration
    from retry_rates
    inner join failure_modes on retry_rates.code = failure_modes.code

)

select * from retryable_audit
