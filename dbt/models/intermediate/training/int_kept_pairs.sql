with

pairs as (

    select * from {{ ref('int_pairs') }}

),

-- A pair that also exists the other way round teaches nothing.
contradicted_pairs as (

    select distinct
        pairs.organization_id,
        pairs.pair_kind,
        pairs.pair_sha256
    from pairs
    inner join pairs as reversed
        on
            pairs.organization_id = reversed.organization_id
            and pairs.pair_kind = reversed.pair_kind
            and pairs.prompt_sha256 = reversed.prompt_sha256
            and pairs.chosen_key = reversed.rejected_key
            and pairs.rejected_key = reversed.chosen_key

),

distinct_pairs as (

    select
        pairs.*,
        row_number() over (
            partition by pairs.organization_id, pairs.pair_kind, pairs.pair_sha256
            order by pairs.margin desc, pairs.chosen_run_id asc, pairs.rejected_run_id asc
        ) as repeat_number
    from pairs
    left join contradicted_pairs
        on
            pairs.organization_id = contradicted_pairs.organization_id
            and pairs.pair_kind = contradicted_pairs.pair_kind
            and pairs.pair_sha256 = contradicted_pairs.pair_sha256
    where contradicted_pairs.pair_sha256 is null

),

-- Of a task only the kind that says most.
ranked_kinds as (

    select
        *,
        min(kind_rank) over (partition by organization_id, dataset, task_hash) as task_kind_rank
    from distinct_pairs
    where repeat_number = 1

),

-- The longer the shared prompt, the more a pair says about the one turn that differs.
chosen_uses as (

    select
        *,
        row_number() over (
            partition by organization_id, dataset, chosen_run_id
            order by divergence_position desc, pair_sha256 asc
        ) as chosen_use
    from ranked_kinds
    where kind_rank = task_kind_rank

),

rejected_uses as (

    select
        *,
        row_number() over (
            partition by organization_id, dataset, rejected_run_id
            order by divergence_position desc, pair_sha256 asc
        ) as rejected_use
    from chosen_uses
    where chosen_use <= 2

),

task_pairs as (

    select
        *,
        row_number() over (
            partition by organization_id, dataset, task_hash
            order by divergence_position desc, pair_sha256 asc
        ) as task_pair_number
    from rejected_uses
    where rejected_use <= 2

),

-- A run is used twice at most, a task gives four pairs at most.
kept_pairs as (

    select * from task_pairs
    where task_pair_number <= 4

)

select * from kept_pairs
