{{ config(materialized='incremental') }}

with

errors as (

    select * from {{ ref('int_coded_errors') }}

),

failure_patterns as (

    select
        organization_id,
        code,
        agent_id,
        event_date,
        count(*) as error_count,
        count(distinct run_id) as run_count,
        count(distinct fingerprint) as fingerprint_count
    from errors
    group by 1, 2, 3, 4

)

select * from failure_patterns
