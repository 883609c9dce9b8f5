{#
    Tests that may be looked at after every run (e-processes): under the null the chance that the value ever reaches
    1 / alpha is at most alpha (Ville 1939). All work on pairs of one run of each arm, in the order of their arrival,
    from the counts so far: `worse_count` pairs in which only the control succeeded, `better_count` in which only the
    canary did, `even_count` without a difference. Exponents stop at 600, far beyond any threshold, so that no value
    overflows.
#}

{#
    Evidence that the canary is worse: against the null that among the pairs that differ at most half favour the
    control. Likelihood ratio of a Beta(1, 1) over (1/2, 1) to 1/2:
    2^(n + 1) B(a + 1, b + 1) P(Binomial(n + 1, 1/2) <= a) with n = a + b.
#}
{% macro beta_e_value(worse_count, better_count) -%}
    exp(least(
        6e2,
        (({{ worse_count }}) + ({{ better_count }}) + 1) * 6.931471805599453e-1
        + {{ log_gamma("(" ~ worse_count ~ ") + 1") }} + {{ log_gamma("(" ~ better_count ~ ") + 1") }}
        - {{ log_gamma("(" ~ worse_count ~ ") + (" ~ better_count ~ ") + 2") }}
        + ln(greatest(binomial_cdf(
            cast({{ worse_count }} as double),
            cast(({{ worse_count }}) + ({{ better_count }}) + 1 as double),
            5e-1
        ), 1e-300))
    ))
{%- endmacro %}

{#
    Evidence that the canary is not worse by `margin` or more: a bet of every size lambda on (margin - d) > 0 with
    d = control - canary of each pair, averaged over a fixed grid of sizes. A bet that could lose all is not made.
#}
{% macro margin_e_value(worse_count, better_count, even_count, margin) -%}
    (
        {%- for step in range(1, 20) -%}
            {%- set bet = "(" ~ step ~ "e0 / 2e1 / (1e0 - (" ~ margin ~ ")))" -%}
            {{ " + " if not loop.first }}exp(least(
                6e2,
                ({{ better_count }}) * ln(1e0 + {{ bet }} * (({{ margin }}) + 1e0))
                + ({{ even_count }}) * ln(1e0 + {{ bet }} * ({{ margin }}))
                + ({{ worse_count }}) * ln(1e0 + {{ bet }} * (({{ margin }}) - 1e0))
            ))
        {%- endfor -%}
    ) / 19e0
{%- endmacro %}

{#
    Bernoulli CUSUM for a fall from one success rate to another (Page 1954; Reynolds and Stoumbos 1999): the
    increment of one run, a log-likelihood ratio.
#}
{% macro cusum_increment(score, rate, fallen_rate) -%}
    (
        ({{ score }}) * ln(({{ fallen_rate }}) / ({{ rate }}))
        + (1e0 - ({{ score }})) * ln((1e0 - ({{ fallen_rate }})) / (1e0 - ({{ rate }})))
    )
{%- endmacro %}

{# The CUSUM from the running total of increments and the least of the totals up to and including this one. #}
{% macro cusum(running_total, least_total) -%}
    (({{ running_total }}) - least(0e0, {{ least_total }}))
{%- endmacro %}
