-- How much of a day access covers at a node (A6): the union of all pieces, and of those up to each level and each path.
-- One row per node, pair of organisations and day on which any access counts.
{%- set sets = {
    'management_group': "scope_level = 'management_group'",
    'subscription': "scope_level in ('management_group', 'subscription')",
    'resource_group': "scope_level in ('management_group', 'subscription', 'resource_group')",
    'aobo': "access_path = 'aobo'",
    'lighthouse': "access_path in ('aobo', 'lighthouse')",
    'exact': "begin_evidence != 'before_evidence'",
    'total': 'true',
} %}
with pieces as (
    select
        days.*,
        pieces.scope_level,
        pieces.access_path,
        pieces.begin_evidence,
        greatest({{ from_or_ever('pieces.valid_from') }}, days.usage_date::timestamp) as piece_from,
        least({{ to_or_ever('pieces.valid_to') }}, days.usage_date + interval 1 day) as piece_to
    from {{ ref('int_node_partner_days') }} as days
    inner join {{ ref('int_node_access_pieces') }} as pieces
        on
            days.node_id = pieces.node_id
            -- D2: the transacting partner's access counts, the reseller of record's, or both together.
            and pieces.organisation_id in (days.transacting_organisation_id, days.reseller_organisation_id)
            and {{ from_or_ever('pieces.valid_from') }} < days.usage_date + interval 1 day
            and {{ to_or_ever('pieces.valid_to') }} > days.usage_date
),

with_reach as (
    select
        {% for name, condition in sets.items() %}
            max(piece_to) filter (where {{ condition }}) over earlier as {{ name }}_reach,
        {% endfor %}
        *
    from pieces
    window earlier as (
        partition by node_id, transacting_organisation_id, reseller_organisation_id, usage_date
        order by piece_from, piece_to, scope_level, access_path, begin_evidence
        rows between unbounded preceding and 1 preceding
    )
)

-- Each piece adds what reaches beyond the pieces before it.
select
    {% for name, condition in sets.items() %}
        (sum({{ microseconds_beyond(name ~ '_reach') }}) filter (where {{ condition }}))::bigint as {{ name }}_microseconds,
    {% endfor %}
    node_id,
    transacting_organisation_id,
    reseller_organisation_id,
    usage_date
from with_reach
group by node_id, transacting_organisation_id, reseller_organisation_id, usage_date
