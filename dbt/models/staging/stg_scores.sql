with

source as (

    select * from {{ source('landed', 'scores') }}

),

renamed as (

    select
        ---------- ids
        organization_id,
        event_id,
        score_id,
        target_id,
        run_id,
        supersedes_score_id,

        ---------- strings
        target_type,
        name,
        label,
        scorer,
        scorer_kind,
        output_sha256,

        ---------- numerics
        value,

        ---------- dates
        event_date,

        ---------- timestamps
        occurred_at,
        scored_at,

        ---------- where it came from
        batch_id,
        source_file_sha256,
        unit_number,
        line_number,
        byte_offset,
        byte_length,
        format,
        format_version
    from source

)

select * from renamed
