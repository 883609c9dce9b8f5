with

calls as (

    select * from {{ ref('int_candidate_calls') }}

),

sft_examples as (

    select * from {{ ref('sft_examples') }}

),

preference_pairs as (

    select * from {{ ref('preference_pairs') }}

),

unpaired_examples as (

    select * from {{ ref('unpaired_examples') }}

),

exported_runs as (

    select
        organization_id,
        run_id
    from sft_examples
    union
    select
        organization_id,
        chosen_run_id as run_id
    from preference_pairs
    union
    select
        organization_id,
        rejected_run_id as run_id
    from preference_pairs
    union
    select
        organization_id,
        run_id
    from unpaired_examples

),

example_calls as (

    select
        calls.organization_id,
        calls.run_id,
        calls.tool_call_id,
        calls.tool_name,
        calls.arguments_sha256,
        calls.seq as message_seq,
        cast(calls.call_number as bigint) as call_number
    from calls
    inner join exported_runs
        on
            calls.organization_id = exported_runs.organization_id
            and calls.run_id = exported_runs.run_id

)

select * from example_calls
