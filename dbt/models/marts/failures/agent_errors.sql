with

errors as (

    select * from {{ ref('int_errors') }}

),

numbered_errors as (

    select
        *,
        row_number() over (
            partition by organization_id, fingerprint order by occurred_at nulls last, error_id, event_id
        ) as place
    from errors

),

fingerprints as (

    select
        organization_id,
        fingerprint,
        min(source) as source,
        min(phase) as phase,
        min(code_declared) as code_declared,
        min(http_status) as http_status,
        min(message_normalized) as message_normalized,
        min(top_frame) as top_frame,
        {{ joined_texts('case when place <= 5 then error_id end', 'place') }} as sample_error_ids,
        count(*) as error_count,
        count(distinct run_id) as run_count,
        count(distinct agent_id) as agent_count,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from numbered_errors
    group by 1, 2

),

-- Masks may hide what tells two codes apart; a fingerprint then bears the code of most of its errors.
-- What told another code than its group's is no evidence of it.
code_counts as (

    select
        organization_id,
        fingerprint,
        group_code as code,
        group_id,
        min(group_template) as group_template,
        min(case when code = group_code then matched_pattern end) as matched_pattern,
        coalesce(max(case when code = group_code then confidence end), 0e0) as confidence,
        row_number() over (
            partition by organization_id, fingerprint order by count(*) desc, group_code asc, group_id asc
        ) as code_rank
    from errors
    group by 1, 2, 3, 4

),

agent_errors as (

    select
        ---------- ids
        fingerprints.organization_id,
        fingerprints.fingerprint,
        code_counts.group_id,

        ---------- strings
        code_counts.code,
        code_counts.matched_pattern,
        fingerprints.source,
        fingerprints.phase,
        fingerprints.code_declared,
        fingerprints.http_status,
        fingerprints.message_normalized,
        code_counts.group_template,
        fingerprints.top_frame,
        fingerprints.sample_error_ids,

        ---------- numerics
        code_counts.confidence,
        fingerprints.error_count,
        fingerprints.run_count,
        fingerprints.agent_count,

        ---------- timestamps
        fingerprints.first_seen_at,
        fingerprints.last_seen_at
    from fingerprints
    inner join code_counts
        on
            fingerprints.organization_id = code_counts.organization_id
            and fingerprints.fingerprint = code_counts.fingerprint
            and code_counts.code_rank = 1

)

select * from agent_errors
