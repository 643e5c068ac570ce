with changes as (
    select
        *,
        row_number() over history = 1 as is_first,
        coalesce(lag(is_gone) over history, true) as was_gone,
        -- Both parts: what a billed line says anew decides nothing if the same reseller counts; and if only that is another, the directory says so.
        split_part(usage_version, ' ', 1) != split_part(coalesce(lag(usage_version) over history, ''), ' ', 1)
        and split_part(usage_version, ' ', 2) != split_part(coalesce(lag(usage_version) over history, ''), ' ', 2) as is_usage_version_changed,
        {% for version in [
            'month_usage_version', 'price_version', 'evidence_version', 'directory_version', 'reference_data_version', 'rules_version',
        ] %}
            {{ version }} != coalesce(lag({{ version }}) over history, '') as is_{{ version }}_changed,
        {% endfor %}
        coalesce(lag(list_cost_usd) over history, 0)::decimal(38, 18) as previous_list_cost_usd,
        coalesce(lag(pec_credit_usd) over history, 0)::decimal(38, 18) as previous_pec_credit_usd,
        coalesce(lag(net_cost_usd) over history, 0)::decimal(38, 18) as previous_net_cost_usd
    from {{ ref('int_resource_month_history') }}
    window history as (partition by resource_month_id order by as_of)
),

-- All inputs that changed and could have changed the amount. If the rules changed, other fingerprints of the project are not compared.
causes as (
    select
        *,
        -- Also if the credit is the same while the list cost is not: two causes may make up for each other. What earns nothing, as before, does not.
        pec_credit_usd != previous_pec_credit_usd
        or (pec_credit_usd != 0 and list_cost_usd != previous_list_cost_usd) as is_earning_changed,
        is_gone or was_gone or (is_usage_version_changed and not is_rules_version_changed) as is_usage,
        not is_gone and not was_gone and not is_rules_version_changed as is_comparable
    from changes
),

named as (
    select
        *,
        concat_ws(
            ', ',
            case when is_usage then 'usage' end,
            -- Prices decide list cost, and also what is on the list, which earns at any price (P1). A list cost can also change because other usage
            -- of the month fills the tiers differently (M2).
            case
                when is_comparable and is_price_version_changed then 'price_sheet'
                when is_comparable and not is_usage_version_changed and list_cost_usd != previous_list_cost_usd then 'usage'
            end,
            case when is_comparable and is_evidence_version_changed and is_earning_changed then 'evidence' end,
            case when is_comparable and is_directory_version_changed and is_earning_changed then 'directory' end,
            case when not is_gone and not was_gone and is_reference_data_version_changed then 'reference_data' end,
            case when not is_gone and not was_gone and is_rules_version_changed then 'rules' end
        ) as named_cause
    from causes
)

select
    as_of as restated_at,
    billing_month,
    transacting_partner_id,
    customer_id,
    subscription_id,
    resource_id,
    case
        when named_cause != '' then named_cause
        -- Usage of the month can decide another resource's.
        when is_month_usage_version_changed then 'usage'
        else 'evidence'
    end as cause,
    previous_list_cost_usd,
    list_cost_usd,
    previous_pec_credit_usd,
    pec_credit_usd,
    previous_net_cost_usd,
    net_cost_usd,
    (net_cost_usd - previous_net_cost_usd)::decimal(38, 18) as net_cost_change_usd
from named
-- The first report of a month restates nothing; a resource that appears later does.
where not is_first or as_of > month_first_reported_at
