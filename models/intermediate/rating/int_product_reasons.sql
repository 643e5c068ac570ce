-- P1, P2: why a product earns nothing, the first rule of the exclusions in their order; NULL when it can earn.
-- One row per product key of int_product_attributes.
with attributes as (
    select
        product_key,
        usage_date,
        map {
            'benefit_type': benefit_type,
            'price_list_tag': price_list_tag,
            'publisher_name': publisher_name,
            'meter_category': meter_category,
            'meter_name': meter_name,
            'credit_type': credit_type,
            'credit_rate': applied_credit_rate::varchar,
            'price_list': price_list,
            'invoice_number': invoice_series
        } as attribute_values
    from {{ ref('int_product_attributes') }}
),

matches as (
    select
        attributes.product_key,
        exclusions.precedence,
        exclusions.reason
    from attributes
    inner join {{ ref('pec_product_exclusions') }} as exclusions
        on
            attributes.usage_date >= coalesce(exclusions.valid_from, attributes.usage_date)
            and (exclusions.valid_to is null or attributes.usage_date < exclusions.valid_to)
            and regexp_full_match(trim(attributes.attribute_values[exclusions.attribute]), exclusions.pattern, 'i')
            = exclusions.excludes_when_matching
            and (
                exclusions.and_attribute is null
                or regexp_full_match(trim(attributes.attribute_values[exclusions.and_attribute]), exclusions.and_pattern, 'i')
            )
)

select
    attributes.product_key,
    attributes.usage_date,
    arg_min(matches.reason, matches.precedence) as product_reason
from attributes
left join matches on attributes.product_key = matches.product_key
group by attributes.product_key, attributes.usage_date
