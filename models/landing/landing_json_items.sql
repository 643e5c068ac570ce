{{ config(
    meta={'reads': "reader = 'json' and kind != 'daily_rated_usage'"},
    pre_hook="{{ before_reading() }}",
    post_hook="{{ after_reading() }}"
) }}
{%- set files = new_files() -%}

with new_files as (
    select
        {% for name in ['file_id', 'digest', 'kind'] %}
            unnest([{{ in_quotes(files | map(attribute=name)) }}]{{ '[:0]' if not files }}) as {{ name }},
        {% endfor %}
        unnest(range({{ files | length }}))::integer as file_index
),

-- Lines are numbered through all files in their order; what counts is the distance from a file's first.
scanned as (
    {% if files %}
        select
            file_index::integer as file_index,
            row_number() over () as line_number,
            line
        from {{ line_scan(files) }}
    {% else %}
        select
            null::integer as file_index,
            null::bigint as line_number,
            null::varchar as line
        where false
    {% endif %}
),

-- A join, since there may be thousands of files: each place in a list of them would be looked up in a copy of the list.
lines as (
    select
        new_files.file_id,
        new_files.digest,
        new_files.kind,
        scanned.line_number,
        scanned.line
    from scanned
    inner join new_files on scanned.file_index = new_files.file_index
),

-- A file is one JSON document, however it is laid out, or has one on each line.
files as (
    select
        file_id,
        digest,
        kind,
        min(line_number) as first_line,
        string_agg(line, chr(10) order by line_number) as whole,
        json_valid(whole) as is_document,
        count(*) filter (where starts_with(trim(line), '{') and json_valid(line)) * 2 >= count(*) filter (where trim(line) != '') as is_json_lines
    from lines
    group by file_id, digest, kind
),

documents as (
    select
        file_id,
        digest,
        kind,
        1 as line_number,
        whole as document
    from files
    where is_document or not is_json_lines
    union all
    select
        lines.file_id,
        lines.digest,
        lines.kind,
        lines.line_number - files.first_line + 1,
        lines.line
    from lines
    inner join files on lines.file_id = files.file_id and lines.digest = files.digest
    where not files.is_document and files.is_json_lines and trim(lines.line) != ''
),

-- Lists come bare (CLI), as `value` (REST) or as `records` (event hub).
unwrapped as (
    select
        *,
        case
            when not json_valid(document) then null
            when json_type(document) = 'ARRAY' then from_json(document, '["JSON"]')
            when json_type(document, '$.value') = 'ARRAY' then from_json(json_extract(document, '$.value'), '["JSON"]')
            when json_type(document, '$.records') = 'ARRAY' then from_json(json_extract(document, '$.records'), '["JSON"]')
            else [document::json]
        end as items
    from documents
),

numbered as (
    select
        file_id,
        digest,
        kind,
        line_number,
        unnest(items) as item,
        unnest(range(1, len(items) + 1)) as item_number
    from unwrapped
    union all
    select
        file_id,
        digest,
        kind,
        line_number,
        to_json(left(document, 1000)),
        null
    from unwrapped
    where items is null
)

select
    file_id,
    digest,
    line_number,
    item_number,
    item,
    case
        when item_number is null then 'not JSON: the file is cut off or damaged; export it again'
        when json_type(item) != 'OBJECT' then 'a list of JSON objects was expected'
    end as failure_reason
from numbered
-- The log holds every operation of a subscription; only those on access are evidence.
where kind != 'activity_log' or item_number is null or regexp_matches(item::varchar, '(?i)microsoft\.(authorization|managedservices)/')
