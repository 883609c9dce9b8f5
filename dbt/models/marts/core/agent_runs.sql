{{ config(materialized='table' if target.type == 'spark' else 'view') }}

with

runs as (

    select * from {{ ref('int_runs') }}

)

select * from runs
