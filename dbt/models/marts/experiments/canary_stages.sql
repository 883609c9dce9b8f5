{# Evidence that decides on a canary: under the null at most one in 20 reaches it, however often watched. #}
{% set decided = 20 %}
{% set stage = ['organization_id', 'rollout_id', 'stage'] | join(', ') %}

with

rollouts as (

    select * from {{ ref('int_rollouts') }}
    where kind = 'canary'

),

rollout_runs as (

    select * from {{ ref('int_rollout_runs') }}
    where kind = 'canary'

),

thresholds as (

    select * from {{ ref('stg_declared_thresholds') }}
    where name = 'canary_margin'

),

scored_runs as (

    select
        *,
        row_number() over (partition by {{ stage }}, is_candidate order by run_at, run_id) as place
    from rollout_runs
    where population = 'scored'

),

arm_sums as (

    select
        {{ stage }},
        count(case when not is_candidate then 1 end) as control_run_count,
        count(case when is_candidate then 1 end) as candidate_run_count,
        {{ in_order('avg', 'case when not is_candidate then score end', 'run_id') }} as control_success_rate,
        {{ in_order('avg', 'case when is_candidate then score end', 'run_id') }} as candidate_success_rate
    from scored_runs
    group by {{ stage }}

),

-- The n-th run of each arm make the n-th pair, in the order of arrival: what comes later changes no
-- earlier pair.
pairs as (

    select
        control.organization_id,
        control.rollout_id,
        control.stage,
        control.place,
        greatest(control.run_at, candidate.run_at) as paired_at,
        case when control.is_success and not candidate.is_success then 1 else 0 end as is_worse,
        case when candidate.is_success and not control.is_success then 1 else 0 end as is_better
    from scored_runs as control
    inner join scored_runs as candidate
        on
            control.organization_id = candidate.organization_id
            and control.rollout_id = candidate.rollout_id
            and control.stage = candidate.stage
            and control.place = candidate.place
    where
        not control.is_candidate
        and candidate.is_candidate

),

counts as (

    select
        *,
        sum(is_worse) over so_far as worse_count,
        sum(is_better) over so_far as better_count
    from pairs
    window
        so_far as (partition by {{ stage }} order by place rows between unbounded preceding and current row)

),

evidence as (

    select
        counts.*,
        {{ beta_e_value('counts.worse_count', 'counts.better_count') }} as worse_e_value,
        {{ margin_e_value(
            'counts.worse_count', 'counts.better_count', '(counts.place - counts.worse_count - counts.better_count)',
            'thresholds.value',
        ) }} as not_worse_e_value
    from counts
    cross join thresholds

),

-- A decision stands once it was reached, whichever comes first.
decisions as (

    select
        {{ stage }},
        count(*) as pair_count,
        max(case when is_last = 1 then worse_count end) as worse_pair_count,
        max(case when is_last = 1 then better_count end) as better_pair_count,
        max(worse_e_value) as worse_e_value,
        max(not_worse_e_value) as not_worse_e_value,
        min(case when worse_e_value >= {{ decided }} then place end) as rollback_pair,
        min(case when not_worse_e_value >= {{ decided }} then place end) as promote_pair,
        min(case when greatest(worse_e_value, not_worse_e_value) >= {{ decided }} then paired_at end)
            as decided_at
    from (
        select
            *,
            row_number() over (partition by {{ stage }} order by place desc) as is_last
        from evidence
    ) as evidence_from_the_end
    group by {{ stage }}

),

canary_stages as (

    select
        rollouts.organization_id,
        rollouts.rollout_id,
        rollouts.stage,
        rollouts.change_id,
        rollouts.agent_id,
        rollouts.control_variant,
        rollouts.candidate_variant,
        rollouts.candidate_share,
        rollouts.started_at,
        rollouts.ended_at,
        coalesce(arm_sums.control_run_count, 0) as control_run_count,
        coalesce(arm_sums.candidate_run_count, 0) as candidate_run_count,
        arm_sums.control_success_rate,
        {{ wilson_bound(
            'arm_sums.control_success_rate * arm_sums.control_run_count', 'arm_sums.control_run_count', 'low'
        ) }} as control_success_rate_low,
        {{ wilson_bound(
            'arm_sums.control_success_rate * arm_sums.control_run_count', 'arm_sums.control_run_count', 'high'
        ) }} as control_success_rate_high,
        arm_sums.candidate_success_rate,
        {{ wilson_bound(
            'arm_sums.candidate_success_rate * arm_sums.candidate_run_count', 'arm_sums.candidate_run_count', 'low'
        ) }} as candidate_success_rate_low,
        {{ wilson_bound(
            'arm_sums.candidate_success_rate * arm_sums.candidate_run_count', 'arm_sums.candidate_run_count', 'high'
        ) }} as candidate_success_rate_high,
        coalesce(decisions.pair_count, 0) as pair_count,
        cast(decisions.worse_pair_count as bigint) as worse_pair_count,
        cast(decisions.better_pair_count as bigint) as better_pair_count,
        decisions.worse_e_value,
        decisions.not_worse_e_value,
        case
            when
                decisions.rollback_pair <= coalesce(decisions.promote_pair, decisions.rollback_pair)
                then 'rollback'
            when decisions.promote_pair is not null then 'promote'
            else 'hold'
        end as verdict,
        decisions.decided_at,
        case
            when rollouts.rolled_back_at is not null then 'rollback'
            when rollouts.promoted_at is not null then 'promote'
            when rollouts.ended_at is not null then 'end'
        end as action_taken
    from rollouts
    left join arm_sums
        on
            rollouts.organization_id = arm_sums.organization_id
            and rollouts.rollout_id = arm_sums.rollout_id
            and rollouts.stage = arm_sums.stage
    left join decisions
        on
            rollouts.organization_id = decisions.organization_id
            and rollouts.rollout_id = decisions.rollout_id
            and rollouts.stage = decisions.stage

)

select * from canary_stages
