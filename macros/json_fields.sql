{#
    The fields of a JSON object in a line of text, as a map from normalised name (letters and digits, lower case) to text; NULL when the
    line is no JSON object.

    Numbers are put into quotes first: DuckDB's JSON reads them as doubles, which hold 17 digits where prices have 22.
    line: a SQL text expression.
#}
{% macro json_fields(line) -%}
    case
        when json_valid({{ line }}) and json_type({{ line }}) = 'OBJECT'
            then map_from_entries(
                list_transform(
                    map_entries(
                        cast(regexp_replace({{ line }}, '([^\\]"\s*:\s*)(-?[0-9][0-9.eE+-]*)(\s*[,}])', '\1"\2"\3', 'g')::json as map(varchar, varchar))
                    ),
                    lambda field: struct_pack(k := regexp_replace(lower(field.key), '[^a-z0-9]', '', 'g'), v := field.value)
                )
            )
    end
{%- endmacro %}
