{{ config(pre_hook="{{ delete_outdated() }}") }}
{{ newly_named('bill') }}
select
    bill_key,
    {{ id_of('partner_id') }} as partner_id,
    -- The letter case is the vendor's own.
    regexp_replace({{ text_or_null('invoice_number') }}, '[\p{Cc}\p{Cf}]', '', 'g') as invoice_number,
    upper({{ text_or_null('billing_currency') }}) as billing_currency,
    {{ utc_date(text_or_null('charge_start_date')) }} as charge_start_date,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from named
