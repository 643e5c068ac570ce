{# Exact money. Types: quantity (27, 15), sum of quantities (38, 15), price of a unit (38, 22), rate (5, 4), exchange rate (28, 18), amount (38, 18).
   Staging rejects quantities from 10^12, prices from 10^8 and lines of 10^15 USD: sums of amounts hold 10^20, of amounts times a rate 10^16.
   An amount is rounded once, half away from zero, when it is made (M3). To remove decimals from a 128-bit number is slow: quantities of 6 decimals
   and prices of 8 are multiplied directly, (38, 14), and their credit at a rate, (38, 18), is exact as well. `/` and avg return doubles: division
   uses integers. Types that differ in CASE, COALESCE or UNION lose decimals in silence beyond 38 digits: cast each branch. #}

{# How much of a running quantity lies in a tier (M2): what is above the tier's begin and not above its end. Below zero, where refunds exceed usage,
the first tier continues.  quantity: SQL decimal(38, 15).  tiers: alias of int_price_list_tiers. #}
{% macro quantity_in_tier(quantity, tiers) -%}
    case
        when {{ tiers }}.tier_number = 1 then least({{ quantity }}, coalesce({{ tiers }}.tier_to, {{ quantity }}))
        else greatest(0, least({{ quantity }}, coalesce({{ tiers }}.tier_to, {{ quantity }})) - {{ tiers }}.tier_from)
    end
{%- endmacro %}

{# M2: the month's quantity of a meter and plan up to and including a line, in order of usage, as DECIMAL(38, 15). The one place of that order. #}
{% macro running_quantity() -%}
    (sum(quantity) over (
        partition by billing_month, plan_subscription_id, meter_key
        order by usage_date, resource_id, quantity, content_id, record_number
        rows unbounded preceding
    ))::decimal(38, 15)
{%- endmacro %}

{# A quantity as a DECIMAL(18, 6), NULL when it has more decimals. Below 1000 it is a 64-bit number on the way, which is cheap.
   quantity: SQL decimal(27, 15). #}
{% macro short_quantity(quantity) -%}
    {% set short -%}
        case when abs({{ quantity }}) < 1000 then {{ quantity }}::decimal(18, 15)::decimal(18, 6) else try_cast({{ quantity }} as decimal(18, 6)) end
    {%- endset -%}
    case when {{ short }} = {{ quantity }} then {{ short }} end
{%- endmacro %}

{# A price as a DECIMAL(20, 8), NULL when it has more decimals or 12 digits before them. price: SQL decimal(38, 22). #}
{% macro short_price(price) -%}
    case when try_cast({{ price }} as decimal(20, 8)) = {{ price }} then {{ price }}::decimal(20, 8) end
{%- endmacro %}

{# The fractional part of a number, with its sign, DECIMAL(scale, scale). number: SQL of a DECIMAL of that scale. #}
{% macro fraction(number, scale) -%}
    ({{ number }} - trunc({{ number }}))::decimal({{ scale }}, {{ scale }})
{%- endmacro %}

{# quantity × price cut to 22 decimals, DECIMAL(38, 22), NULL from 10^16 on. All digits are computed: whole and fraction of one times those of the
   other. Only fraction times fraction has more than 22, and what is cut does not affect rounding to fewer decimals.
   quantity: SQL decimal(27, 15).  price: SQL decimal(38, 22). #}
{% macro product(quantity, price) -%}
    try((
        trunc({{ quantity }}) * {{ price }}
        + {{ fraction(quantity, 15) }} * trunc({{ price }})
        + trunc({{ fraction(quantity, 15) }} * {{ fraction(price, 22) }}, 22)
    )::decimal(38, 22))
{%- endmacro %}

{# What product() cuts, DECIMAL(37, 37): sums of products need it before they are rounded. #}
{% macro product_rest(quantity, price) -%}
    {% set fractions = fraction(quantity, 15) ~ ' * ' ~ fraction(price, 22) -%}
    ({{ fractions }} - trunc({{ fractions }}, 22))::decimal(37, 37)
{%- endmacro %}

{# An amount of M3: rounded to 18 decimals, half away from zero, DECIMAL(38, 18). number: SQL of a DECIMAL that nothing has rounded yet. #}
{% macro rounded(number) -%}
    round({{ number }}, 18)::decimal(38, 18)
{%- endmacro %}

{# M3: the credit at a rate on a line's list cost, DECIMAL(38, 18).
   lines: alias with list_cost_usd, and short_list_cost_usd where that has few decimals.  rate: SQL decimal(5, 4). #}
{% macro credit_at(lines, rate) -%}
    case
        when {{ lines }}.short_list_cost_usd is not null then {{ lines }}.short_list_cost_usd * {{ rate }}
        else {{ rounded(lines ~ '.list_cost_usd * ' ~ rate) }}
    end
{%- endmacro %}

{# P2: whether a line is charged 0: its total is, and it has none above 0.  usd, billing: SQL, the vendor's totals, NULL where not given. #}
{% macro is_charged_nothing(usd, billing) -%}
    coalesce({{ usd }}, {{ billing }}) = 0 and coalesce({{ billing }}, 0) = 0
{%- endmacro %}

{# M3: list cost less the credit that is due. lines: alias with list_cost_usd and pec_credit_usd. #}
{% macro net_cost(lines) -%}
    ({{ lines }}.list_cost_usd - {{ lines }}.pec_credit_usd)
{%- endmacro %}

{# An amount in USD in the billing currency, DECIMAL(38, 18), rounded once like all amounts. NULL without a rate, and from 10^20 on.
   amount: SQL decimal(38, 18).  rate: SQL decimal(28, 18).  decimals: round, or trunc where a rule cuts. #}
{% macro in_billing_currency(amount, rate, decimals='round') -%}
    try((
        trunc({{ amount }}) * {{ rate }}
        + {{ fraction(amount, 18) }} * trunc({{ rate }})
        + {{ decimals }}({{ fraction(amount, 18) }} * {{ fraction(rate, 18) }}, 18)
    )::decimal(38, 18))
{%- endmacro %}

{# An amount cut to cents toward zero (M4, M5: ROUNDDOWN), DECIMAL(38, 2). #}
{% macro cut_to_cents(amount) -%}
    trunc({{ amount }}, 2)::decimal(38, 2)
{%- endmacro %}

{# numerator ÷ denominator, each in its smallest units, times 10^shift, rounded half away from zero, as HUGEINT; NULL when the denominator is 0. In
   two steps, like long division: |numerator| × 10^(shift - later) and |denominator| × 10^later must stay below 10^38.
   numerator, denominator: SQL DECIMAL expressions. Their points are removed as text: to multiply would overflow. #}
{% macro divide(numerator, denominator, shift, later) -%}
    {% set dividend = "abs(replace((" ~ numerator ~ ")::varchar, '.', '')::hugeint) * 1" ~ '0' * (shift - later) ~ '::hugeint' -%}
    {% set divisor = "abs(replace((" ~ denominator ~ ")::varchar, '.', '')::hugeint)" -%}
    case
        when {{ denominator }} != 0
            then sign({{ numerator }})::hugeint * sign({{ denominator }})::hugeint * (
                ({{ dividend }} // {{ divisor }}) * 1{{ '0' * later }}::hugeint
                + (({{ dividend }} % {{ divisor }}) * 1{{ '0' * later }}::hugeint + {{ divisor }} // 2) // {{ divisor }}
            )
    end
{%- endmacro %}
