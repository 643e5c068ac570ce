-- What a line costs and earns (M1 to M4, M6, P3): macros for the pass over all lines, then the lines whose price has tiers, then the sums.
--
-- Amounts have 18 decimals and are rounded once, half away from zero, as casts of decimals do. Most lines need no rounding: a quantity of up to 8
-- decimals times a price of up to 6, and that times a rate of up to 4, is exact in 18; only the others pay for a division of 128 bits.

-- stage: macros
create type status as enum ('earned', 'missed', 'unexpected', 'not_earned');
-- 20 digits: DuckDB multiplies decimals of up to 18 in 64 bits when the product has fewer than 18 decimals, and fails above 92,233.
create macro short_quantity(quantity_text, quantity) as
    case when try_cast(quantity_text as decimal(20, 8)) = quantity then try_cast(quantity_text as decimal(20, 8)) end;
-- Any quantity times any price of 22 decimals: the product of their whole and broken parts, each exact in 128 bits, in units of 10^-18.
create macro broken_units(q) as ((abs(q) - trunc(abs(q))) * 1000000000000000::decimal(16, 0))::hugeint;
create macro price_units(p) as replace(abs(p)::varchar, '.', '')::hugeint;
create macro wide_units(q1, q0, p1, p0) as
    q1 * p1 * 1000000000000000000::hugeint + q0 * p1 * 1000 + (q1 * p0) // 10000 + (q0 * p0) // 10000000000000000000::hugeint
    + (((q1 * p0) % 10000) * 1000000000000000::hugeint + (q0 * p0) % 10000000000000000000::hugeint + 5000000000000000000::hugeint)
    // 10000000000000000000::hugeint;
create macro wide_cost(q, p) as (
    sign(q)::hugeint * sign(p)::hugeint * wide_units(
        trunc(abs(q))::hugeint, broken_units(q), price_units(p) // 10000000000000000000000::hugeint, price_units(p) % 10000000000000000000000::hugeint
    )
)::decimal(38, 0) * 0.000000000000000001::decimal(18, 18);
create macro cost_of(quantity, price, short_price) as
    case when short_price is not null then (quantity * short_price)::decimal(38, 18) else wide_cost(quantity, price)::decimal(38, 18) end;
create macro at_rate(short_cost, list_cost, rate) as
    coalesce((short_cost * rate)::decimal(38, 18), (list_cost * rate)::decimal(38, 18));
-- P3, M3: what follows from a line's list cost, what it is decided by, and what Microsoft applied.
create macro is_due(product_reason, access_reason) as product_reason is null and access_reason = 'full_day';
create macro credit_of(short_cost, list_cost, product_reason, access_reason, pec_rate) as
    case when is_due(product_reason, access_reason) then at_rate(short_cost, list_cost, pec_rate) else 0::decimal(38, 18) end;
create macro recoverable_of(short_cost, list_cost, product_reason, access_reason, pec_rate, applied_rate) as case
    when product_reason is null and access_reason != 'full_day' and applied_rate = 0 then at_rate(short_cost, list_cost, pec_rate)
    else 0::decimal(38, 18)
end;
create macro status_of(product_reason, access_reason, applied_rate) as case
    when is_due(product_reason, access_reason) then case when applied_rate > 0 then 'earned' else 'missed' end
    when applied_rate > 0 then 'unexpected' else 'not_earned'
end::status;
create macro reason_of(product_reason, access_reason) as
    case when is_due(product_reason, access_reason) then 'eligible'::pec_reason else coalesce(product_reason, access_reason) end;
create table place_keys as
select place_hash, resource_key, site_key, plan_key
from places
inner join resources using (subscription_id, resource_id, partner_id)
inner join plans using (plan_id)
inner join resource_sites using (resource_key);
-- M2, M6: the part of a running quantity that lies in a tier.
create macro in_tier(quantity, tier, tier_from, tier_to) as case
    when tier = 1 then least(quantity, coalesce(tier_to, quantity)) else greatest(0, least(quantity, coalesce(tier_to, quantity)) - tier_from)
end;
-- Quotients of integers, in units of 10^-15 of cents ÷ 100 over units of 10^-15: three steps of a long division where one would not fit.
create macro units_of(q) as sign(q)::hugeint * (trunc(abs(q))::hugeint * 1000000000000000::hugeint + broken_units(q));
create macro long_quotient(cents, units) as
    (cents * 10000000000000::hugeint) // units * 1000000000000000::hugeint
    + ((cents * 10000000000000::hugeint) % units * 100000000::hugeint) // units * 10000000::hugeint
    + (2 * (((cents * 10000000000000::hugeint) % units * 100000000::hugeint) % units) * 10000000::hugeint + units) // (2 * units);
create macro price_of(cents, units) as (sign(cents)::hugeint * sign(units)::hugeint * case
    when abs(cents) < 1000000000 and abs(units) < 1000000000000000000000000000000::hugeint
        then (abs(cents)::hugeint * 20000000000000000000000000000::hugeint + abs(units)) // (2 * abs(units))
    else long_quotient(abs(cents)::hugeint, abs(units))
end)::decimal(38, 0) * 0.000000000000001::decimal(15, 15);
