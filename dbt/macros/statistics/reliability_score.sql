{#
    Reliability score: what success rate an agent reaches at least, with 95 % posterior probability, its old runs
    weighing less. The prior is a Beta at the mean of its cohort without it.
#}

{# Weight of a run so many days before as_of: halved every `half_life` days. A run of unknown age weighs 1. #}
{% macro decay_weight(age_days, half_life) -%}
    power(5e-1, coalesce(cast({{ age_days }} as double), 0e0) / ({{ half_life }}))
{%- endmacro %}

{# How many runs of weight 1 the weighted ones are worth (Kish 1965), attempts at one task resembling each other. #}
{% macro weighted_effective_n(weight_sum, weight_squares, design_effect) -%}
    power(cast({{ weight_sum }} as double), 2) / nullif({{ weight_squares }}, 0)
    / greatest(1e0, coalesce({{ design_effect }}, 1e0))
{%- endmacro %}

{#
    Quantile of the Beta posterior of a rate: prior of the given mean and strength (in runs), data of rate and n.
    A prior mean of 0 or 1 would forbid what has not been seen yet: it is kept a thousandth away from both.
#}
{% macro beta_posterior_quantile(quantile, rate, n, prior_mean, prior_strength) -%}
    {%- set mean = "least(greatest(" ~ prior_mean ~ ", 1e-3), 1e0 - 1e-3)" -%}
    beta_quantile(
        {{ quantile }},
        cast(({{ prior_strength }}) * {{ mean }} + ({{ n }}) * ({{ rate }}) as double),
        cast(({{ prior_strength }}) * (1e0 - {{ mean }}) + ({{ n }}) * (1e0 - ({{ rate }})) as double)
    )
{%- endmacro %}
