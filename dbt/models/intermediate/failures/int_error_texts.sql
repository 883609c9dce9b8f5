with

errors as (

    select * from {{ ref('stg_errors') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

visible_errors as (

    select errors.*
    from errors
    left join deleted_runs
        on
            errors.organization_id = deleted_runs.organization_id
            and errors.run_id = deleted_runs.run_id
    where deleted_runs.run_id is null

),

-- Logs keep an exception's type beside its message or in front of it; the classifier reads it in front.
spoken_errors as (

    select
        *,
        case
            when nullif(error_type, '') is null then coalesce(message, '')
            when message is null then error_type
            when replace(message, error_type, '') <> message then message
            else error_type || ': ' || message
        end as error_text
    from visible_errors

),

-- A Problem Details body in a message (RFC 9457) declares a code as a field would.
error_texts as (

    select
        organization_id,
        event_id,
        error_id,
        run_id,
        step_id,
        source,
        phase,
        coalesce(
            code_declared,
            {{ first_capture('message', "'urn:ipai:failure:([A-Z]+(?:[.][A-Z0-9_]+)+)'") }}
        ) as code_declared,
        top_frame,
        {{ classifier_text('error_text') }} as classifier_text,
        seq,
        http_status,
        event_date,
        occurred_at,
        batch_id,
        source_file_sha256,
        line_number,
        byte_offset,
        byte_length,
        format
    from spoken_errors

)

select * from error_texts
