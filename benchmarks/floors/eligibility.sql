-- Which resources are covered on which day, and why not (A1, A5, A6, D2, D5): decided by scope, not by resource.
--
-- Needs resources, relations, days and what access.sql leaves. Leaves resource_sites, site_days (an answer per site and day).

-- stage: eligibility
-- A node is a scope on which anything stands; resources with the same nearest node share one answer.
create macro above(scope) as list_transform(
    range(3, len(string_split(scope, '/')) + 1), lambda depth: array_to_string(string_split(scope, '/')[1:depth], '/')
);
create table nodes as
select row_number() over (order by scope)::int as node_key, scope
from (select scope from ladder union select scope from lives where kind = 'deny');
create table node_paths as
select below.node_key, nodes.scope
from (select node_key, unnest(above(scope)) as scope from nodes) as below inner join nodes using (scope);
create table resource_nodes as
with levels as (
    select resource_key, unnest(above(resource_id)) as scope from resources where starts_with(resource_id, '/subscriptions/')
)
select resource_key, arg_max(node_key, length(scope)) as node_key from levels inner join nodes using (scope) group by resource_key;

-- D2, D5: whose access counts on a day; a line's own reseller, for unbilled lines else that of the earliest relationship of the day.
create table relationships as
select
    lower(subscription_id) as subscription_id, transacting.organisation_id as transacting, reseller_partner_id as reseller_id,
    from_ever(valid_from::timestamptz::timestamp) as valid_from, to_ever(valid_to::timestamptz::timestamp) as valid_to
from in_directory('subscription_partners') as history
inner join partners as transacting on history.transacting_partner_id = transacting.partner_id;
create table relation_days as
with told as (
    select
        relation_key, usage_date, partners.organisation_id as transacting,
        any_value(relations.reseller_id) as own_reseller_id,
        any_value(is_unbilled) as is_unbilled,
        arg_min(coalesce(relationships.reseller_id, ''), (valid_from, valid_to, coalesce(relationships.reseller_id, '~'))) as told_reseller_id
    from relations
    cross join days
    inner join partners using (partner_id)
    left join relationships
        on
            relations.subscription_id = relationships.subscription_id and partners.organisation_id = relationships.transacting
            and valid_from < usage_date + interval 1 day and valid_to > usage_date
    group by relation_key, usage_date, partners.organisation_id
),
named as (
    select
        relation_key, usage_date, transacting, nullif(coalesce(own_reseller_id, case when is_unbilled then told_reseller_id end), '') as reseller_id
    from told
)
select
    named.*, partners.organisation_id as reseller, dense_rank() over (order by transacting, reseller)::int as pair_key
from named left join partners on named.reseller_id = partners.partner_id;

-- A site is a node and a relation: all resources of it share each day's answer.
create table sites as
select row_number() over ()::int as site_key, relation_key, node_key
from (select distinct relation_key, node_key from resources left join resource_nodes using (resource_key));
create table resource_sites as
select resource_key, site_key
from resources left join resource_nodes using (resource_key) inner join sites
    on resources.relation_key = sites.relation_key and resource_nodes.node_key is not distinct from sites.node_key;
create table node_days as
select distinct node_key, pair_key, transacting, reseller, usage_date
from sites inner join relation_days using (relation_key) where node_key is not null;

-- A5: a deny takes an interval's time at the nodes on whose path both stand; what is left of an interval there are its pieces.
create table denied as
select
    below.node_key, interval_key, greatest(intervals.valid_from, lives.valid_from) as valid_from,
    least(intervals.valid_to, lives.valid_to) as valid_to
from lives
inner join intervals on lives.subscription_id = intervals.subscription_id
inner join node_paths as below on lives.scope = below.scope
inner join node_paths as beside on below.node_key = beside.node_key and intervals.scope = beside.scope
where
    lives.kind = 'deny'
    and (list_contains(denied_ids, '00000000-0000-0000-0000-000000000000') or list_has_any(denied_ids, [intervals.principal_id, identity_id]))
    and not list_has_any(excluded_ids, [intervals.principal_id, identity_id])
    and lives.valid_from < intervals.valid_to and intervals.valid_from < lives.valid_to;
create table pieces as
with on_path as (
    select node_key, interval_key, organisation_id, cover_rank, valid_from, valid_to
    from node_paths inner join intervals using (scope) where not is_eligible_only
),
edges as (
    select node_key, interval_key, valid_from, max(valid_to) over (
        partition by node_key, interval_key order by valid_from, valid_to rows between unbounded preceding and 1 preceding
    ) as reach, valid_to
    from denied
),
gaps as (
    select
        on_path.node_key, interval_key, organisation_id, cover_rank, coalesce(reach, on_path.valid_from) as valid_from,
        edges.valid_from as valid_to
    from on_path inner join edges using (node_key, interval_key)
    union all
    select on_path.node_key, interval_key, organisation_id, cover_rank, max(edges.valid_to), any_value(on_path.valid_to)
    from on_path inner join edges using (node_key, interval_key) group by all
)
select node_key, organisation_id, cover_rank, valid_from, valid_to from gaps where valid_from < valid_to
union all
select node_key, organisation_id, cover_rank, valid_from, valid_to from on_path anti join denied using (node_key, interval_key);
-- A6: cut to days; most are full by one piece, and only where something partial may come first or remains is the union measured.
create table day_pieces as
select
    node_days.node_key, pair_key, usage_date, cover_rank, greatest(valid_from, usage_date::timestamp) as piece_from,
    least(valid_to, usage_date + interval 1 day) as piece_to, piece_to - piece_from = interval 1 day as is_full
