{#
    One side ("low" or "high") of the 95 % prediction interval of a total over days_so_far + days_left days, from the sum
    and the sum of squares of the days so far (a day without anything is a 0): the total so far, and for each day left the
    mean of those days, plus or minus t · s · sqrt(left + left^2 / so far), days_so_far - 1 degrees of freedom. Days
    are taken for alike and independent. Never below the total so far; NULL below three days; the total itself where no
    day is left.
#}
{% macro projected_total_bound(total, squares, days_so_far, days_left, side) -%}
    case
        when ({{ days_left }}) <= 0 then {{ total }}
        when ({{ days_so_far }}) >= 3
            then {{ total }} + greatest(0e0, {{ t_bound(
                total ~ ' * (' ~ days_left ~ ') / (' ~ days_so_far ~ ')',
                spread(total, squares, days_so_far)
                ~ ' * sqrt((' ~ days_left ~ ') + power(' ~ days_left ~ ', 2) / (' ~ days_so_far ~ '))',
                '(' ~ days_so_far ~ ') - 1',
                side,
            ) }})
    end
{%- endmacro %}
