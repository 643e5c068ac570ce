{#
    Exact money. DECIMALs multiply to the sum of their scales; `/` and avg would give doubles, so division goes through integers.

    Types: quantity (18, 8), list price (28, 16), list cost (38, 24), rate (5, 4), credit and net cost (38, 28).
#}

{#
    How much of a running quantity lies in a tier (M2): what is above the tier's begin and not above its end. Below zero, where refunds
    exceed usage, the first tier goes on.

    quantity: SQL decimal(28, 8).  tiers: alias of int_price_list_tiers.
#}
{% macro quantity_in_tier(quantity, tiers) -%}
    case
        when {{ tiers }}.tier_number = 1 then least({{ quantity }}, coalesce({{ tiers }}.tier_to, {{ quantity }}))
        else greatest(0, least({{ quantity }}, coalesce({{ tiers }}.tier_to, {{ quantity }})) - {{ tiers }}.tier_from)
    end
{%- endmacro %}

{#
    M1: whether two rows of a price list overlap in quantity. Tiers are written with gaps of one unit or touching; one without an end goes on.

    older, newer: aliases with tier_minimum and tier_maximum.
#}
{% macro price_same_quantities(older, newer) -%}
    (
        {{ older }}.tier_minimum = {{ newer }}.tier_minimum
        or (
            {{ older }}.tier_minimum < coalesce({{ newer }}.tier_maximum, {{ older }}.tier_minimum + 1)
            and {{ newer }}.tier_minimum < coalesce({{ older }}.tier_maximum, {{ newer }}.tier_minimum + 1)
        )
    )
{%- endmacro %}

{#
    A decimal without its point, as an exact integer (HUGEINT) of its smallest unit.

    decimal: SQL of a DECIMAL type.  scale: its scale, where precision + scale stay within 37 digits; without it the way goes through text, which
    always fits but costs twenty times as much.
#}
{% macro smallest_units(decimal, scale=none) -%}
    {% if scale is none -%}
        replace(({{ decimal }})::varchar, '.', '')::hugeint
    {%- else -%}
        ({{ decimal }} * 1{{ '0' * scale }}::decimal({{ scale + 1 }}, 0))::hugeint
    {%- endif %}
{%- endmacro %}

{#
    numerator ÷ denominator of integers, times 10^shift, rounded half away from zero, as HUGEINT; NULL when the denominator is 0.

    numerator, denominator: SQL HUGEINT expressions.  |numerator| × 10^shift must stay below 1.7 × 10^38.
#}
{% macro divide(numerator, denominator, shift) -%}
    case
        when ({{ denominator }}) != 0
            then sign({{ numerator }})::hugeint * sign({{ denominator }})::hugeint * (
                (abs({{ numerator }}) * 1{{ '0' * shift }}::hugeint + abs({{ denominator }}) // 2) // abs({{ denominator }})
            )
    end
{%- endmacro %}

{#
    M1: what a line that is not on the price list costs: its quantity times its own unit price, DECIMAL(38, 24), NULL beyond the type.

    A price of more than 16 decimals makes a product of up to 30; only then is the 24th decimal rounded.
    lines: alias with quantity (18, 8) and unit_price (38, 22).
#}
{% macro own_price_cost(lines) -%}
    case
        when {{ lines }}.unit_price = {{ lines }}.unit_price::decimal(38, 16)
            then try(({{ lines }}.quantity * {{ lines }}.unit_price::decimal(28, 16))::decimal(38, 24))
        else try(({{ lines }}.quantity * {{ lines }}.unit_price)::decimal(38, 24))
    end
{%- endmacro %}

{#
    An amount in USD in the billing currency, DECIMAL(38, 24): amount and rate are held to 12 decimals each, since no rule rounds here and the
    full product does not fit (a billion USD in a currency of 25,000 to the dollar does). NULL without a rate.
#}
{% macro in_billing_currency(amount, rate) -%}
    (round({{ amount }}, 12)::decimal(24, 12) * round({{ rate }}, 12)::decimal(24, 12))::decimal(38, 24)
{%- endmacro %}

{# An amount cut to cents toward zero (M4, M5: ROUNDDOWN), DECIMAL(18, 2). #}
{% macro cut_to_cents(amount) -%}
    trunc({{ amount }}, 2)::decimal(18, 2)
{%- endmacro %}

{# M3: credit at a rate on a line's list cost, at full precision, DECIMAL(38, 28). lines: alias with list_cost_usd.  rate: name of a column of rates. #}
{% macro credit_at(lines, rate) -%}
    ({{ lines }}.list_cost_usd * {{ lines }}.{{ rate }})::decimal(38, 28)
{%- endmacro %}

{# M3: list cost less the credit that is due, at full precision, DECIMAL(38, 28). lines: alias with list_cost_usd and pec_rate. #}
{% macro net_cost(lines) -%}
    ({{ lines }}.list_cost_usd - {{ lines }}.list_cost_usd * {{ lines }}.pec_rate)::decimal(38, 28)
{%- endmacro %}
