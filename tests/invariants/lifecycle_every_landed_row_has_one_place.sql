-- Export lifecycle: every record of a usage file in force is accepted, superseded or rejected, in count and in money, and every accepted one is
-- exactly one charge. One pass per table; a row of the result is a balance that does not close. (Pruned exports are not in force: the manifest
-- keeps their number of records; their sum is lost, see the report.)
with files as (
    select
        coalesce(sum(archived), 0) as archived_count,
        bool_and(records = archived + rejected) as is_counted
    from {{ ref('stg_archive__files') }}
    where kind = 'daily_rated_usage' and is_in_force
),

typed as (
    select
        count(*) as row_count,
        count(*) filter (where failure is not null) as rejected_count,
        coalesce(sum(pricing_pre_tax_total) filter (where failure is null), 0) as money
    from {{ ref('stg_partner_center__usage_lines') }}
),

exports as (
    select
        coalesce(sum(line_count) filter (where superseded_by is null), 0) as accepted_count,
        coalesce(sum(line_count) filter (where superseded_by is not null), 0) as superseded_count,
        coalesce(sum(pricing_pre_tax_total) filter (where superseded_by is null), 0) as accepted_money,
        coalesce(sum(pricing_pre_tax_total) filter (where superseded_by is not null), 0) as superseded_money
    from {{ ref('int_usage_exports') }}
),

-- Cost Management: each record in force is typed, and counts only where no daily file does.
second_source as (
    select coalesce(sum(archived), 0) as archived_count
    from {{ ref('stg_archive__files') }}
    where kind = 'cost_management' and is_in_force
),

typed_second_source as (
    select count(*) as typed_count from {{ ref('stg_cost_management__usage_lines') }}
),

daily as (
    select distinct
        subscription_id,
        billing_month
    from {{ ref('int_usage_file_groups_current') }}
    where content_id in (select content_id from {{ ref('int_usage_file_groups') }})
),

cost_management as (
    select
        coalesce(sum(current_groups.line_count), 0) as accepted_count,
        coalesce(sum(current_groups.pricing_pre_tax_total), 0) as accepted_money,
        count(daily.subscription_id) as beside_count
    from {{ ref('int_cost_management_file_groups') }} as file_groups
    inner join {{ ref('int_usage_file_groups_current') }} as current_groups
        on
            file_groups.content_id = current_groups.content_id
            and file_groups.bill_key = current_groups.bill_key
            and file_groups.usage_date = current_groups.usage_date
            and file_groups.customer_id is not distinct from current_groups.customer_id
            and file_groups.subscription_id = current_groups.subscription_id
            and file_groups.transacting_partner_id = current_groups.transacting_partner_id
            and file_groups.reseller_mpn_id is not distinct from current_groups.reseller_mpn_id
    left join daily on file_groups.subscription_id = daily.subscription_id and file_groups.billing_month = daily.billing_month
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
)

select
    files.*,
    typed.*,
    exports.*,
    second_source.*,
    typed_second_source.*,
    cost_management.*,
    accepted.*,
    charged.*
from files, typed, exports, second_source, typed_second_source, cost_management, accepted, charged
where
    not files.is_counted
    or files.archived_count is distinct from typed.row_count
    or typed.row_count is distinct from exports.accepted_count + exports.superseded_count + typed.rejected_count
    or typed.money is distinct from exports.accepted_money + exports.superseded_money
    or second_source.archived_count is distinct from typed_second_source.typed_count
    or cost_management.beside_count > 0
    or accepted.row_count is distinct from exports.accepted_count + cost_management.accepted_count
    or accepted.money is distinct from exports.accepted_money + cost_management.accepted_money
    or charged.row_count is distinct from accepted.row_count
    or charged.money is distinct from accepted.money
    or typed.row_count + typed_second_source.typed_count = 0
