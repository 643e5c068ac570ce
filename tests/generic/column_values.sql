{#
    Fails for a column with a value that it may not have, with the number of rows that do: one pass over the relation for all columns.

    never_null: names of columns that may not be NULL.  one_of: names of columns, each with the list of values that it may have (or NULL).
    day, month: as of rows_of_changed_months().
#}
{% test column_values(model, never_null=[], one_of={}, day=none, month=none) %}
    {% set faults = {} %}
    {% for column in never_null %}{% do faults.update({column ~ "_is_null": column ~ " is null"}) %}{% endfor %}
    {% for column, values in one_of.items() %}
        {% do faults.update({column ~ "_is_another": column ~ " not in ('" ~ values | join("', '") ~ "')"}) %}
    {% endfor %}
    with counts as (
        select
            {% for fault, condition in faults.items() %}
                count(*) filter (where {{ condition }}) as {{ fault }}{{ ',' if not loop.last }}
            {% endfor %}
        {{ rows_of_changed_months(model, day, month) }}
    )

    select *
    from (
        {% for fault in faults %}
            {{ 'union all' if not loop.first }} select '{{ fault }}' as fault, {{ fault }} as row_count from counts
        {% endfor %}
    )
    where row_count > 0
{% endtest %}
