{#
    Fails for every combination of the columns that more than one row has, and for rows in which one that may not be is NULL.

    columns, nullable: names; of the latter NULL is a value.  day, month: as of rows_to_be_checked().
#}
{% test unique_grain(model, columns, nullable=[], day=none, month=none) %}
    select {{ columns | join(', ') }}, count(*) as row_count
    {{ rows_to_be_checked(model, day, month) }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable %}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
