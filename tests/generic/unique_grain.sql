{# Fails for every combination of the columns that more than one row has, and for rows in which one that may not be is NULL. #}
{% test unique_grain(model, columns, nullable=[]) %}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable %}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
