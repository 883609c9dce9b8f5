{#
    Standard errors of a mean over n observations that come in clusters (tasks).

    cluster_residual_squares = sum over clusters of (sum over the cluster of (y - mean))^2
    residual_squares         = sum over observations of (y - mean)^2
    A cluster's residual sum is sum(y) - count(y) * mean, so both need only one row per cluster.
#}

{# Liang-Zeger with the C / (C - 1) correction; NULL below two clusters. Its t has C - 1 degrees of freedom. #}
{% macro clustered_se(cluster_residual_squares, cluster_count, n) -%}
    sqrt(
        cast({{ cluster_residual_squares }} as double)
        * ({{ cluster_count }}) / nullif(({{ cluster_count }}) - 1, 0)
    ) / nullif({{ n }}, 0)
{%- endmacro %}

{# As if every observation were independent: for outcomes 0 and 1 the familiar sqrt(p (1 - p) / n). #}
{% macro naive_se(residual_squares, n) -%}
    sqrt(cast({{ residual_squares }} as double)) / nullif({{ n }}, 0)
{%- endmacro %}

{#
    How many observations one independent observation is worth: (clustered / naive)^2.
    Exactly 1 where no cluster repeats; NULL where it cannot be estimated (one cluster, or all outcomes equal).
#}
{% macro design_effect(clustered_se, naive_se, cluster_count, n) -%}
    case
        when ({{ cluster_count }}) = ({{ n }}) then 1e0
        {#- Equal outcomes leave nothing but rounding in both errors; its ratio would be noise. #}
        when ({{ naive_se }}) > 1e-12 then power(({{ clustered_se }}) / ({{ naive_se }}), 2)
    end
{%- endmacro %}

{#
    How many independent observations these are worth. n where no cluster repeats. Else n / max(1, design effect),
    lessened for how roughly few clusters tell their design effect (Korn and Graubard 1998): times the squared ratio of
    the 97.5 % quantiles of t with n - 1 and with the smaller of C - 1 and rare_count degrees of freedom. Observations
    that resemble each other entirely are worth n^2 / size_squares (Kish 1965; C where all clusters are equal): never
    less than that, and just that where the design effect cannot be estimated.

    size_squares = sum over clusters of (observations in the cluster)^2
    rare_count   = clusters with the rarer outcome: the fewer of those that hold any success and any failure. They alone
                   tell how the rarer outcome is spread.
#}
{% macro effective_n(n, design_effect, cluster_count, size_squares, rare_count) -%}
    case
        when ({{ cluster_count }}) = ({{ n }}) then cast({{ n }} as double)
        else greatest(
            power(cast({{ n }} as double), 2) / ({{ size_squares }}),
            case
                when ({{ design_effect }}) is not null
                    then
                        ({{ n }}) / greatest(1e0, {{ design_effect }})
                        * power(
                            t_quantile(9.75e-1, cast(({{ n }}) - 1 as double))
                            / t_quantile(
                                9.75e-1, cast(greatest(least(({{ cluster_count }}) - 1, {{ rare_count }}), 1) as double)
                            ),
                            2
                        )
            end
        )
    end
{%- endmacro %}

{# Aggregate over clusters: how many hold the rarer outcome; value_sum is between 0 and n, of n observations. #}
{% macro rare_count(value_sum, n) -%}
    least(count(case when {{ value_sum }} > 0 then 1 end), count(case when {{ value_sum }} < {{ n }} then 1 end))
{%- endmacro %}

{# Aggregate: standard error of the mean of independent values (tasks), added in that order; NULL below two. #}
{% macro mean_se(column, position) -%}
    {{ in_order('stddev_samp', column, position) }} / sqrt(count({{ column }}))
{%- endmacro %}
