with

runs as (

    select * from {{ ref('int_runs_folded') }}

),

steps as (

    select * from {{ ref('stg_steps') }}

),

errors as (

    select * from {{ ref('int_coded_errors') }}

),

failure_modes as (

    select * from {{ ref('stg_declared_failure_modes') }}

),

-- The failure of a run is its last error that is not a mere wrapper ("step failed"): what came before it was
-- got over, what came after only passes it on. Where all are wrappers, the first is nearest to the cause.
ranked_errors as (

    select
        *,
        row_number() over (
            partition by organization_id, run_id
            order by
                is_wrapper asc,
                case when is_wrapper then occurred_at end asc nulls first,
                case when is_wrapper then seq end asc nulls first,
                case when is_wrapper then error_id end asc nulls first,
                occurred_at desc nulls last,
                seq desc nulls last,
                error_id desc
        ) as origin_rank
    from errors
    where run_id is not null

),

last_steps as (

    select
        organization_id,
        run_id,
        max(seq) as last_seq
    from steps
    group by 1, 2

),

originating_errors as (

    select
        ranked_errors.organization_id,
        ranked_errors.run_id,
        ranked_errors.step_id,
        ranked_errors.code,
        coalesce(steps.seq < last_steps.last_seq, false) as has_later_steps
    from ranked_errors
    left join steps
        on
            ranked_errors.organization_id = steps.organization_id
            and ranked_errors.run_id = steps.run_id
            and ranked_errors.step_id = steps.step_id
    left join last_steps
        on
            ranked_errors.organization_id = last_steps.organization_id
            and ranked_errors.run_id = last_steps.run_id
    where ranked_errors.origin_rank = 1

),

-- A run that ended at a limit says why without an error.
coded_runs as (

    select
        runs.organization_id,
        runs.run_id,
        runs.termination,
        originating_errors.step_id as failing_step_id,
        coalesce(originating_errors.code, ending_modes.code) as failure_code,
        case
            when originating_errors.code is not null then 'error'
            when ending_modes.code is not null then 'termination'
        end as failure_evidence,
        coalesce(originating_errors.has_later_steps and runs.termination = 'completed', false) as is_survived
    from runs
    left join originating_errors
        on
            runs.organization_id = originating_errors.organization_id
            and runs.run_id = originating_errors.run_id
    left join failure_modes as ending_modes on array_contains(ending_modes.terminations, runs.termination)

),

-- A network error that the run worked on after, to its own end, does not excuse the outcome.
run_failures as (

    select
        coded_runs.organization_id,
        coded_runs.run_id,
        coded_runs.failure_code,
        case
            when coded_runs.is_survived and failure_modes.attribution = 'infra' then 'unknown'
            else failure_modes.attribution
        end as failure_attribution,
        coded_runs.failing_step_id,
        coded_runs.failure_evidence,
        coded_runs.is_survived
    from coded_runs
    inner join failure_modes on coded_runs.failure_code = failure_modes.code

)

select * from run_failures
