{# The rank of a kind within its dataset: where two runs part says more than what they end with. #}
{% set no_input = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
{% set kinds = [
    ('first_divergence', 'int_divergence_pairs', 'preferences', 1),
    ('same_state', 'int_same_state_pairs', 'preferences', 2),
    ('output', 'int_output_pairs', 'preferences', 3),
    ('efficiency', 'int_efficiency_pairs', 'efficiency', 1),
] %}

with

pairs as (

    {% for pair_kind, model, dataset, kind_rank in kinds -%}
        {{ 'union all' if not loop.first }}
        select
            '{{ pair_kind }}' as pair_kind,
            '{{ dataset }}' as dataset,
            {{ kind_rank }} as kind_rank,
            organization_id,
            chosen_run_id,
            rejected_run_id,
            task_hash,
            prompt_sha256,
            chosen_key,
            rejected_key,
            divergence_seq,
            rejected_seq,
            divergence_position,
            margin,
            pair_sha256,
            {{ 'input_sha256' if pair_kind == 'output' else no_input ~ ' as input_sha256' }}
        from {{ ref(model) }}
    {% endfor %}
)

select * from pairs
