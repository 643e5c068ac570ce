-- Keys lead to what a line names: every dictionary of the usage numbers its entries from 1 on without a gap, and names nothing twice; every readable
-- line has a key in each. A row of the result is a dictionary that does not hold.
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
    {{ 'union all' if not loop.last }}
{% endfor %}
