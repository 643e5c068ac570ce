-- Fingerprints of a month's inputs: usage in force, access, prices, directory, reference data and rules. A dated fact is clipped to each month that
-- it touches: late evidence changes these months and no others.
-- One row per billing month with accepted usage.
with usage as (
    select
        file_groups.billing_month,
        sum(
            hash(
                file_groups.content_id, file_groups.bill_key, file_groups.usage_date, file_groups.subscription_id, file_groups.transacting_partner_id,
                file_groups.reseller_mpn_id, file_groups.line_count
            )::hugeint
        )::varchar as usage_version
    from {{ ref('int_usage_file_groups_current') }} as file_groups
    group by file_groups.billing_month
),

clipped as (
    select
        usage.billing_month,
        facts.kind,
        sum(
            hash(
                facts.fact,
                greatest({{ from_or_ever('facts.valid_from') }}, usage.billing_month::timestamp),
                least({{ to_or_ever('facts.valid_to') }}, usage.billing_month + interval 1 month)
            )::hugeint
        )::varchar as fact_version
    from usage
    inner join {{ ref('int_dated_facts') }} as facts
        on
            {{ from_or_ever('facts.valid_from') }} < usage.billing_month + interval 1 month
            and {{ to_or_ever('facts.valid_to') }} > usage.billing_month
    group by usage.billing_month, facts.kind
)

select
    usage.billing_month,
    usage.usage_version,
    coalesce(max(clipped.fact_version) filter (where clipped.kind = 'access'), 'none') as access_version,
    coalesce(max(clipped.fact_version) filter (where clipped.kind = 'price'), 'none') as price_version,
    coalesce(max(clipped.fact_version) filter (where clipped.kind = 'directory'), 'none') as directory_version,
    any_value(project.reference_data_version) as reference_data_version,
    -- Settings and the engine are part of the rules: hash() may differ between versions of DuckDB.
    any_value(concat_ws(' ', project.rules_version, project.settings_version, version())) as rules_version
from usage
left join clipped on usage.billing_month = clipped.billing_month
cross join {{ ref('project_version') }} as project
group by usage.billing_month, usage.usage_version
