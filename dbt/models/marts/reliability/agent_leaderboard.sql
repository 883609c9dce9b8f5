{% set cohort = ['organization_id', 'capability', 'window_name'] | join(', ') %}
{% set agent = ['organization_id', 'agent_id', 'capability', 'window_name'] %}

with

ranks as (

    select * from {{ ref('agent_percentile_ranks') }}
    where metric = 'reliability_score'

),

decayed_scores as (

    select * from {{ ref('int_decayed_scores') }}

),

capability_metrics as (

    select * from {{ ref('int_capability_metrics') }}

),

hiring_scores as (

    select * from {{ ref('hiring_scores') }}

),

-- Everybody with a score has a place; whether it says anything is the gate's to tell.
placed_agents as (

    select
        *,
        cast(rank() over (partition by {{ cohort }} order by value desc) as bigint) as place,
        min(value_low) over (
            partition by {{ cohort }} order by value_high desc, agent_id asc
            rows between unbounded preceding and 1 preceding
        ) as lowest_before
    from ranks
    where value is not null

),

-- A group ends where everybody below differs surely from everybody in it.
grouped_agents as (

    select
        *,
        1 + sum(case when value_high < lowest_before then 1 else 0 end) over (
            partition by {{ cohort }} order by value_high desc, agent_id asc
            rows between unbounded preceding and current row
        ) as tied_group,
        max(case when place = 1 then value_low end) over (partition by {{ cohort }}) as best_low
    from placed_agents

),

leaderboard as (

    select
        ---------- ids
        grouped_agents.organization_id,
        grouped_agents.capability,
        grouped_agents.window_name,
        grouped_agents.agent_id,

        ---------- place
        grouped_agents.place,
        cast(grouped_agents.tied_group as bigint) as tied_group,
        grouped_agents.value_high >= grouped_agents.best_low as is_tied_with_best,
        grouped_agents.tied_count,
        grouped_agents.percentile_rank,
        grouped_agents.percentile_rank_low,
        grouped_agents.percentile_rank_high,
        grouped_agents.cohort_size,
        grouped_agents.gate,
        grouped_agents.gate_reason,

        ---------- score
        grouped_agents.value as reliability_score,
        grouped_agents.value_low as reliability_score_low,
        grouped_agents.value_high as reliability_score_high,
        decayed_scores.decayed_success_rate,
        decayed_scores.decayed_run_count,
        decayed_scores.prior_success_rate,
        hiring_scores.hiring_score,
        hiring_scores.hiring_score_low,

        ---------- what it rests on
        capability_metrics.run_count,
        capability_metrics.scored_run_count,
        capability_metrics.success_rate,
        capability_metrics.success_rate_low,
        capability_metrics.success_rate_high,
        capability_metrics.avg_cost_usd,
        capability_metrics.cost_per_success_usd,
        capability_metrics.unpriced_run_count,
        capability_metrics.latency_p95_ms,
        capability_metrics.hallucination_rate,
        capability_metrics.hallucination_judged_count
    from grouped_agents
    {% for other in ['decayed_scores', 'capability_metrics', 'hiring_scores'] -%}
        inner join {{ other }}
            on
                {% for key in agent -%}
                    {{ 'and ' if not loop.first }}grouped_agents.{{ key }} = {{ other }}.{{ key }}
                {% endfor %}
    {% endfor %}
)

select * from leaderboard
