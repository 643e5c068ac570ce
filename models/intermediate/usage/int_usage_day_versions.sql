-- Fingerprints of what usage says of a day: which lines of which files are accepted, and whose they are (D2, D3, D5). One row per usage day.
with partners as (
    select * from {{ ref('int_partner_organisations') }}
),

slices as (
    select
        slices.usage_date,
        sum(
            hash(
                slices.file_id, slices.digest, slices.partner_id, slices.billing_currency, slices.invoice_number, slices.subscription_id,
                slices.reseller_mpn_id, slices.line_count,
                transacting.organisation_id, resellers.organisation_id
            )::hugeint
        ) as fingerprint
    from {{ ref('int_usage_slices_current') }} as slices
    inner join partners as transacting on slices.transacting_partner_id = transacting.partner_id
    left join partners as resellers on slices.reseller_mpn_id = resellers.partner_id
    group by slices.usage_date
),

resellers as (
    select
        unbilled.usage_date,
        sum(
            hash(unbilled.subscription_id, unbilled.transacting_partner_id, unbilled.reseller_partner_id, partners.organisation_id)::hugeint
        ) as fingerprint
    from {{ ref('int_unbilled_resellers') }} as unbilled
    left join partners on unbilled.reseller_partner_id = partners.partner_id
    group by unbilled.usage_date
)

select
    slices.usage_date,
    -- hash() may be another in another version of DuckDB, and so may the keys made of it.
    hash(version(), slices.fingerprint, resellers.fingerprint) as input_version
from slices
left join resellers on slices.usage_date = resellers.usage_date
