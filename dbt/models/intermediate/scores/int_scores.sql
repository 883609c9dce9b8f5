{{ config(materialized='view') }}

with

scores as (

    select * from {{ ref('stg_scores') }}

),

superseded as (

    select distinct
        organization_id,
        supersedes_score_id as score_id
    from scores
    where
        supersedes_score_id is not null
        and (score_id is null or supersedes_score_id <> score_id)

),

-- An edit is a new row: only the end of a chain of edits is current.
judged as (

    select
        scores.*,
        case
            when scores.run_id is not null then scores.run_id
            when scores.target_type = 'run' then scores.target_id
        end as scored_run_id,
        superseded.score_id is null as is_current
    from scores
    left join superseded
        on
            scores.organization_id = superseded.organization_id
            and scores.score_id = superseded.score_id

)

select * from judged
