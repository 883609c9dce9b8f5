with

pairs as (

    select * from {{ ref('int_efficiency_turns') }}

),

{{ kept_pairs() }}

select * from kept_pairs
