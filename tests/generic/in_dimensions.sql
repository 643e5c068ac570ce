{#
    Fails for every key of a fact that its dimension lacks, so that a join to the dimensions loses no row. NULL leads nowhere: see column_values.

    keys: column -> dimension (its key is the first column that its contract names).  day, month: as of rows_of_changed_months().
    One pass over the relation, for all keys.
#}
{% test in_dimensions(model, keys, day=none, month=none) %}
    {% set key_of = {'dim_date': 'date_day', 'dim_customer': 'customer_id', 'dim_subscription': 'subscription_id', 'dim_partner': 'partner_id'} %}
    with found as (
        select distinct {{ keys.keys() | join(', ') }}
        {{ rows_of_changed_months(model, day, month) }}
    )

    {% for column, dimension in keys.items() %}
        select '{{ column }}' as key_column, {{ column }}::varchar as key_value
        from found
        where {{ column }} is not null and {{ column }} not in (select dimension.{{ key_of[dimension] }} from {{ ref(dimension) }} as dimension)
        {{ 'union' if not loop.last }}
    {% endfor %}
{% endtest %}
