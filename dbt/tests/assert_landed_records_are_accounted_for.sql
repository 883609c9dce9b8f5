-- Of every batch and table, what landed is visible, has expired or belongs to a deleted run. A failure means
-- that records were lost or made up after they landed.
select *
from {{ ref('landed_records') }}
where landed_count is distinct from visible_count + expired_count + deleted_count
