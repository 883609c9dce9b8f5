with

eligibility as (

    select * from {{ ref('int_training_eligibility') }}

),

counted_prompts as (

    select
        organization_id,
        run_id,
        task_hash,
        prompt_sha256,
        count(*) over (partition by organization_id, task_hash, prompt_sha256) as same_prompt_count
    from eligibility
    where refusal is null

),

-- The prompt that most runs of the task were given stands for it.
ranked_runs as (

    select
        *,
        row_number() over (
            partition by organization_id, task_hash
            order by same_prompt_count desc, prompt_sha256 asc, run_id asc
        ) as task_rank
    from counted_prompts

),

-- An attempt counts if somebody verified it, whether or not its texts may be exported.
attempts as (

    select
        eligibility.organization_id,
        eligibility.task_hash,
        count(*) as attempt_count,
        sum(case when eligibility.is_success then 1 else 0 end) as success_count
    from eligibility
    inner join ranked_runs
        on
            eligibility.organization_id = ranked_runs.organization_id
            and eligibility.task_hash = ranked_runs.task_hash
            and ranked_runs.task_rank = 1
    where
        eligibility.is_verified
        and eligibility.population = 'scored'
    group by 1, 2

),

counted_runs as (

    select
        ranked_runs.organization_id,
        ranked_runs.run_id,
        ranked_runs.task_rank,
        cast(coalesce(attempts.attempt_count, 0) as bigint) as attempt_count,
        cast(coalesce(attempts.success_count, 0) as bigint) as success_count
    from ranked_runs
    left join attempts
        on
            ranked_runs.organization_id = attempts.organization_id
            and ranked_runs.task_hash = attempts.task_hash

),

candidates as (

    select
        organization_id,
        run_id,
        attempt_count,
        success_count,
        case
            when attempt_count = 0 then 'never_scored'
            when success_count = 0 then 'never_passed'
            when success_count = attempt_count then 'always_passed'
            when task_rank > 1 then 'prompt_of_another_run'
        end as refusal
    from counted_runs

)

select * from candidates
