{% set test = ['organization_id', 'rollout_id', 'stage'] | join(', ') %}

with

rollouts as (

    select * from {{ ref('int_rollouts') }}
    where kind = 'shadow'

),

rollout_runs as (

    select * from {{ ref('int_rollout_runs') }}
    where kind = 'shadow'

),

-- The same input, the first run of each side: repeats of one input would count it several times.
first_runs as (

    select
        *,
        row_number()
            over (partition by {{ test }}, is_candidate, input_sha256 order by run_at, run_id)
            as repetition
    from rollout_runs
    where input_sha256 is not null

),

pairs as (

    select
        control.organization_id,
        control.rollout_id,
        control.stage,
        control.input_sha256,
        control.outcome = candidate.outcome as is_same_outcome,
        control.output_sha256 = candidate.output_sha256 as is_same_output,
        cast(candidate.cost_usd as double) - cast(control.cost_usd as double) as cost_difference,
        cast(candidate.latency_ms as double) - cast(control.latency_ms as double) as latency_difference
    from first_runs as control
    inner join first_runs as candidate
        on
            control.organization_id = candidate.organization_id
            and control.rollout_id = candidate.rollout_id
            and control.stage = candidate.stage
            and control.input_sha256 = candidate.input_sha256
    where
        not control.is_candidate
        and candidate.is_candidate
        and control.repetition = 1
        and candidate.repetition = 1

),

pair_sums as (

    select
        {{ test }},
        count(*) as pair_count,
        count(is_same_outcome) as outcome_known_count,
        count(case when is_same_outcome then 1 end) as same_outcome_count,
        count(is_same_output) as output_known_count,
        count(case when is_same_output then 1 end) as same_output_count,
        {% for measure in ['cost', 'latency'] -%}
            {{ in_order('avg', measure ~ '_difference', 'input_sha256') }} as {{ measure }}_difference,
            {{ in_order('var_samp', measure ~ '_difference', 'input_sha256') }} as {{ measure }}_variance,
        {% endfor -%}
        count(cost_difference) as cost_pair_count,
        count(latency_difference) as latency_pair_count
    from pairs
    group by {{ test }}

),

shadow_tests as (

    select
        rollouts.organization_id,
        rollouts.rollout_id,
        rollouts.stage,
        rollouts.agent_id,
        rollouts.control_variant,
        rollouts.candidate_variant,
        rollouts.started_at,
        rollouts.ended_at,
        coalesce(pair_sums.pair_count, 0) as pair_count,
        pair_sums.outcome_known_count,
        {% for what in ['outcome', 'output'] -%}
            cast(pair_sums.same_{{ what }}_count as double) / nullif(pair_sums.{{ what }}_known_count, 0)
                as {{ what }}_agreement_rate,
            {{ wilson_bound(
                'pair_sums.same_' ~ what ~ '_count', 'pair_sums.' ~ what ~ '_known_count', 'low'
            ) }} as {{ what }}_agreement_rate_low,
            {{ wilson_bound(
                'pair_sums.same_' ~ what ~ '_count', 'pair_sums.' ~ what ~ '_known_count', 'high'
            ) }} as {{ what }}_agreement_rate_high,
        {% endfor -%}
        {% for measure, unit in [('cost', 'usd'), ('latency', 'ms')] -%}
            {%- set mean = 'pair_sums.' ~ measure ~ '_difference' -%}
            {%- set n = 'pair_sums.' ~ measure ~ '_pair_count' -%}
            {%- set se = 'nullif(sqrt(pair_sums.' ~ measure ~ '_variance / nullif(' ~ n ~ ', 0)), 0)' -%}
            {{ mean }} as {{ measure }}_difference_{{ unit }},
            {{ t_bound(mean, se, n ~ ' - 1', 'low') }} as {{ measure }}_difference_{{ unit }}_low,
            {{ t_bound(mean, se, n ~ ' - 1', 'high') }} as {{ measure }}_difference_{{ unit }}_high,
        {% endfor -%}
        pair_sums.output_known_count
    from rollouts
    left join pair_sums
        on
            rollouts.organization_id = pair_sums.organization_id
            and rollouts.rollout_id = pair_sums.rollout_id
            and rollouts.stage = pair_sums.stage

)

select * from shadow_tests
