with

runs as (

    select * from {{ ref('int_runs') }}

),

conversations as (

    select * from {{ ref('int_conversation_eligibility') }}

),

eligibility as (

    select * from {{ ref('int_training_eligibility') }}

),

-- An attempt counts if somebody verified it, whether or not its texts may be exported.
attempts as (

    select
        runs.organization_id,
        runs.run_id,
        eligibility.task_hash,
        conversations.prompt_sha256,
        eligibility.refusal,
        conversations.is_verified and runs.population = 'scored' as is_attempt,
        conversations.is_verified
        and runs.population = 'scored'
        and coalesce(runs.is_success, false) as is_passed
    from runs
    inner join eligibility
        on
            runs.organization_id = eligibility.organization_id
            and runs.run_id = eligibility.run_id
    inner join conversations
        on
            runs.organization_id = conversations.organization_id
            and runs.run_id = conversations.run_id

),

counted_attempts as (

    select
        *,
        sum(case when is_attempt then 1 else 0 end) over (
            partition by organization_id, task_hash
        ) as attempt_count,
        sum(case when is_passed then 1 else 0 end) over (
            partition by organization_id, task_hash
        ) as success_count,
        count(*) over (
            partition by organization_id, task_hash, prompt_sha256, refusal is null
        ) as same_prompt_count
    from attempts

),

-- The prompt that most runs of the task were given stands for it.
ranked_runs as (

    select
        *,
        row_number() over (
            partition by organization_id, task_hash, refusal is null
            order by same_prompt_count desc, prompt_sha256 asc, run_id asc
        ) as task_rank
    from counted_attempts

),

candidates as (

    select
        organization_id,
        run_id,
        cast(attempt_count as bigint) as attempt_count,
        cast(success_count as bigint) as success_count,
        case
            when refusal is not null then refusal
            when attempt_count = 0 then 'never_scored'
            when success_count = 0 then 'never_passed'
            when success_count = attempt_count then 'always_passed'
            when task_rank > 1 then 'prompt_of_another_run'
        end as refusal
    from ranked_runs

)

select * from candidates
