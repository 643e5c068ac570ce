-- depends_on: {{ ref('landing_daily_rated_usage') }}
select
    bill_key,
    {{ id_of('partner_id') }} as partner_id,
    {{ text_or_null('invoice_number') }} as invoice_number,
    upper({{ text_or_null('billing_currency') }}) as billing_currency,
    {{ utc_date('trim(charge_start_date)') }} as charge_start_date
from {{ source('landing', 'usage_bills') }}
