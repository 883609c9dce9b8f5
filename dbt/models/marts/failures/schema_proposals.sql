{% set pair = ['organization_id', 'intent_type', 'tool_name', 'from_field'] | join(', ') %}

with

mismatches as (

    select * from {{ ref('int_field_mismatches') }}

),

tool_calls as (

    select * from {{ ref('tool_calls') }}

),

lifecycle as (

    select
        organization_id,
        coalesce({{ json_field('payload', 'intent_type') }}, '') as intent_type,
        coalesce({{ json_field('payload', 'tool_name') }}, '') as tool_name,
        {{ json_field('payload', 'from_field') }} as from_field,
        {{ json_field('payload', 'to_field') }} as to_field,
        min(case when {{ json_field('payload', 'status') }} = 'approved' then occurred_at end) as approved_at,
        min(case when {{ json_field('payload', 'status') }} = 'rejected' then occurred_at end) as rejected_at,
        min(case when {{ json_field('payload', 'status') }} = 'applied' then occurred_at end) as applied_at,
        max(case
            when {{ json_field('payload', 'status') }} = 'approved'
                then {{ json_field('payload', 'approver') }}
        end) as approver
    from {{ ref('stg_events') }}
    where event_type = 'proposal'
    group by 1, 2, 3, 4, 5

),

dated_mismatches as (

    select distinct
        {{ pair }},
        to_field,
        similarity,
        event_id,
        occurred_at,
        event_date
    from mismatches
    where event_date is not null

),

-- Five within seven days, the mismatch itself the last of them.
windows as (

    select
        later.organization_id,
        later.intent_type,
        later.tool_name,
        later.from_field,
        later.to_field,
        later.event_id,
        later.similarity,
        later.occurred_at,
        count(*) as week_count
    from dated_mismatches as later
    inner join dated_mismatches as earlier
        on
            later.organization_id = earlier.organization_id
            and later.intent_type = earlier.intent_type
            and later.tool_name = earlier.tool_name
            and later.from_field = earlier.from_field
            and later.to_field = earlier.to_field
            and earlier.event_date between {{ days_before('later.event_date', 6) }} and later.event_date
    group by 1, 2, 3, 4, 5, 6, 7, 8

),

candidates as (

    select
        {{ pair }},
        to_field,
        max(similarity) as similarity,
        count(*) as mismatch_count,
        max(week_count) as peak_week_count,
        min(case when week_count >= 5 then occurred_at end) as proposed_at,
        max(occurred_at) as last_mismatch_at
    from windows
    group by {{ pair }}, to_field

),

ranked_candidates as (

    select
        *,
        row_number() over (
            partition by {{ pair }} order by similarity desc, mismatch_count desc, to_field asc
        ) as candidate_rank
    from candidates

),

proposals as (

    select
        candidates.*,
        lifecycle.approver,
        lifecycle.approved_at,
        lifecycle.rejected_at,
        lifecycle.applied_at
    from ranked_candidates as candidates
    left join lifecycle
        on
            candidates.organization_id = lifecycle.organization_id
            and candidates.intent_type = lifecycle.intent_type
            and candidates.tool_name = lifecycle.tool_name
            and candidates.from_field = lifecycle.from_field
            and candidates.to_field = lifecycle.to_field
    where
        candidates.candidate_rank = 1
        and candidates.peak_week_count >= 5

),

mismatches_by_time as (

    select
        proposals.organization_id,
        proposals.intent_type,
        proposals.tool_name,
        proposals.from_field,
        proposals.to_field,
        count(case when mismatches.occurred_at < proposals.applied_at then 1 end) as mismatch_count_before,
        count(case when mismatches.occurred_at >= proposals.applied_at then 1 end) as mismatch_count_after
    from proposals
    inner join mismatches
        on
            proposals.organization_id = mismatches.organization_id
            and proposals.intent_type = mismatches.intent_type
            and proposals.tool_name = mismatches.tool_name
            and proposals.from_field = mismatches.from_field
            and proposals.to_field = mismatches.to_field
    group by 1, 2, 3, 4, 5

),

calls_by_time as (

    select
        proposals.organization_id,
        proposals.intent_type,
        proposals.tool_name,
        proposals.from_field,
        proposals.to_field,
        count(case when tool_calls.occurred_at < proposals.applied_at then 1 end) as call_count_before,
        count(case when tool_calls.occurred_at >= proposals.applied_at then 1 end) as call_count_after
    from proposals
    inner join tool_calls
        on
            proposals.organization_id = tool_calls.organization_id
            and proposals.tool_name = tool_calls.tool_name
    where proposals.applied_at is not null
    group by 1, 2, 3, 4, 5

),

schema_proposals as (

    select
        proposals.organization_id,
        proposals.intent_type,
        proposals.tool_name,
        proposals.from_field,
        proposals.to_field,
        case
            when proposals.applied_at is not null then 'applied'
            when proposals.rejected_at is not null then 'rejected'
            when proposals.approved_at is not null then 'approved'
            else 'pending'
        end as state,
        proposals.approver,
        proposals.similarity,
        proposals.similarity * proposals.mismatch_count / (proposals.mismatch_count + 2) as confidence,
        proposals.mismatch_count,
        cast(case when proposals.applied_at is not null then times.mismatch_count_before end as double)
        / nullif(calls.call_count_before, 0) as mismatch_rate_before,
        cast(case when proposals.applied_at is not null then times.mismatch_count_after end as double)
        / nullif(calls.call_count_after, 0) as mismatch_rate_after,
        case
            when proposals.applied_at is null then true
            else
                proposals.approver is not null
                and proposals.rejected_at is null
                and coalesce(proposals.approved_at <= proposals.applied_at, false)
        end as is_legal,
        proposals.proposed_at,
        proposals.approved_at,
        proposals.rejected_at,
        proposals.applied_at,
        proposals.last_mismatch_at
    from proposals
    inner join mismatches_by_time as times
        on
            proposals.organization_id = times.organization_id
            and proposals.intent_type = times.intent_type
            and proposals.tool_name = times.tool_name
            and proposals.from_field = times.from_field
            and proposals.to_field = times.to_field
    left join calls_by_time as calls
        on
            proposals.organization_id = calls.organization_id
            and proposals.intent_type = calls.intent_type
            and proposals.tool_name = calls.tool_name
            and proposals.from_field = calls.from_field
            and proposals.to_field = calls.to_field

)

select * from schema_proposals
