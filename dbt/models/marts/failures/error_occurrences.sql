{{ config(materialized='incremental') }}

with

errors as (

    select * from {{ ref('int_coded_errors') }}

),

located_errors as (

    select
        ---------- ids
        organization_id,
        event_id,
        error_id,
        run_id,
        step_id,
        agent_id,
        fingerprint,

        ---------- strings
        code,

        ---------- dates
        event_date,

        ---------- timestamps
        occurred_at,

        ---------- where it came from
        batch_id,
        source_file_sha256,
        line_number,
        byte_offset,
        byte_length,
        format
    from errors

)

select * from located_errors
