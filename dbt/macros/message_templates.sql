{#
    A relation with one row per distinct message_normalized of each combination of `keys` (columns of `relation`), and
    its template among the messages of that combination. Told from the set: order and day of arrival do not matter.
#}
{% macro message_templates(relation, keys) -%}
    (
        select
            {{ keys | join(', ') }},
            message_normalized,
            {{ list_element('templates', 'place') }} as template
        from {{ unnested_list(
            '(select *, ' ~ group_templates('messages') ~ ' as templates from (select ' ~ keys | join(', ') ~ ', '
            ~ distinct_list('message_normalized') ~ ' as messages from ' ~ relation ~ ' group by ' ~ keys | join(', ')
            ~ ') as messages_of_a_key)',
            'messages', 'message_normalized', 'place'
        ) }} as listed_messages
    )
{%- endmacro %}
