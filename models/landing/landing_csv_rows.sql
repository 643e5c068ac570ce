{{ config(pre_hook="{{ forget_rejected_lines() }}", post_hook="{{ keep_rejected_lines() }}") }}
{%- set files = new_files("reader = 'csv' and kind != 'daily_rated_usage' and len(header) > 0") -%}
{% for file in files %}
    select
        '{{ file.file_id }}' as file_id,
        '{{ file.digest }}' as digest,
        row_number() over () + 1 as line_number,
        [{% for name in file.header %}coalesce(trim("{{ name }}"), ''){{ ', ' if not loop.last }}{% endfor %}] as fields
    from {{ csv_scan(file) }}
    {{ 'union all' if not loop.last }}
{% else %}
    select
        null::varchar as file_id,
        null::varchar as digest,
        null::bigint as line_number,
        null::varchar[] as fields
    where false
{% endfor %}