from node_days
inner join pieces
    on
        node_days.node_key = pieces.node_key and pieces.organisation_id in (transacting, reseller)
        and valid_from < usage_date + interval 1 day and valid_to > usage_date;
create table cover as
with by_day as (
    select
        node_key, pair_key, usage_date, min(cover_rank) filter (where is_full) as full_rank,
        min(cover_rank) filter (where not is_full) as partial_rank
    from day_pieces group by all
),
edges as (
    select node_key, pair_key, usage_date, piece_from as edge_at from day_pieces semi join (from by_day where partial_rank < coalesce(full_rank, 99))
        using (node_key, pair_key, usage_date)
    union
    select node_key, pair_key, usage_date, piece_to from day_pieces semi join (from by_day where partial_rank < coalesce(full_rank, 99))
        using (node_key, pair_key, usage_date)
),
segments as (
    select *, lead(edge_at) over (partition by node_key, pair_key, usage_date order by edge_at) as edge_to from edges
),
-- The first rank that stands in each stretch: the day is complete with the greatest of them.
ranked as (
    select segments.node_key, segments.pair_key, segments.usage_date, edge_at, any_value(edge_to) as edge_to, min(cover_rank) as cover_rank
    from segments
    inner join day_pieces
        on segments.node_key = day_pieces.node_key and segments.pair_key = day_pieces.pair_key and segments.usage_date = day_pieces.usage_date
            and piece_from <= edge_at and piece_to >= edge_to
    group by segments.node_key, segments.pair_key, segments.usage_date, edge_at
),
measured as (
    select node_key, pair_key, usage_date, sum(epoch_us(edge_to) - epoch_us(edge_at))::bigint as covered_us, max(cover_rank) as cover_rank
    from ranked group by all
)
select node_key, pair_key, usage_date, covered_us, case when covered_us = 86400000000 then cover_rank end as cover_rank from measured
union all
select node_key, pair_key, usage_date, 86400000000, full_rank from by_day where coalesce(partial_rank, 99) >= full_rank;
-- Why not, for the days that are not covered: the furthest rung of any grant in force.
create table rungs as
select
    node_days.node_key, pair_key, usage_date, max(case when organisation_id in (transacting, reseller) then rung else 1 end) as rung
from node_days
anti join (from cover where cover_rank is not null) as covered using (node_key, pair_key, usage_date)
inner join node_paths using (node_key)
inner join ladder on node_paths.scope = ladder.scope and valid_from < usage_date + interval 1 day and valid_to > usage_date
group by all;
create table site_days as
with agreed as (
    select usage_date, transacting
    from days
    cross join (
        select
            organisation_id as transacting, from_ever(valid_from::timestamptz::timestamp) as valid_from,
            to_ever(valid_to::timestamptz::timestamp) as valid_to
        from in_directory('agreements') inner join organisations on organisation = 'o' || partner_global_id
    )
    where valid_from <= usage_date and valid_to >= usage_date + interval 1 day
)
select
    site_key, relation_days.usage_date, relation_days.reseller_id, coalesce(covered_us, 0) as covered_us, cover_rank,
    case
        when agreed.transacting is null then 'no_agreement' when cover_rank is not null then 'full_day' when covered_us > 0 then 'partial_day'
        else ['no_access', 'other_partner', 'ineligible_role', 'not_linked', 'not_permanent', 'denied'][1 + coalesce(rung, 0)]
    end::pec_reason as access_reason,
    pec_rates.pec_rate::decimal(5, 4) as pec_rate
from sites
inner join relation_days using (relation_key)
left join cover
    on sites.node_key = cover.node_key and relation_days.pair_key = cover.pair_key and relation_days.usage_date = cover.usage_date
left join rungs
    on sites.node_key = rungs.node_key and relation_days.pair_key = rungs.pair_key and relation_days.usage_date = rungs.usage_date
left join agreed on relation_days.transacting = agreed.transacting and relation_days.usage_date = agreed.usage_date
left join read_csv(getvariable('reference') || '/pec_rates.csv', columns = {
    'valid_from': 'DATE', 'valid_to': 'DATE', 'pec_rate': 'DECIMAL(5, 4)', 'source': 'VARCHAR'
}) as pec_rates
    on
        relation_days.usage_date >= coalesce(pec_rates.valid_from, '-infinity')
        and relation_days.usage_date < coalesce(pec_rates.valid_to, 'infinity');
