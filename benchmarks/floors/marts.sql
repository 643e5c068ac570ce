-- The lines whose price has tiers, and the sums (M2, M4, M6).
--
-- Needs keyed_charges, a row for each line, whose amounts are NULL where the price has tiers. Leaves charges, eligibility_daily,
-- meter_month_to_date, monthly_statement.

-- stage: tiers
select case when max(abs(unit_price - unit_price::decimal(20, 10))) > 0 then error('a price in tiers has more than 10 decimals') end
from tiers where product_key in (select product_key from tiers where tier > 1);
create table tiered_charges as
with running as (
    select
        *, row_number() over () as tiered_key,
        (sum(quantity) over (
            partition by plan_key, meter_key order by usage_date, resource_key, quantity, product_key, applied_rate rows unbounded preceding
        ))::decimal(28, 15) as quantity_after
    from keyed_charges where is_tiered
),
rated as (
    select
        tiered_key,
        (in_tier(quantity_after, tier, tier_from, tier_to)
            - in_tier((quantity_after - quantity)::decimal(28, 15), tier, tier_from, tier_to))::decimal(28, 15) as tier_quantity,
        unit_price::decimal(20, 10) as unit_price
    from running inner join tiers using (product_key, usage_date)
),
costs as (
    select
        tiered_key, sum(tier_quantity * unit_price)::decimal(38, 18) as list_cost,
        sum(case when unit_price > 0 then tier_quantity else 0 end)::decimal(28, 15) as billable_quantity
    from rated group by tiered_key
)
select
    running.* exclude (tiered_key, quantity_after, is_billable) replace (
        costs.list_cost as list_cost,
        credit_of(null::decimal(32, 14), costs.list_cost, product_reason, access_reason, pec_rate) as credit,
        recoverable_of(null::decimal(32, 14), costs.list_cost, product_reason, access_reason, pec_rate, applied_rate) as recoverable
    ),
    billable_quantity
from running inner join costs using (tiered_key);
create view charges as
select * exclude (is_billable), case when is_billable then quantity else 0 end::decimal(28, 15) as billable_quantity
from keyed_charges where not is_tiered
union all by name
select * from tiered_charges;

-- stage: sums
create table eligibility_daily as
select usage_date, resource_key, reseller_id, (covered_us * 0.000001::decimal(6, 6))::decimal(11, 6) as covered_seconds, cover_rank, access_reason
from (select distinct usage_date, resource_key from keyed_charges)
inner join resource_sites using (resource_key)
inner join site_days using (site_key, usage_date);
-- M4. The effective price is a quotient of integers: exact, rounded once.
create table meter_month_to_date as
with meter_days as (
    select
        plan_key, meter_key, usage_date, sum(quantity) as quantity, sum(billable_quantity) as billable_quantity,
        sum(list_cost - credit) as net_cost
    from charges where not is_covered_by_benefit group by all
),
cumulative as (
    select
        plan_key, meter_key, usage_date, (sum(quantity) over month_so_far)::decimal(28, 15) as cumulative_quantity,
        (sum(billable_quantity) over month_so_far)::decimal(28, 15) as cumulative_billable_quantity,
        (sum(net_cost) over month_so_far)::decimal(38, 18) as cumulative_net_cost,
        trunc(cumulative_net_cost, 2)::decimal(18, 2) as billable_cost
    from meter_days
    window month_so_far as (partition by plan_key, meter_key order by usage_date rows unbounded preceding)
),
whole_numbers as (
    select *, (billable_cost * 100)::decimal(18, 0)::bigint as cents, units_of(cumulative_billable_quantity) as units from cumulative
)
select
    * exclude (cents, units, cumulative_billable_quantity),
    case when units != 0 then price_of(cents, units) end::decimal(38, 15) as effective_unit_price
from whole_numbers;
create table monthly_statement as
with applied as (
    -- What Microsoft applied, rounded line by line as credit is, which it mostly equals.
    select
        *,
        case
            when applied_rate = 0 then 0::decimal(38, 18) when status = 'earned' and applied_rate = pec_rate then credit
            else (list_cost * applied_rate)::decimal(38, 18)
        end as applied_credit
    from charges
),
by_resource as (
    select
        resource_key, sum(list_cost) as list_cost, sum(credit) as credit,
        sum(applied_credit) as applied_credit,
        sum(case when status = 'missed' then credit else 0 end) as missed_credit,
        sum(case when status = 'unexpected' then applied_credit else 0 end) as unexpected_credit,
        sum(recoverable) as recoverable
    from applied group by resource_key
)
select
    partner_id, customer_id, subscription_id, sum(list_cost)::decimal(38, 18) as list_cost, sum(credit)::decimal(38, 18) as credit,
    sum(applied_credit)::decimal(38, 18) as applied_credit, sum(missed_credit)::decimal(38, 18) as missed_credit,
    sum(unexpected_credit)::decimal(38, 18) as unexpected_credit, sum(recoverable)::decimal(38, 18) as recoverable
from by_resource
inner join resources using (resource_key)
group by partner_id, customer_id, subscription_id;
