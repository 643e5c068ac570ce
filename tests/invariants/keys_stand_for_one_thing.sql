-- Keys are hashes of 64 bits: each stands for one thing, and each thing has one. Every readable line has a key, and every key has its names. A row of
-- the result is a kind of key that does not hold.
{% for name in usage_names() %}
    (
        with names as (
            select
                count(*) as entry_count,
                count(distinct {{ name }}_key) as key_count
            from {{ ref('stg_partner_center__usage_' ~ name ~ 's') }}
        ),

        lines as (
            select
                count(*) as line_count,
                count(*) filter (lines.{{ name }}_key is null or names.{{ name }}_key is null) as unnamed_count
            from {{ ref('stg_partner_center__usage_lines') }} as lines
            left join {{ ref('stg_partner_center__usage_' ~ name ~ 's') }} as names on lines.{{ name }}_key = names.{{ name }}_key
            where lines.failure is null and {{ is_in_changed_month(month_of('lines.usage_date')) }}
        )

        select
            '{{ name }}' as key,
            names.entry_count,
            names.key_count,
            lines.unnamed_count
        from names, lines
        where names.entry_count != names.key_count or lines.unnamed_count > 0 or names.entry_count = 0
    )
    union all
{% endfor %}
{% for key, relation, names in [
    ('resource_partner_key', 'stg_partner_center__usage_resources', 'subscription_id, resource_id, transacting_partner_id'),
    ('scope_key', 'stg_partner_center__usage_resources', 'access_scope_id'),
    ('plan_key', 'stg_partner_center__usage_resources', 'plan_subscription_id'),
    ('meter_key', 'stg_partner_center__usage_products', 'product_id, sku_id, meter_id'),
] %}
    (
        with keys as (
            select
                count(distinct {{ key }}) as key_count,
                count(distinct struct_pack({{ names }})) as name_count,
                count(distinct struct_pack({{ key }}, {{ names }})) as pair_count
            from {{ ref(relation) }}
        )

        select
            '{{ key }}' as key,
            key_count,
            name_count,
            pair_count
        from keys
        where key_count != name_count or key_count != pair_count or key_count = 0
    )
    {{ 'union all' if not loop.last }}
{% endfor %}
