{#
    Fails for every combination of the columns that more than one row has, and for rows in which one that may not be is NULL.

    columns, nullable: names; of the latter NULL is a value.  day, month: as of rows_of_changed_months().
    after_landed_files: of a model that rejected_rows and landed_files are made of: a red test does not stop these two, which say what is wrong. (dbt
    holds back what is made of all that a test looks at.)
#}
{% test unique_grain(model, columns, nullable=[], day=none, month=none, after_landed_files=false) %}
    {% if after_landed_files %}-- depends_on: {{ ref('landed_files') }}{% endif %}
    select {{ columns | join(', ') }}, count(*) as row_count
    {{ rows_of_changed_months(model, day, month) }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns if column not in nullable %}
            or {{ column }} is null
        {% endfor %}
{% endtest %}
