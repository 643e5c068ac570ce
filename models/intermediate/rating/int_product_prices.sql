-- What a day's lines of a product are rated with, and why it earns nothing, if so. One row per usage day and product_key of accepted usage.
with attributes as (
    select * from {{ ref('int_product_attributes') }}
),

-- Patterns are tried once for a product, not once for each of its days.
products as (
    select
        product_key,
        price_list,
        price_list_tag,
        map {
            'benefit_type': any_value(benefit_type),
            'price_list_tag': price_list_tag,
            'publisher_name': any_value(publisher_name),
            'meter_category': any_value(meter_category),
            'meter_name': any_value(meter_name),
            'credit_type': any_value(credit_type),
            'credit_rate': any_value(applied_credit_rate)::varchar,
            'price_list': price_list,
            'invoice_number': any_value(invoice_series)
        } as attribute_values
    from attributes
    group by product_key, price_list, price_list_tag
),

matches as (
    select
        products.product_key,
        products.price_list,
        products.price_list_tag,
        exclusions.precedence,
        exclusions.reason,
        exclusions.valid_from,
        exclusions.valid_to
    from products
    inner join {{ ref('pec_product_exclusions') }} as exclusions
        on
            regexp_full_match(trim(products.attribute_values[exclusions.attribute]), exclusions.pattern, 'i') = exclusions.excludes_when_matching
            and (
                exclusions.and_attribute is null
                or regexp_full_match(trim(products.attribute_values[exclusions.and_attribute]), exclusions.and_pattern, 'i')
            )
),

-- P1, P2: the first rule of the exclusions in their order; NULL when the product can earn.
reasons as (
    select
        attributes.product_key,
        attributes.usage_date,
        arg_min(matches.reason, matches.precedence) as product_reason,
        -- M2: usage that a benefit covers costs nothing here and fills no tier.
        coalesce(product_reason in ('reservation', 'savings_plan'), false) as is_covered_by_benefit
    from attributes
    left join matches
        on
            attributes.product_key = matches.product_key
            and attributes.price_list = matches.price_list
            and attributes.price_list_tag is not distinct from matches.price_list_tag
            and {{ is_in_force('matches', 'attributes.usage_date') }}
    group by attributes.product_key, attributes.usage_date
)

select
    attributes.usage_date,
    attributes.product_key,
    attributes.price_id,
    attributes.list_price,
    attributes.short_list_price,
    attributes.highest_list_price,
    reasons.product_reason,
    reasons.is_covered_by_benefit,
    -- A running quantity is computed only for a meter's month with a tiered price (M2).
    attributes.price_id is not null and not reasons.is_covered_by_benefit
    and bool_or(coalesce(attributes.tier_count > 1, false) and not reasons.is_covered_by_benefit) over (
        partition by date_trunc('month', attributes.usage_date), attributes.meter_key
    ) as is_tiered
from attributes
inner join reasons on attributes.product_key = reasons.product_key and attributes.usage_date = reasons.usage_date
