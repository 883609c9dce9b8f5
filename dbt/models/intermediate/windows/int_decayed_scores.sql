{# How fast old runs lose weight (days), and what the prior weighs (runs). #}
{% set half_life_days, prior_runs = 14, 20 %}
{% set posterior = ['decayed_success_rate', 'decayed_run_count', 'prior_success_rate', prior_runs] %}
{% set agent = ['organization_id', 'agent_id', 'capability', 'window_name'] %}

with

agent_windows as (

    select * from {{ ref('int_agent_windows') }}

),

organizations as (

    select * from {{ ref('int_as_of') }}

),

capability_metrics as (

    select * from {{ ref('int_capability_metrics') }}

),

-- Whole days share a weight, so sums within a day stay exact.
scored_days as (

    select
        agent_windows.organization_id,
        agent_windows.agent_id,
        agent_windows.capability,
        agent_windows.window_name,
        agent_windows.event_date,
        {{ decay_weight(
            days_between('agent_windows.event_date', 'organizations.as_of'), half_life_days
        ) }} as weight,
        agent_windows.scored_run_count as n,
        agent_windows.scored_total as score_sum
    from agent_windows
    inner join organizations on agent_windows.organization_id = organizations.organization_id
    where agent_windows.scored_run_count > 0

),

decayed_sums as (

    select
        {{ agent | join(', ') }},
        {{ in_order('sum', 'weight * n', 'event_date') }} as weight_sum,
        {{ in_order('sum', 'weight * weight * n', 'event_date') }} as weight_squares,
        {{ in_order('sum', 'weight * cast(score_sum as double)', 'event_date') }} as weighted_score
    from scored_days
    group by 1, 2, 3, 4

),

cohort_sums as (

    select
        organization_id,
        capability,
        window_name,
        {{ in_order('sum', 'weight_sum', 'agent_id') }} as weight_sum,
        {{ in_order('sum', 'weighted_score', 'agent_id') }} as weighted_score,
        count(*) as agent_count
    from decayed_sums
    group by 1, 2, 3

),

-- An agent alone in its cohort has the prior of one success in two.
decayed_rates as (

    select
        decayed_sums.organization_id,
        decayed_sums.agent_id,
        decayed_sums.capability,
        decayed_sums.window_name,
        decayed_sums.weighted_score / decayed_sums.weight_sum as decayed_success_rate,
        {{ weighted_effective_n(
            'decayed_sums.weight_sum',
            'decayed_sums.weight_squares',
            'capability_metrics.scored_run_count / capability_metrics.effective_run_count',
        ) }} as decayed_run_count,
        case
            when cohort_sums.agent_count = 1 then 5e-1
            else
                (cohort_sums.weighted_score - decayed_sums.weighted_score)
                / (cohort_sums.weight_sum - decayed_sums.weight_sum)
        end as prior_success_rate
    from decayed_sums
    inner join capability_metrics
        on
            {% for key in agent -%}
                {{ 'and ' if not loop.first }}decayed_sums.{{ key }} = capability_metrics.{{ key }}
            {% endfor %}
    inner join cohort_sums
        on
            decayed_sums.organization_id = cohort_sums.organization_id
            and decayed_sums.capability = cohort_sums.capability
            and decayed_sums.window_name = cohort_sums.window_name

),

decayed_scores as (

    select
        *,
        1e2 * {{ beta_posterior_quantile('5e-2', *posterior) }} as reliability_score,
        1e2 * {{ beta_posterior_quantile('2.5e-2', *posterior) }} as reliability_score_low,
        1e2 * {{ beta_posterior_quantile('9.75e-1', *posterior) }} as reliability_score_high
    from decayed_rates

)

select * from decayed_scores
