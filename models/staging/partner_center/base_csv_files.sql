-- Beside the manifest, which every day's usage changes: what is made of other files is left alone while this says the same (macros/as_it_was.sql).
select
    file_id,
    digest,
    source_file,
    kind,
    exported_at,
    is_date_from_name,
    header,
    problem
from {{ ref('landing_files') }}
where reader = 'csv' and kind != 'daily_rated_usage'
