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

messages as (

    select * from {{ ref('int_candidate_messages') }}

),

prompt_ends as (

    select
        messages.organization_id,
        messages.run_id,
        max(messages.seq) as last_prompt_seq
    from messages
    inner join conversations
        on
            messages.organization_id = conversations.organization_id
            and messages.run_id = conversations.run_id
    where messages.position <= conversations.prompt_message_count
    group by 1, 2

),

-- What a run was given and what it handed in: a patch, a program, an answer. A run that logs no messages has
-- them too; that nothing else speaks against it follows from the order in which reasons are tried.
handed_in as (

    select
        runs.organization_id,
        runs.run_id,
        eligibility.task_hash,
        eligibility.verification_rank,
        eligibility.outcome,
        runs.cost_usd,
        runs.latency_ms,
        runs.output_sha256,
        prompt_ends.last_prompt_seq,
        case when prompt_ends.last_prompt_seq is null then runs.input_sha256 end as input_sha256,
        case
            when prompt_ends.last_prompt_seq is null then 1
            else conversations.prompt_message_count
        end as prompt_message_count,
        case
            when prompt_ends.last_prompt_seq is null then runs.input_sha256
            else conversations.prompt_sha256
        end as prompt_sha256,
        coalesce(runs.tool_error_count, 0) + coalesce(runs.retry_count, 0) as warning_count,
        case
            when eligibility.outcome = 'success' then coalesce(eligibility.outcome_value, 1e0)
            else coalesce(eligibility.outcome_value, 0e0)
        end as worth
    from runs
    inner join conversations
        on
            runs.organization_id = conversations.organization_id
            and runs.run_id = conversations.run_id
    inner join eligibility
        on
            runs.organization_id = eligibility.organization_id
            and runs.run_id = eligibility.run_id
    left join prompt_ends
        on
            runs.organization_id = prompt_ends.organization_id
            and runs.run_id = prompt_ends.run_id
    where
        runs.output_sha256 is not null
        and eligibility.population = 'scored'
        and eligibility.outcome in ('success', 'failure')
        and (eligibility.outcome = 'success' or coalesce(eligibility.attribution <> 'infra', true))
        and eligibility.task_hash is not null
        and conversations.is_training_allowed
        and coalesce(eligibility.refusal, 'no_messages') = 'no_messages'

),

candidates as (

    select
        *,
        row_number() over (
            partition by organization_id, task_hash, outcome
            order by verification_rank, warning_count, cost_usd nulls last, latency_ms nulls last, run_id
        ) as task_rank
    from handed_in
    where prompt_sha256 is not null

)

select * from candidates
