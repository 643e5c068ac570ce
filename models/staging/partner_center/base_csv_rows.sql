with rows_read as (
    select * from {{ ref('landing_csv_rows') }}
),

files as (
    select * from {{ ref('base_csv_files') }}
)

select
    files.file_id,
    files.source_file,
    files.kind,
    files.exported_at,
    files.is_date_from_name,
    rows_read.line_number,
    files.header,
    rows_read.fields
from rows_read
-- A file that was replaced keeps its old rows until dbt deletes them: the digest says which are meant.
inner join files on rows_read.file_id = files.file_id and rows_read.digest = files.digest
