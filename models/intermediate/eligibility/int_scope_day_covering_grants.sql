-- Level and path that are reported for a covered day (A6): going down the levels, and on each AOBO, Lighthouse, direct, the first that completes
-- the day together with those before it. One row per decision scope, pair of organisations and covered day.
with clipped_intervals as (
    select clipped_intervals.*
    from {{ ref('int_scope_day_clipped_intervals') }} as clipped_intervals
    inner join {{ ref('int_scope_day_covered_time') }} as coverage
        on
            clipped_intervals.decision_scope_id = coverage.decision_scope_id
            and clipped_intervals.transacting_organisation_id = coverage.transacting_organisation_id
            and clipped_intervals.reseller_organisation_id is not distinct from coverage.reseller_organisation_id
            and clipped_intervals.usage_date = coverage.usage_date
    where coverage.is_covered
),

ranks as (
    select distinct
        decision_scope_id,
        transacting_organisation_id,
        reseller_organisation_id,
        usage_date,
        cover_rank,
        scope_level,
        access_path
    from clipped_intervals
),

up_to_rank as (
    select
        ranks.*,
        clipped_intervals.clipped_from,
        clipped_intervals.clipped_to,
        max(clipped_intervals.clipped_to) over (
            partition by
                ranks.decision_scope_id, ranks.transacting_organisation_id, ranks.reseller_organisation_id, ranks.usage_date, ranks.cover_rank
            order by clipped_intervals.clipped_from, clipped_intervals.clipped_to
            rows between unbounded preceding and 1 preceding
        ) as reach
    from ranks
    inner join clipped_intervals
        on
            ranks.decision_scope_id = clipped_intervals.decision_scope_id
            and ranks.transacting_organisation_id = clipped_intervals.transacting_organisation_id
            and ranks.reseller_organisation_id is not distinct from clipped_intervals.reseller_organisation_id
            and ranks.usage_date = clipped_intervals.usage_date
            and ranks.cover_rank >= clipped_intervals.cover_rank
)

select
    decision_scope_id,
    transacting_organisation_id,
    reseller_organisation_id,
    usage_date,
    scope_level as covering_scope_level,
    access_path as covering_access_path
from up_to_rank
group by decision_scope_id, transacting_organisation_id, reseller_organisation_id, usage_date, cover_rank, scope_level, access_path
having sum({{ microseconds_beyond('reach') }}) >= {{ whole_day() }}
qualify row_number() over (
    partition by decision_scope_id, transacting_organisation_id, reseller_organisation_id, usage_date order by cover_rank
) = 1
