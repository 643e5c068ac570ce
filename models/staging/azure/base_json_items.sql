with items as (
    select * from {{ ref('landing_json_items') }}
),

files as (
    select * from {{ ref('base_json_files') }}
)

select
    files.file_id,
    files.source_file,
    files.kind,
    files.exported_at,
    files.ids_in_path,
    items.line_number,
    items.item_number,
    -- Keys and ids come in any letter case: all of it is compared in lower case (A1).
    lower(items.item::varchar)::json as item,
    items.item::varchar as raw_text,
    items.failure_reason
from items
inner join files on items.file_id = files.file_id and items.digest = files.digest
