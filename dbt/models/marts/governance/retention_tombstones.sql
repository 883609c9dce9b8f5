-- Proof of what went: how many, which by their hash, under what rule, by which day of the data.
-- The contract names the columns.
with

tombstones as (

    select * from {{ ref('stg_tombstones') }}

)

select * from tombstones
