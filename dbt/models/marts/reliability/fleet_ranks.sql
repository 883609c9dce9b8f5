{# Below these nobody's place among strangers is shown: it would tell them too much of each other. #}
{% set smallest_organization_count, smallest_agent_count = 5, 20 %}
{% set cohort = ['capability', 'window_name', 'metric'] %}

with

ranked_values as (

    select * from {{ ref('int_ranked_values') }}
    where gate <> 'insufficient'

),

organizations as (

    select distinct
        {{ cohort | join(', ') }},
        organization_id
    from ranked_values

),

organization_counts as (

    select
        {{ cohort | join(', ') }},
        count(*) as organization_count
    from organizations
    group by {{ cohort | join(', ') }}

),

agent_counts as (

    select
        {{ cohort | join(', ') }},
        count(*) as agent_count
    from ranked_values
    group by {{ cohort | join(', ') }}

),

fleet_values as (

    select
        ranked_values.*,
        agent_counts.agent_count
    from ranked_values
    inner join agent_counts
        on
            {% for key in cohort -%}
                {{ 'and ' if not loop.first }}ranked_values.{{ key }} = agent_counts.{{ key }}
            {% endfor %}
    inner join organization_counts
        on
            {% for key in cohort -%}
                {{ 'and ' if not loop.first }}ranked_values.{{ key }} = organization_counts.{{ key }}
            {% endfor %}
    where
        agent_counts.agent_count >= {{ smallest_agent_count }}
        and organization_counts.organization_count >= {{ smallest_organization_count }}

),

fleet_ranks as (

    select
        organization_id,
        agent_id,
        capability,
        window_name,
        metric,
        value,
        {{ percentile_rank('merit', cohort) }} as percentile_rank,
        agent_count
    from fleet_values

)

select * from fleet_ranks
