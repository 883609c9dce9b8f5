with

runs as (

    select * from {{ ref('agent_runs') }}

),

tool_calls as (

    select * from {{ ref('tool_calls') }}
    where run_id is not null

),

failure_modes as (

    select * from {{ ref('stg_declared_failure_modes') }}

),

events as (

    select * from {{ ref('stg_events') }}

),

ordered_calls as (

    select
        *,
        row_number() over (run_order) as place,
        row_number() over (call_order) as place_of_its_kind,
        lag(tool_name || '/' || arguments_sha256, 1) over (run_order) as call_before,
        lag(tool_name || '/' || arguments_sha256, 2) over (run_order) as second_call_before
    from tool_calls
    where
        seq is not null
        and tool_name is not null
        and arguments_sha256 is not null
    window
        run_order as (partition by organization_id, run_id order by seq, tool_call_id),
        call_order as (
            partition by organization_id, run_id, tool_name, arguments_sha256 order by seq, tool_call_id
        )

),

-- Equal calls in a row keep the difference of their two places.
streaks as (

    select
        organization_id,
        run_id,
        tool_name,
        count(*) as evidence_count,
        min(seq) as first_seq,
        max(seq) as last_seq
    from ordered_calls
    group by organization_id, run_id, tool_name, arguments_sha256, place - place_of_its_kind
    having count(*) >= 3

),

alternations as (

    select
        organization_id,
        run_id,
        min(tool_name) as tool_name,
        count(*) as evidence_count,
        min(seq) as first_seq,
        max(seq) as last_seq
    from ordered_calls
    where
        tool_name || '/' || arguments_sha256 = second_call_before
        and tool_name || '/' || arguments_sha256 <> call_before
    group by organization_id, run_id
    having count(*) >= 4

),

last_calls as (

    select
        *,
        row_number() over (
            partition by organization_id, run_id, tool_name order by seq desc, tool_call_id desc
        ) as place_from_end
    from tool_calls
    where
        seq is not null
        and status is not null

),

-- The run ended by itself, and the last it heard of the tool was an error.
ignored_errors as (

    select
        last_calls.organization_id,
        last_calls.run_id,
        min(last_calls.tool_name) as tool_name,
        count(*) as evidence_count,
        min(last_calls.seq) as first_seq,
        max(last_calls.seq) as last_seq
    from last_calls
    inner join runs
        on
            last_calls.organization_id = runs.organization_id
            and last_calls.run_id = runs.run_id
            and runs.termination = 'completed'
    where
        last_calls.place_from_end = 1
        and last_calls.status = 'error'
    group by last_calls.organization_id, last_calls.run_id

),

call_counts as (

    select
        runs.organization_id,
        runs.run_id,
        runs.suite_id,
        runs.task_id,
        runs.is_success,
        runs.termination,
        count(tool_calls.tool_call_id) as call_count
    from runs
    left join tool_calls
        on
            runs.organization_id = tool_calls.organization_id
            and runs.run_id = tool_calls.run_id
    where runs.task_id is not null
    group by
        runs.organization_id, runs.run_id, runs.suite_id, runs.task_id, runs.is_success, runs.termination

),

shortest_successes as (

    select
        organization_id,
        suite_id,
        task_id,
        min(call_count) as fewest_calls
    from call_counts
    where is_success
    group by organization_id, suite_id, task_id

),

premature_ends as (

    select
        call_counts.organization_id,
        call_counts.run_id,
        cast(null as string) as tool_name,
        shortest_successes.fewest_calls - call_counts.call_count as evidence_count,
        cast(null as bigint) as first_seq,
        call_counts.call_count as last_seq
    from call_counts
    inner join shortest_successes
        on
            call_counts.organization_id = shortest_successes.organization_id
            and call_counts.suite_id is not distinct from shortest_successes.suite_id
            and call_counts.task_id = shortest_successes.task_id
    where
        not call_counts.is_success
        and call_counts.termination = 'completed'
        and call_counts.call_count * 2 < shortest_successes.fewest_calls

),

accesses as (

    select
        organization_id,
        run_id,
        {{ json_field('payload', 'path') }} as path,
        max(case when {{ json_field('payload', 'action') }} = 'cite' then 1 else 0 end) as is_cited,
        max(case when {{ json_field('payload', 'action') }} <> 'cite' then 1 else 0 end) as is_observed
    from events
    where
        event_type = 'access'
        and run_id is not null
    group by organization_id, run_id, {{ json_field('payload', 'path') }}

),

unobserved_resources as (

    select
        organization_id,
        run_id,
        cast(null as string) as tool_name,
        count(*) as evidence_count,
        cast(null as bigint) as first_seq,
        cast(null as bigint) as last_seq
    from accesses
    where
        path is not null
        and is_cited = 1
        and is_observed = 0
    group by organization_id, run_id

),

limits_reached as (

    select
        runs.organization_id,
        runs.run_id,
        failure_modes.code,
        runs.termination
    from runs
    inner join failure_modes on array_contains(failure_modes.terminations, runs.termination)
    where substr(runs.termination, 1, 6) = 'limit_'

),

signals as (

    {% for relation, signal, code in [
        ('streaks', 'repeated_call', 'LOOP.REPEATED_ACTION'),
        ('alternations', 'alternating_calls', 'LOOP.REPEATED_ACTION'),
        ('ignored_errors', 'ignored_tool_error', 'PLAN.INPUT_IGNORED'),
        ('premature_ends', 'premature_end', 'PLAN.PREMATURE_END'),
        ('unobserved_resources', 'unobserved_resource', 'HALLUCINATION.RESOURCE'),
    ] %}
        select
            organization_id,
            run_id,
            '{{ signal }}' as signal,
            '{{ code }}' as code,
            min(tool_name) as tool_name,
            max(evidence_count) as evidence_count,
            min(first_seq) as first_seq,
            max(last_seq) as last_seq
        from {{ relation }}
        group by organization_id, run_id

        union all

    {% endfor %}

    select
        organization_id,
        run_id,
        'limit_reached' as signal,
        min(code) as code,
        cast(null as string) as tool_name,
        cast(1 as bigint) as evidence_count,
        cast(null as bigint) as first_seq,
        cast(null as bigint) as last_seq
    from limits_reached
    group by organization_id, run_id

),

run_signals as (

    select
        signals.organization_id,
        signals.run_id,
        runs.agent_id,
        signals.signal,
        signals.code,
        signals.tool_name,
        runs.failure_code,
        cast(signals.evidence_count as bigint) as evidence_count,
        signals.first_seq,
        signals.last_seq,
        runs.is_success,
        runs.event_date
    from signals
    inner join runs
        on
            signals.organization_id = runs.organization_id
            and signals.run_id = runs.run_id

)

select * from run_signals
