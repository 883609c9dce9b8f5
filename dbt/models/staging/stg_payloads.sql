with

source as (

    select * from {{ source('landed', 'payloads') }}

),

renamed as (

    select
        ---------- ids
        organization_id,

        ---------- strings
        sha256,
        payload_kind,
        consent,
        redaction_version,

        ---------- numerics
        byte_count,

        ---------- dates
        expires_on,
        event_date,

        ---------- where it came from
        source_file_sha256,
        batch_id
    from source

)

select * from renamed
