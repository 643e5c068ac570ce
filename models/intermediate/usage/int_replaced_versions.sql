-- Versions in force of a file, each with the earlier versions of its export that they replaced (export lifecycle). Money is known of usage alone.
-- One row per version in force and earlier version.
with versions as (
    select *
    from {{ ref('stg_archive__files') }}
    where
        kind in ('daily_rated_usage', 'cost_management', 'price_sheet', 'fx_rates', 'invoice_reconciliation')
        and problem is null
        and not is_pruned
    qualify count(*) over (partition by export_id) > 1 and bool_or(is_in_force) over (partition by export_id)
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
    {{ finding_fingerprint("'export_shrank'", 'older.source_file', 'older.content_id') }}
    in (select fingerprint from {{ ref('stg_archive__acknowledgements') }}) as replaced_is_acknowledged
from versions as newer
inner join versions as older on newer.export_id = older.export_id and newer.observation_number > older.observation_number
left join {{ ref('int_replaced_contents') }} as new_totals on newer.content_id = new_totals.content_id
left join {{ ref('int_replaced_contents') }} as old_totals on older.content_id = old_totals.content_id
where newer.is_in_force
