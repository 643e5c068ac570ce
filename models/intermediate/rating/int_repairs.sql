-- Gaps that one change repairs (pec_repairs), and the smallest scope on which it works. One row per repair.
with gaps as (
    select
        *,
        bool_or(is_losing_now) over (partition by repair_id) as is_repair_losing_now,
        -- Whether all that a subscription loses today has one cause.
        min(repair_id) filter (where is_losing_now) over subscription
        = max(repair_id) filter (where is_losing_now) over subscription as is_only_cause
    from {{ ref('int_gap_repairs') }}
    window subscription as (partition by transacting_partner_id, subscription_id)
),

grouped as (
    select
        repair_id,
        any_value(action) as action,
        any_value(reason_today) as access_reason,
        any_value(transacting_partner_id) as transacting_partner_id,
        any_value(transacting_organisation_id) as transacting_organisation_id,
        min(customer_id) as customer_id,
        min_by(customer_name, struct_pack(customer_id, customer_name)) as customer_name,
        any_value(subscription_id) as subscription_id,
        any_value(principal_id) as principal_id,
        any_value(principal_type) as principal_type,
        min(role_definition_id) as role_definition_id,
        min(managing_tenant_id) as managing_tenant_id,
        any_value(item_id) as item_id,
        min(link_partner_id) as link_partner_id,
        bool_or(is_begun_unseen and valid_to is null) as may_have_begun_before,
        bool_or(lacks_agreement and is_losing_now) as lacks_agreement,
        min(fault_scope_id) as fault_scope_id,
        min(began_at_text) as began_at_text,
        min(ended_at_text) as ended_at_text,
        bool_or(is_losing_now) as is_losing_now,
        bool_or(is_only_cause and is_losing_now) or bool_or(valid_from is null) as is_for_subscription,
        -- Where to repair: the smallest scope of the resources that lose today; of all, if none does.
        count(distinct resource_group_name) filter (where is_losing_now or not is_repair_losing_now) as group_count,
        count(distinct access_scope_id) filter (where is_losing_now or not is_repair_losing_now) as scope_count,
        min(resource_group_name) filter (where is_losing_now or not is_repair_losing_now) as resource_group_name,
        min(access_scope_id) filter (where is_losing_now or not is_repair_losing_now) as access_scope_id,
        count(distinct resource_partner_key) as resource_count,
        count(distinct resource_partner_key) filter (where is_losing_now) as losing_resource_count,
        min(first_lost_date) as first_lost_date,
        max(last_usage_date) as last_usage_date,
        coalesce(sum(lost_credit_usd), 0)::decimal(38, 18) as lost_credit_usd,
        sum(lost_credit_per_day_usd)::decimal(38, 18) as win_per_day_usd
    from gaps
    group by repair_id
)

select
    * exclude (fault_scope_id, is_for_subscription, group_count, scope_count, resource_group_name, access_scope_id),
    case
        when fault_scope_id is not null then fault_scope_id
        when is_for_subscription or group_count != 1 then '/subscriptions/' || subscription_id
        when scope_count > 1 then concat('/subscriptions/', subscription_id, '/resourcegroups/', resource_group_name)
        else access_scope_id
    end as scope_id
from grouped
