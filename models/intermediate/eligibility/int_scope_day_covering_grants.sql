-- Level and path that are reported for a covered day (A6): going down the levels, and on each AOBO, Lighthouse, direct, the first that completes
-- the day together with those before it. One row per decision scope, pair of organisations and covered day.
with pieces as (
    select pieces.*
    from {{ ref('int_scope_day_clipped_intervals') }} as pieces
    inner join {{ ref('int_scope_day_covered_time') }} as coverage
        on
            pieces.node_id = coverage.node_id
            and pieces.transacting_organisation_id = coverage.transacting_organisation_id
            and pieces.reseller_organisation_id is not distinct from coverage.reseller_organisation_id
            and pieces.usage_date = coverage.usage_date
    where coverage.is_covered
),

ranks as (
    select distinct
        node_id,
        transacting_organisation_id,
        reseller_organisation_id,
        usage_date,
        cover_rank,
        scope_level,
        access_path
    from pieces
),

up_to_rank as (
    select
        ranks.*,
        pieces.piece_from,
        pieces.piece_to,
        max(pieces.piece_to) over (
            partition by
                ranks.node_id, ranks.transacting_organisation_id, ranks.reseller_organisation_id, ranks.usage_date, ranks.cover_rank
            order by pieces.piece_from, pieces.piece_to
            rows between unbounded preceding and 1 preceding
        ) as reach
    from ranks
    inner join pieces
        on
            ranks.node_id = pieces.node_id
            and ranks.transacting_organisation_id = pieces.transacting_organisation_id
            and ranks.reseller_organisation_id is not distinct from pieces.reseller_organisation_id
            and ranks.usage_date = pieces.usage_date
            and ranks.cover_rank >= pieces.cover_rank
)

select
    node_id,
    transacting_organisation_id,
    reseller_organisation_id,
    usage_date,
    scope_level as covering_scope_level,
    access_path as covering_access_path
from up_to_rank
group by node_id, transacting_organisation_id, reseller_organisation_id, usage_date, cover_rank, scope_level, access_path
having sum({{ microseconds_beyond('reach') }}) >= {{ whole_day() }}
qualify row_number() over (
    partition by node_id, transacting_organisation_id, reseller_organisation_id, usage_date order by cover_rank
) = 1
