with

tombstones as (

    select * from {{ ref('stg_tombstones') }}

),

-- Proof of what went: how many, which by their hash, under what rule, by which day of the data.
removals as (

    select
        ---------- ids
        organization_id,
        batch_id,

        ---------- strings
        landed_table,
        reason,
        rule,
        rows_sha256,
        path,
        source_file_sha256,

        ---------- numerics
        commit_number,
        tombstone_number,
        row_count,

        ---------- booleans
        is_whole_file,

        ---------- dates
        event_date,
        as_of
    from tombstones

)

select * from removals
