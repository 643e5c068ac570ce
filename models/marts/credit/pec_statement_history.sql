with versions as (
    select * from {{ ref('int_resource_month_history') }}
),

-- The builds that changed a statement's row, including deletions.
builds as (
    select distinct
        billing_month,
        transacting_partner_id,
        subscription_id,
        as_of
    from versions
)

select
    builds.billing_month,
    builds.transacting_partner_id,
    builds.subscription_id,
    builds.as_of,
    lead(builds.as_of) over (
        partition by builds.billing_month, builds.transacting_partner_id, builds.subscription_id order by builds.as_of
    ) as as_of_until,
    coalesce(sum(versions.line_count), 0)::bigint as line_count,
    coalesce(sum(versions.list_cost_usd), 0)::decimal(38, 18) as list_cost_usd,
    coalesce(sum(versions.pec_credit_usd), 0)::decimal(38, 18) as pec_credit_usd,
    coalesce(sum(versions.net_cost_usd), 0)::decimal(38, 18) as net_cost_usd,
    coalesce(sum(versions.applied_credit_usd), 0)::decimal(38, 18) as applied_credit_usd,
    coalesce(sum(versions.recoverable_credit_usd), 0)::decimal(38, 18) as recoverable_credit_usd
from builds
inner join versions
    on
        builds.billing_month = versions.billing_month
        and builds.transacting_partner_id = versions.transacting_partner_id
        and builds.subscription_id = versions.subscription_id
        and builds.as_of >= versions.as_of
        and (versions.as_of_until is null or builds.as_of < versions.as_of_until)
group by builds.billing_month, builds.transacting_partner_id, builds.subscription_id, builds.as_of
