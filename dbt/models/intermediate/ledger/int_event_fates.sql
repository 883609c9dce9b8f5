with

events as (

    select * from {{ ref('stg_events') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

-- The deletion itself stays: it is why the others went.
judged_events as (

    select
        events.batch_id,
        events.event_type <> 'deletion' and deleted_runs.run_id is not null as is_deleted
    from events
    left join deleted_runs
        on
            events.organization_id = deleted_runs.organization_id
            and events.run_id = deleted_runs.run_id

),

fates as (

    select
        batch_id,
        sum(case when is_deleted then 0 else 1 end) as visible_count,
        sum(case when is_deleted then 1 else 0 end) as deleted_count
    from judged_events
    group by 1

)

select * from fates
