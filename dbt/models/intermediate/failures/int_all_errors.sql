{{ config(materialized='incremental') }}

with

errors as (

    select * from {{ ref('int_coded_errors') }}

)

select * from errors
