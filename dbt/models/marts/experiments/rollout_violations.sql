with

rollouts as (

    select * from {{ ref('int_rollouts') }}

),

changes as (

    select
        organization_id,
        change_id,
        min(case when kind = 'shadow' then started_at end) as shadow_started_at,
        min(case when kind = 'shadow' then ended_at end) as shadow_ended_at,
        min(case when kind = 'canary' then started_at end) as canary_started_at,
        min(case when kind = 'canary' then promoted_at end) as canary_promoted_at,
        max(case when kind = 'canary' then rolled_back_at end) as canary_rolled_back_at,
        min(case when kind = 'full' then started_at end) as full_started_at
    from rollouts
    group by 1, 2

),

violations as (

    {% for violation, happened_at, condition in [
        ('canary_without_shadow', 'canary_started_at', 'shadow_started_at is null'),
        ('canary_before_shadow_ended', 'canary_started_at',
         'shadow_started_at is not null and (shadow_ended_at is null or shadow_ended_at > canary_started_at)'),
        ('full_without_canary', 'full_started_at', 'canary_started_at is null'),
        ('full_before_canary_promoted', 'full_started_at',
         'canary_started_at is not null and (canary_promoted_at is null or canary_promoted_at > full_started_at)'),
        ('full_after_canary_rollback', 'full_started_at', 'canary_rolled_back_at <= full_started_at'),
    ] -%}
        {{ 'union all' if not loop.first }}
        select
            organization_id,
            change_id,
            '{{ violation }}' as violation,
            {{ happened_at }} as happened_at
        from changes
        where
            {{ happened_at }} is not null
            and ({{ condition }})
    {% endfor %}
)

select * from violations
