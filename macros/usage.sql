{# What usage lines name, as name -> our column -> SQL over the columns of the archive. A line keeps one key for each, and the texts stand
   once, with the key: a month's lines name their resources, products and tags over and over.
   resource: who used what, and where. product: attributes that decide price and eligibility (M1, P1, P2). bill: invoice, partner and period.
   detail: other attributes; no number depends on them. #}
{% macro usage_names() %}
    {{ return({
        'resource': {
            'plan_subscription_id': 'subscriptionid', 'entitlement_id': 'entitlementid', 'resource_uri': 'resourceuri',
            'resource_group': 'resourcegroup', 'customer_id': 'customerid', 'customer_name': 'customername', 'customer_country': 'customercountry',
            'mpn_id': 'mpnid', 'reseller_mpn_id': 'coalesce(tier2mpnid, resellermpnid)',
        },
        'product': {
            'customer_country': 'customercountry',
            'customer_without_country': 'case when ' ~ text_or_null('customercountry') ~ ' is null then customerid end',
            'reservation': 'case when ' ~ names_a_reservation('additionalinfo') ~ " then 'Reservation' end",
            'product_id': 'productid', 'sku_id': 'skuid', 'meter_id': 'meterid',
            'meter_category': 'metercategory', 'meter_name': 'metername', 'publisher_name': 'publishername', 'benefit_type': 'benefittype',
            'credit_type': 'credittype', 'credit_rate': 'coalesce(creditpercentage, rateofcredit)', 'invoice_series': 'left(' ~ text_or_null('invoicenumber') ~ ', 1)',
        },
        'bill': {
            'partner_id': 'partnerid', 'invoice_number': 'invoicenumber', 'billing_currency': 'billingcurrency', 'charge_start_date': 'chargestartdate',
        },
        'detail': {
            'sku_name': 'skuname', 'product_name': 'productname', 'meter_region': 'meterregion', 'unit': 'coalesce(unit, unitofmeasure, unittype)',
            'resource_location': 'resourcelocation', 'entitlement_description': 'entitlementdescription', 'benefit_order_id': 'benefitorderid',
            'benefit_id': 'benefitid', 'tags': 'tags', 'additional_info': 'additionalinfo',
        },
    }) }}
{% endmacro %}

{# P2: whether AdditionalInfo names the reservation that paid: a ReservationOrderId or ReservationId in any letter case, whose value is neither blank,
   null nor the GUID of zeros. Read as text: the JSON may stand inside a string, or be cut. A condition of `case when`, where DuckDB looks at the second
   part only for rows that meet the first.  info: SQL text. #}
{% macro names_a_reservation(info) -%}
    contains(lower({{ info }}), 'reservation') and len(list_filter(
        regexp_extract_all({{ info }}, '(?i)["\\]reservation(?:order)?id[\\"]+\s*:\s*[\\"]*([^\\",}]*)', 1),
        lambda value: regexp_matches(value, '[0-9A-Za-z]') and not regexp_full_match(lower(trim(value)), 'null|[0-]+')
    )) > 0
{%- endmacro %}

{# Two CTEs: `named` has one row per key that this incremental model does not have yet, with the texts of the first line with that key, of daily files
   before Cost Management's.
   name: of usage_names().  The model has the columns `<name>_key` and rules_version. #}
{% macro newly_named(name) -%}
    {%- set key, texts = name ~ '_key', usage_names()[name] -%}
    {%- set is_new = key ~ ' not in (select known.' ~ key ~ ' from ' ~ this ~ ' as known)' if is_incremental() else 'true' -%}
    with first_lines as (
        select {{ key }}, min(struct_pack(content_id, record_number)) as line
        from {{ ref('stg_partner_center__usage_lines') }}
        where {{ key }} is not null and {{ is_new }}
        group by {{ key }}
    ),

    named as (
        select first_lines.{{ key }}, {% for column, text in texts.items() %}{{ text }} as {{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ source('archive', 'daily_rated_usage') }} as lines
        inner join first_lines on lines.content_id = first_lines.line.content_id and lines.record_number = first_lines.line.record_number
        union all
        select {{ key }}, {% for column in texts %}{{ name }}__{{ column }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ ref('stg_cost_management__usage_lines') }}
        where failure is null and is_usage and {{ is_new }} and {{ key }} not in (select first_lines.{{ key }} from first_lines)
        qualify row_number() over (partition by {{ key }} order by content_id, record_number) = 1
    )
{%- endmacro %}
