-- Which version of a file counts. Source's defect: the archive has every version of every file, damaged and repeated ones among them.
-- Guarantee: of a file and export date the newest version that can be read is in force; a damaged one takes nothing out of force. Of usage,
-- reconciliation and claims files with the same content one counts, and same_content_as names it on the others of its date (export lifecycle, M7).
-- Price sheets of two months may be the same: each counts for its month, and a price that stands twice is one price (M1).
-- Pruned contents are not in force. One row per version of a file that the archive has recorded.
with observations as (
    select
        'o' || observation_number as file_id,
        *,
        -- A modification time counts as its day, because exports are identified by their dates.
        case when is_date_from_name then exported_at else exported_at::date::timestamp end as export_date,
        coalesce(
            problem,
            case
                when reader in ('csv', 'parquet') and len(list_distinct(header)) < len(header)
                    then
                        'a column name stands twice in the header: '
                        || array_to_string(list_sort(
                            list_filter(list_distinct(header), lambda name: len(list_filter(header, lambda other: other = name)) > 1)
                        ), ', ')
                        || '; export the file again'
            end
        ) as file_problem
    from {{ ref('archived_files') }}
),

identified as (
    select
        *,
        -- What replaces what: the partner directory is the state now, and so is a sheet, a rate or an invoice without a date in its name; the
        -- activity log is history; all else is an export per path and date.
        case
            when folder = 'partner_directory' then source_file
            when kind in ('price_sheet', 'fx_rates', 'invoice_reconciliation') and not is_date_from_name then source_file
            when kind = 'activity_log' then source_file || '|' || content_digest
            when is_date_from_name or (reader = 'json' and kind != 'daily_rated_usage') then source_file || '|' || exported_at
            else source_file || '|' || export_date
        end as export_id
    from observations
),

versions as (
    select
        *,
        file_problem is null
        and not is_pruned
        -- The manifest of an export is known, and nothing is read from it.
        and kind != 'manifest'
        and observation_number = max(observation_number) filter (where file_problem is null) over (partition by export_id) as is_newest
    from identified
),

-- The same content once: under its newest export date, and of that the first name.
in_force as (
    select
        file_id,
        first_value(file_id) over counted_first as counted_file_id,
        first_value(source_file) over counted_first as counted_source_file,
        first_value(export_date) over counted_first as counted_export_date
    from versions
    where is_newest
    window counted_first as (
        partition by
            kind,
            case
                when kind in ('daily_rated_usage', 'cost_management', 'invoice_reconciliation', 'claims') then content_digest
                else file_id
            end
        order by export_date desc, source_file asc, observation_number asc
    )
)

select
    versions.* exclude (problem, file_problem, is_newest),
    versions.file_problem as problem,
    coalesce(in_force.counted_file_id = versions.file_id, false) as is_in_force,
    case
        when in_force.counted_file_id != versions.file_id and in_force.counted_export_date = versions.export_date then in_force.counted_source_file
    end as same_content_as
from versions
left join in_force on versions.file_id = in_force.file_id
