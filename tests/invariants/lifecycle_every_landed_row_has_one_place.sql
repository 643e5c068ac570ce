-- Export lifecycle: every usage row that landed is accepted, superseded or rejected, in count and in money, and every accepted one is exactly
-- one charge. One pass per table; a row of the result is a balance that does not close.
-- depends_on: {{ ref('int_usage_slices_current') }}
-- depends_on: {{ ref('int_charge_lines') }}
with landed as (
    select
        count(*) as row_count,
        count(*) filter (where lines.failure is not null) as rejected_count,
        coalesce(sum(lines.pricing_pre_tax_total) filter (where lines.failure is null), 0) as money
    from {{ ref('landing_daily_rated_usage') }} as lines
    inner join {{ ref('landing_files') }} as files on lines.file_id = files.file_id
    inner join {{ source('landing', 'files_read') }} as files_read on files.file_id = files_read.file_id and files.digest = files_read.digest
    where files_read.model = 'landing_daily_rated_usage'
),

exports as (
    select
        coalesce(sum(line_count) filter (where superseded_by is null), 0) as accepted_count,
        coalesce(sum(line_count) filter (where superseded_by is not null), 0) as superseded_count,
        coalesce(sum(pricing_pre_tax_total) filter (where superseded_by is null), 0) as accepted_money,
        coalesce(sum(pricing_pre_tax_total) filter (where superseded_by is not null), 0) as superseded_money
    from {{ ref('int_usage_exports') }}
),

accepted as (
    select
        count(*) as row_count,
        coalesce(sum(pricing_pre_tax_total), 0) as money
    from {{ ref('int_usage_lines') }}
),

charged as (
    select
        count(*) as row_count,
        coalesce(sum(applied_net_cost_usd), 0) as money
    from {{ ref('fct_pec_charges_daily') }}
),

beyond as (
    select
        count(*) as row_count,
        coalesce(sum(pricing_pre_tax_total), 0) as money
    from {{ ref('int_rated_lines') }}
    where file_id in ({{ in_quotes(files_not_charged_whole()) }}) and is_beyond_types
)

select
    landed.*,
    exports.*,
    accepted.*,
    charged.*
from landed, exports, accepted, charged, beyond
where
    landed.row_count is distinct from exports.accepted_count + exports.superseded_count + landed.rejected_count
    or landed.money is distinct from exports.accepted_money + exports.superseded_money
    or accepted.row_count is distinct from exports.accepted_count
    or accepted.money is distinct from exports.accepted_money
    or charged.row_count + beyond.row_count is distinct from accepted.row_count
    or charged.money + beyond.money is distinct from accepted.money
    or landed.row_count = 0
