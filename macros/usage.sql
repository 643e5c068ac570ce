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
   null nor the GUID of zeros. Read as text: the JSON may stand inside a string, or be cut.  info: SQL text. #}
{% macro names_a_reservation(info) -%}
    coalesce(contains(lower({{ info }}), 'reservation') and len(list_filter(
        regexp_extract_all({{ info }}, '(?i)["\\]reservation(?:order)?id[\\"]+\s*:\s*[\\"]*([^\\",}]*)', 1),
        lambda value: regexp_matches(value, '[0-9A-Za-z]') and not regexp_full_match(lower(trim(value)), 'null|[0-]+')
    )) > 0, false)
{%- endmacro %}

{# The texts of keys that this incremental model does not have yet: one row per key, read from the first line with that key, of daily files
   before Cost Management's.
   name: of usage_names().  The model has the columns `<name>_key` and rules_version. #}
{% macro newly_named(name) -%}
    with first_lines as (
        select
            {{ name }}_key,
            min(struct_pack(content_id, record_number)) as line
        from {{ ref('stg_partner_center__usage_lines') }}
        where
            {{ name }}_key is not null
            {% if is_incremental() %}
                and {{ name }}_key not in (select known.{{ name }}_key from {{ this }} as known)
            {% endif %}
        group by {{ name }}_key
    ),

    named as (
        select
            first_lines.{{ name }}_key,
            {% for column, text in usage_names()[name].items() %}
                {{ text }} as {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ source('archive', 'daily_rated_usage') }} as lines
        inner join first_lines on lines.content_id = first_lines.line.content_id and lines.record_number = first_lines.line.record_number
        union all
        select
            {{ name }}_key,
            {% for column in usage_names()[name] %}
                {{ name }}__{{ column }} as {{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        from {{ ref('stg_cost_management__usage_lines') }}
        where
            failure is null
            and is_usage
            and {{ name }}_key not in (select first_lines.{{ name }}_key from first_lines)
            {% if is_incremental() %}
                and {{ name }}_key not in (select known.{{ name }}_key from {{ this }} as known)
            {% endif %}
        qualify row_number() over (partition by {{ name }}_key order by content_id, record_number) = 1
    )
{%- endmacro %}

{# D5: the reseller of record: of a billed line from the line, of an unbilled line from the relationship of its day.
   named: SQL, the reseller that the line names.  relationships: alias of int_unbilled_resellers, joined to unbilled usage only. #}
{% macro reseller_of_record(named, relationships) -%}
    coalesce({{ named }}, {{ relationships }}.reseller_partner_id)
{%- endmacro %}
