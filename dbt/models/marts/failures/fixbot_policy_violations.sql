with

events as (

    select * from {{ ref('stg_events') }}

),

policy as (

    select * from {{ ref('stg_declared_fixbot_policy') }}

),

runs as (

    select * from {{ ref('agent_runs') }}
    where kind = 'fixbot'

),

accesses as (

    select
        organization_id,
        event_id,
        run_id,
        agent_id,
        occurred_at,
        {{ json_field('payload', 'action') }} as access_action,
        {{ json_field('payload', 'path') }} as path,
        {{ json_field('payload', 'branch') }} as branch,
        {{ json_field('payload', 'admin') }} as admin_flag
    from events
    where event_type = 'access'

),

fixbot_accesses as (

    select
        accesses.*,
        coalesce(accesses.agent_id, runs.agent_id) as fixbot_id
    from accesses
    inner join runs
        on
            accesses.organization_id = runs.organization_id
            and accesses.run_id = runs.run_id

),

-- Reading is allowed; whatever else is done to a forbidden path is not.
forbidden_paths as (

    select
        fixbot_accesses.*,
        'forbidden_path' as violation,
        policy.rule_glob,
        fixbot_accesses.path as touched
    from fixbot_accesses
    inner join policy
        on
            policy.rule = 'forbidden_path'
            and {{ matches_pattern('fixbot_accesses.path', 'policy.pattern') }}
    where fixbot_accesses.access_action <> 'read'

),

direct_pushes as (

    select
        fixbot_accesses.*,
        'direct_push' as violation,
        policy.rule_glob,
        fixbot_accesses.branch as touched
    from fixbot_accesses
    inner join policy
        on
            policy.rule = 'direct_push'
            and {{ matches_pattern('fixbot_accesses.branch', 'policy.pattern') }}
    where fixbot_accesses.access_action = 'push'

),

admin_merges as (

    select
        *,
        'admin_merge' as violation,
        cast(null as string) as rule_glob,
        branch as touched
    from fixbot_accesses
    where
        access_action = 'merge'
        and admin_flag = 'true'

),

violations as (

    select * from forbidden_paths

    union all

    select * from direct_pushes

    union all

    select * from admin_merges

),

fixbot_policy_violations as (

    select
        organization_id,
        event_id,
        run_id,
        fixbot_id as agent_id,
        violation,
        rule_glob,
        touched,
        'critical' as severity,
        occurred_at
    from violations

)

select * from fixbot_policy_violations
