{{ config(materialized='incremental') }}

with

run_facts as (

    select * from {{ ref('int_run_facts') }}

)

select * from run_facts
