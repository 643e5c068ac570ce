-- A7: the existence periods of one item in one subscription's evidence follow each other; none ends before it begins.
select *
from (
    select
        *,
        lag({{ to_or_ever('valid_to') }}) over (partition by item_kind, item_id, snapshot_subscription_id order by existence_period) as ended_before
    from {{ ref('int_access_existence_periods') }}
)
where
    {{ from_or_ever('valid_from') }} > {{ to_or_ever('valid_to') }}
    or {{ from_or_ever('valid_from') }} < ended_before
