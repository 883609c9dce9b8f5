with

pairs as (

    select * from {{ ref('int_output_turns') }}

),

{{ kept_pairs() }}

select * from kept_pairs
