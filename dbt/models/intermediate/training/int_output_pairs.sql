{# Four pairs a task use at most four runs a side; twice that leaves room for pairs that fall away. #}
{% set runs_compared = 8 %}

with

candidates as (

    select * from {{ ref('int_output_candidates') }}

),

compared as (

    select * from candidates
    where task_rank <= {{ runs_compared }}

),

pairs as (

    select
        chosen.organization_id,
        chosen.run_id as chosen_run_id,
        rejected.run_id as rejected_run_id,
        chosen.task_hash,
        chosen.prompt_sha256,
        chosen.input_sha256,
        chosen.output_sha256 as chosen_key,
        rejected.output_sha256 as rejected_key,
        chosen.last_prompt_seq + 1 as divergence_seq,
        cast(null as bigint) as rejected_seq,
        chosen.prompt_message_count + 1 as divergence_position,
        chosen.worth - rejected.worth as margin,
        {{ text_sha256(
            "'output ' || chosen.prompt_sha256 || ' ' || chosen.output_sha256 || ' ' || rejected.output_sha256"
        ) }} as pair_sha256
    from compared as chosen
    inner join compared as rejected
        on
            chosen.organization_id = rejected.organization_id
            and chosen.task_hash = rejected.task_hash
            and chosen.prompt_sha256 = rejected.prompt_sha256
    where
        chosen.outcome = 'success'
        and rejected.outcome = 'failure'
        and chosen.output_sha256 <> rejected.output_sha256
        -- A failure that was scored higher than a success teaches nothing that can be relied on.
        and chosen.worth >= rejected.worth

)

select * from pairs
