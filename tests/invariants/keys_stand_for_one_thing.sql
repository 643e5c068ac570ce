-- Keys lead to what a line names: every dictionary of the usage numbers its entries from 1 on without a gap, and names nothing twice; every readable
-- line has a key in each. What is told by several entries has the key of one of them, and one key only: by such keys marts have the grain that their
-- names have. A row of the result is a dictionary that does not hold, or a key.
{% for name in usage_dictionaries() %}
    (
        with entries as (
            select
                count(*) as entry_count,
                count(distinct {{ name }}_key) as key_count,
                count(distinct {{ name }}_hash) as hash_count,
                coalesce(max({{ name }}_key), 0) as last_key
            from {{ source('landing', 'usage_' ~ name ~ 's') }}
        ),

        lines as (
            select
                count(*) as line_count,
                count(*) filter ({{ name }}_key is null) as without_key_count,
                coalesce(max({{ name }}_key), 0) as last_named_key
            from {{ ref('stg_partner_center__daily_rated_usage') }}
        )

        select
            '{{ name }}' as dictionary,
            entries.*,
            lines.*
        from entries, lines
        where
            entries.key_count != entries.entry_count
            or entries.hash_count != entries.entry_count
            or entries.last_key != entries.entry_count
            or lines.without_key_count > 0
            or lines.last_named_key > entries.last_key
            or lines.line_count = 0
    )
    union all
{% endfor %}
{% for key, relation, own_key, names in [
    ('resource_partner_key', 'int_usage_resources', 'resource_key', 'subscription_id, resource_id, transacting_partner_id'),
    ('scope_key', 'int_usage_resources', 'resource_key', 'access_scope_id'),
    ('plan_key', 'int_usage_resources', 'resource_key', 'plan_subscription_id'),
    ('meter_key', 'int_usage_products', 'product_key', 'product_id, sku_id, meter_id'),
] %}
    (
        with keys as (
            select
                count(distinct {{ key }}) as key_count,
                count(distinct struct_pack({{ names }})) as name_count,
                count(distinct struct_pack({{ key }}, {{ names }})) as pair_count,
                count(*) filter ({{ key }} = {{ own_key }}) as entry_count
            from {{ ref(relation) }}
        )

        select
            '{{ key }}' as dictionary,
            key_count,
            name_count,
            pair_count,
            entry_count,
            null,
            null,
            null
        from keys
        where key_count != name_count or key_count != pair_count or key_count != entry_count or key_count = 0
    )
    {{ 'union all' if not loop.last }}
{% endfor %}
