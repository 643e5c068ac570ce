-- The day by which «late» and «stale» are judged: the variable as_of_date, else the newest export date, never the clock's (M7). Price sheets may be
-- dated ahead; without a date in its name, a file other than of usage has only the time at which it was copied. One row.
select
    coalesce(
        {{ utc_date("nullif('" ~ var('as_of_date') ~ "', '')") }},
        max(exported_at)::date
    ) as as_of_date
from {{ ref('stg_archive__files') }}
where
    problem is null
    and (
        kind in ('daily_rated_usage', 'cost_management')
        or (is_date_from_name and folder not in ('partner_directory', 'partner_id_links', 'price_sheet', 'fx_rates'))
    )
