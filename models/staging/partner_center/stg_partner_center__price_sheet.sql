select
    files.source_file,
    -- Of two sheets the newer is known from its rows (interface) and from the date in its name. The time of copying proves nothing.
    case when files.is_date_from_name then files.exported_at end as exported_at,
    sheets.* exclude (content_id, failure, raw_text, rules_version)
from {{ ref('base_price_sheet') }} as sheets
inner join {{ ref('stg_archive__files') }} as files on sheets.content_id = files.content_id
where files.kind = 'price_sheet' and files.is_in_force and sheets.failure is null
