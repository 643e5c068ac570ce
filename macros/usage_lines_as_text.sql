{#
    The lines of usage files, CSV or JSON lines, as text: file_id, digest, line_number, the columns, and json_text for a line that is no object.

    files: of new_files().  columns: a dictionary from our name of a column to the vendors' names, newest first, as the manifest has them.
    Without files: no rows, the same columns.
#}
{% macro usage_lines_as_text(files, columns) %}
    {% for file in files %}
        select
            '{{ file.file_id }}' as file_id,
            '{{ file.digest }}' as digest,
            {% if file.reader == 'csv' %}
                row_number() over () + 1 as line_number,
                {% for column, names in columns.items() %}
                    {% set name = names | select('in', file.header) | first %}
                    {{ 'trim("' ~ name ~ '")' if name else 'null::varchar' }} as {{ column }},
                {% endfor %}
                null::varchar as json_text
            from {{ csv_scan(file) }}
            {% else %}
                line_number,
                {% for column, names in columns.items() %}
                    trim(coalesce({% for name in names %}fields['{{ name }}'], {% endfor %}null)) as {{ column }},
                {% endfor %}
                case when fields is null then line end as json_text
            from (
                select
                    row_number() over () as line_number,
                    line,
                    {{ json_fields('line') }} as fields
                from {{ line_scan(file) }}
            )
            where trim(coalesce(line, '')) != ''
            {% endif %}
        {{ 'union all' if not loop.last }}
    {% else %}
        select
            null::varchar as file_id,
            null::varchar as digest,
            null::bigint as line_number,
            {% for column in columns %}
                null::varchar as {{ column }},
            {% endfor %}
            null::varchar as json_text
        where false
    {% endfor %}
{% endmacro %}
