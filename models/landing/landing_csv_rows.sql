{{ config(
    meta={'reads': "reader = 'csv' and kind != 'daily_rated_usage' and len(header) > 0"},
    pre_hook="{{ before_reading() }}",
    post_hook="{{ after_reading() }}"
) }}
{% for header, group in new_files() | groupby('header') %}
    {%- set files = group | list %}
    select
        {{ of_file(files, 'file_id') }} as file_id,
        {{ of_file(files, 'digest') }} as digest,
        null::bigint as line_number,
        [{% for name in header.split(',') %}coalesce(trim("{{ name }}"), ''){{ ', ' if not loop.last }}{% endfor %}] as fields
    from {{ csv_scan(files) }}
    {{ 'union all' if not loop.last }}
{% else %}
    select
        null::varchar as file_id,
        null::varchar as digest,
        null::bigint as line_number,
        null::varchar[] as fields
    where false
{% endfor %}
