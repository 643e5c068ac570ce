{#
    The lines of usage files, CSV or JSON lines, as text: file_id, line_number (CSV: NULL, number_lines() tells it), the columns, and json_text
    for a line that is no object.

    files: of new_files().  columns: a dictionary from our name of a column to the vendors' names, newest first, as the manifest has them.
    Without files: no rows, the same columns.
#}
{% macro usage_lines_as_text(files, columns) %}
    {% set scans = [] %}
    {% for header, group in files | selectattr('reader', 'equalto', 'csv') | groupby('header') %}{% do scans.append(group | list) %}{% endfor %}
    {% for file in files | selectattr('reader', 'equalto', 'json') %}{% do scans.append([file]) %}{% endfor %}
    {% for group in scans %}
        select
            {{ of_file(group, 'file_id') }} as file_id,
            {% if group[0].reader == 'csv' %}
                null::bigint as line_number,
                {% for column, names in columns.items() %}
                    {% set name = names | select('in', group[0].header.split(',')) | first %}
                    {{ '"' ~ name ~ '"' if name else 'null::varchar' }} as {{ column }},
                {% endfor %}
                null::varchar as json_text
            from {{ csv_scan(group) }}
            {% else %}
                line_number,
                {% for column, names in columns.items() %}
                    coalesce({% for name in names %}fields['{{ name }}'], {% endfor %}null) as {{ column }},
                {% endfor %}
                case when fields is null then line end as json_text
            from (
                select
                    row_number() over () as line_number,
                    line,
                    file_index,
                    {{ json_fields('line') }} as fields
                from {{ line_scan(group) }}
            )
            where trim(coalesce(line, '')) != ''
            {% endif %}
        {{ 'union all' if not loop.last }}
    {% else %}
        select
            null::varchar as file_id,
            null::bigint as line_number,
            {% for column in columns %}
                null::varchar as {{ column }},
            {% endfor %}
            null::varchar as json_text
        where false
    {% endfor %}
{% endmacro %}
