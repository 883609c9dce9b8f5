with

candidates as (

    select * from {{ ref('int_sft_candidates') }}

),

calls as (

    select * from {{ ref('int_candidate_calls') }}

),

messages as (

    select * from {{ ref('int_candidate_messages') }}

),

ranked_runs as (

    select
        organization_id,
        run_id,
        task_hash,
        task_rank
    from candidates
    where task_rank is not null

),

-- The first call that succeeds with a tool that had failed before.
recoveries as (

    select
        failed.organization_id,
        failed.run_id,
        min(succeeded.position) as recovery_position
    from calls as failed
    inner join calls as succeeded
        on
            failed.organization_id = succeeded.organization_id
            and failed.run_id = succeeded.run_id
            and failed.tool_name = succeeded.tool_name
    where
        failed.status in ('error', 'timeout')
        and succeeded.status = 'ok'
        and succeeded.position > failed.position
    group by 1, 2

),

-- One a task: of the best run that recovered.
task_recoveries as (

    select
        ranked_runs.organization_id,
        ranked_runs.run_id,
        ranked_runs.task_rank,
        recoveries.recovery_position,
        row_number() over (
            partition by ranked_runs.organization_id, ranked_runs.task_hash
            order by ranked_runs.task_rank
        ) as recovery_rank
    from ranked_runs
    inner join recoveries
        on
            ranked_runs.organization_id = recoveries.organization_id
            and ranked_runs.run_id = recoveries.run_id

),

recovery_turns as (

    select
        task_recoveries.organization_id,
        task_recoveries.run_id,
        task_recoveries.task_rank,
        task_recoveries.recovery_position,
        max(
            case when messages.position = task_recoveries.recovery_position then messages.seq end
        ) as recovery_seq,
        {{ text_sha256(joined_texts(
            'case when messages.position <= task_recoveries.recovery_position then messages.message_key end',
            'messages.position'
        )) }} as conversation_sha256
    from task_recoveries
    inner join messages
        on
            task_recoveries.organization_id = messages.organization_id
            and task_recoveries.run_id = messages.run_id
    where task_recoveries.recovery_rank = 1
    group by 1, 2, 3, 4

)

select * from recovery_turns
