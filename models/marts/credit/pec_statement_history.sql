with versions as (
    select * from {{ ref('pec_resource_months') }}
    where dbt_is_deleted = 'False'
),

-- The nightly runs that changed anything of a statement's row, deletions included.
runs as (
    select distinct
        billing_month,
        transacting_partner_id,
        subscription_id,
        dbt_valid_from as as_of
    from {{ ref('pec_resource_months') }}
)

select
    runs.billing_month,
    runs.transacting_partner_id,
    runs.subscription_id,
    runs.as_of,
    lead(runs.as_of) over (partition by runs.billing_month, runs.transacting_partner_id, runs.subscription_id order by runs.as_of) as as_of_until,
    coalesce(sum(versions.line_count), 0)::bigint as line_count,
    coalesce(sum(versions.list_cost_usd), 0)::decimal(38, 24) as list_cost_usd,
    coalesce(sum(versions.pec_credit_usd), 0)::decimal(38, 28) as pec_credit_usd,
    coalesce(sum(versions.net_cost_usd), 0)::decimal(38, 28) as net_cost_usd,
    coalesce(sum(versions.applied_credit_usd), 0)::decimal(38, 28) as applied_credit_usd,
    coalesce(sum(versions.recoverable_credit_usd), 0)::decimal(38, 28) as recoverable_credit_usd
from runs
left join versions
    on
        runs.billing_month = versions.billing_month
        and runs.transacting_partner_id = versions.transacting_partner_id
        and runs.subscription_id = versions.subscription_id
        and runs.as_of >= versions.dbt_valid_from
        and (versions.dbt_valid_to is null or runs.as_of < versions.dbt_valid_to)
group by runs.billing_month, runs.transacting_partner_id, runs.subscription_id, runs.as_of
