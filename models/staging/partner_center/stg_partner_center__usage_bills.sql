{{ config(pre_hook="{{ delete_outdated_names() }}") }}
{{ newly_named('bill') }}
select
    bill_key,
    {{ id_of('partner_id') }} as partner_id,
    {{ text_or_null('invoice_number') }} as invoice_number,
    upper({{ text_or_null('billing_currency') }}) as billing_currency,
    {{ utc_date('trim(charge_start_date)') }} as charge_start_date,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from named
