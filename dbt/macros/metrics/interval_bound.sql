{#
    One side of the 95 % interval of a metric described by its name, its count of runs and its kind: rate
    (Wilson), mean (t on the logarithm, with `spread` the sample standard deviation of values that are never negative),
    quantile (of milliseconds: it stands beside the metric) or other (NULL). Latency and cost are skewed: below 100 runs no interval of their mean holds what it promises.
#}
{% macro interval_bound(metric, side) -%}
    {%- if metric.kind == 'rate' -%}
        {{ wilson_bound(metric.name ~ ' * ' ~ metric.count, metric.count, side) }}
    {%- elif metric.kind == 'mean' -%}
        case
            when {{ metric.count }} >= 100 and {{ metric.name }} > 0
                then
                    cast({{ metric.name }} as double) * exp({{ t_bound(
                        '0e0',
                        metric.spread ~ ' / sqrt(' ~ metric.count ~ ') / cast(' ~ metric.name ~ ' as double)',
                        metric.count ~ ' - 1',
                        side,
                    ) }})
        end
    {%- elif metric.kind == 'quantile' -%}
        {{ metric.name | replace('_ms', '_' ~ side ~ '_ms') }}
    {%- else -%}
        cast(null as double)
    {%- endif -%}
{%- endmacro %}
