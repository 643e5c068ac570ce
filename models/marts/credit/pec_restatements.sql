with versions as (
    select
        * exclude (dbt_is_deleted),
        dbt_is_deleted = 'True' as is_gone,
        min(dbt_valid_from) over (partition by billing_month) as month_first_told_at
    from {{ ref('pec_resource_months') }}
),

amounts as (
    select
        *,
        case when is_gone then 0 else list_cost_usd end::decimal(38, 24) as list_cost_told_usd,
        case when is_gone then 0 else pec_credit_usd end::decimal(38, 28) as pec_credit_told_usd,
        case when is_gone then 0 else net_cost_usd end::decimal(38, 28) as net_cost_told_usd
    from versions
),

changes as (
    select
        *,
        row_number() over history = 1 as is_first,
        coalesce(lag(is_gone) over history, true) as was_gone,
        lag(usage_fingerprint) over history as previous_usage_fingerprint,
        lag(evidence_fingerprint) over history as previous_evidence_fingerprint,
        lag(directory_fingerprint) over history as previous_directory_fingerprint,
        coalesce(lag(list_cost_told_usd) over history, 0)::decimal(38, 24) as previous_list_cost_usd,
        coalesce(lag(pec_credit_told_usd) over history, 0)::decimal(38, 28) as previous_pec_credit_usd,
        coalesce(lag(net_cost_told_usd) over history, 0)::decimal(38, 28) as previous_net_cost_usd
    from amounts
    window history as (partition by resource_month_id order by dbt_valid_from)
)

select
    resource_month_id,
    dbt_valid_from as restated_at,
    billing_month,
    transacting_partner_id,
    customer_id,
    subscription_id,
    resource_id,
    case
        when is_gone then 'usage'
        when was_gone then 'usage'
        when usage_fingerprint != previous_usage_fingerprint then 'usage'
        when list_cost_told_usd != previous_list_cost_usd then 'price_sheet'
        when evidence_fingerprint != previous_evidence_fingerprint then 'evidence'
        when directory_fingerprint != previous_directory_fingerprint then 'directory'
        else 'reference_data'
    end as cause,
    previous_list_cost_usd,
    list_cost_told_usd as list_cost_usd,
    previous_pec_credit_usd,
    pec_credit_told_usd as pec_credit_usd,
    previous_net_cost_usd,
    net_cost_told_usd as net_cost_usd,
    (net_cost_told_usd - previous_net_cost_usd)::decimal(38, 28) as net_cost_change_usd
from changes
-- What a month says when it is first told restates nothing; a resource that turns up in it later does.
where not is_first or dbt_valid_from > month_first_told_at
