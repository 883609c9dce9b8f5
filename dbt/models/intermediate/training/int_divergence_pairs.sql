{# Four pairs a task use at most four runs a side; twice that leaves room for pairs that fall away. #}
{% set runs_compared = 8 %}

with

turns as (

    select * from {{ ref('int_preference_turns') }}

),

compared_turns as (

    select * from turns
    where
        is_divergence
        and side_rank <= {{ runs_compared }}

),

pairs as (

    select
        chosen.organization_id,
        chosen.run_id as chosen_run_id,
        rejected.run_id as rejected_run_id,
        chosen.task_hash,
        chosen.prompt_sha256,
        chosen.message_key as chosen_key,
        rejected.message_key as rejected_key,
        chosen.seq as divergence_seq,
        rejected.seq as rejected_seq,
        chosen.position as divergence_position,
        chosen.worth - rejected.worth as margin,
        {{ text_sha256("chosen.prompt_sha256 || ' ' || chosen.message_key || ' ' || rejected.message_key") }}
            as pair_sha256
    from compared_turns as chosen
    inner join compared_turns as rejected
        on
            chosen.organization_id = rejected.organization_id
            and chosen.task_hash = rejected.task_hash
            and chosen.prompt_sha256 = rejected.prompt_sha256
    where
        chosen.side = 'chosen'
        and rejected.side = 'rejected'
        and chosen.message_key <> rejected.message_key
        -- A failure that was scored higher than a success teaches nothing that can be relied on.
        and chosen.worth >= rejected.worth

)

select * from pairs
