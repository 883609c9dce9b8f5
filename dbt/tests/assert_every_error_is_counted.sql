-- Every visible error is counted once in agent_errors and once in failure_patterns, and none of the
-- landed ones of the dates that this build derived is lost, but those of deleted runs. A failure means
-- that classifying or grouping drops or multiplies errors.
with

counts as (

    select
        (select count(*) from {{ ref('int_errors') }}) as visible_count,
        (select count(*) from {{ ref('error_occurrences') }}) as occurrence_count,
        (select coalesce(sum(error_count), 0) from {{ ref('agent_errors') }}) as fingerprint_total,
        (select coalesce(sum(error_count), 0) from {{ ref('failure_patterns') }}) as pattern_total,
        (select count(*) from {{ ref('stg_errors') }}) as landed_count,
        (select count(*) from {{ ref('int_coded_errors') }}) as coded_count,
        (
            select count(*)
            from {{ ref('stg_errors') }} as errors
            inner join {{ ref('int_deleted_runs') }} as deleted_runs
                on
                    errors.organization_id = deleted_runs.organization_id
                    and errors.run_id = deleted_runs.run_id
        ) as deleted_count

)

select * from counts
where
    landed_count <> coded_count + deleted_count
    or visible_count <> occurrence_count
    or visible_count <> fingerprint_total
    or visible_count <> pattern_total
