-- Covered time of a day (A6): the length of the union of all clipped intervals, and of those whose begin is not inferred.
-- One row per decision scope, pair of organisations and day with any qualifying access.
with with_reach as (
    select
        *,
        max(clipped_to) over earlier as reach,
        max(clipped_to) filter (where begin_evidence != 'before_evidence') over earlier as exact_reach
    from {{ ref('int_scope_day_clipped_intervals') }}
    window earlier as (
        partition by decision_scope_id, transacting_organisation_id, reseller_organisation_id, usage_date
        order by clipped_from, clipped_to, cover_rank, begin_evidence
        rows between unbounded preceding and 1 preceding
    )
)

-- Each interval adds the time after the end of all earlier ones.
select
    decision_scope_id,
    transacting_organisation_id,
    reseller_organisation_id,
    usage_date,
    sum({{ microseconds_beyond('reach') }})::bigint as covered_microseconds,
    coalesce(sum({{ microseconds_beyond('exact_reach') }}) filter (where begin_evidence != 'before_evidence'), 0)::bigint as exact_microseconds,
    covered_microseconds >= {{ whole_day() }} as is_covered
from with_reach
group by decision_scope_id, transacting_organisation_id, reseller_organisation_id, usage_date
