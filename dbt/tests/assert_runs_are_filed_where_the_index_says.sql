-- The run index, by which a build knows what to derive again, files each run under the date that folding
-- its events gives. A failure means that the two rules differ: then later builds would miss runs.
select
    runs.organization_id,
    runs.run_id,
    runs.event_date,
    affected_runs.event_date as indexed_date
from {{ ref('int_runs_folded') }} as runs
left join {{ ref('stg_affected_runs') }} as affected_runs
    on
        runs.organization_id = affected_runs.organization_id
        and runs.run_id = affected_runs.run_id
where
    affected_runs.run_id is null
    or runs.event_date is distinct from affected_runs.event_date
