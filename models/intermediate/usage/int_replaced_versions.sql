-- Versions in force of a file, each with the earlier versions of the same export that they replaced (export lifecycle). Replaced lines are no longer
-- typed: their money is read from the archive, and that of the new version in the same way. It is NULL where a text is no plain number, and of kinds
-- other than usage.
-- One row per version in force and earlier version.
with versions as (
    select *
    from {{ ref('stg_archive__files') }}
    where
        kind in ('daily_rated_usage', 'cost_management', 'price_sheet', 'fx_rates', 'invoice_reconciliation')
        and problem is null
        and not is_pruned
    qualify count(*) over (partition by export_id) > 1 and bool_or(is_in_force) over (partition by export_id)
),

usage_versions as (
    select content_id from versions
    where kind = 'daily_rated_usage'
),

totals as (
    select
        content_id,
        case
            when bool_and({{ text_or_null('pricingpretaxtotal') }} is null or {{ amount_of(text_or_null('pricingpretaxtotal')) }} is not null)
                then coalesce(sum({{ amount_of(text_or_null('pricingpretaxtotal')) }}), 0)::decimal(30, 2)
        end as total
    from {{ source('archive', 'daily_rated_usage') }}
    where content_id in (select content_id from usage_versions)
    group by content_id
)

select
    newer.source_file,
    newer.kind,
    newer.content_id,
    newer.archived as line_count,
    new_totals.total,
    older.observation_number as replaced_observation_number,
    older.archived as replaced_line_count,
    old_totals.total as replaced_total,
    -- The fingerprint is that of data_quality_findings.
    md5(concat_ws('|', 'export_shrank', older.source_file, older.content_id)) in (select fingerprint from {{ ref('stg_archive__acknowledgements') }})
        as replaced_is_acknowledged
from versions as newer
inner join versions as older on newer.export_id = older.export_id and newer.observation_number > older.observation_number
left join totals as new_totals on newer.content_id = new_totals.content_id
left join totals as old_totals on older.content_id = old_totals.content_id
where newer.is_in_force
