{{ config(pre_hook="{{ delete_outdated() }}") }}
-- The money of usage contents that replaced or were replaced by another version of their file (export lifecycle), as delivered. Replaced lines are
-- no longer typed, so both are read from the archive, once. The total is NULL where a text is no plain number, or one of 10^12 or more: sums of those
-- could overflow.
-- One row per content.
with contents as (
    select content_id
    from {{ ref('stg_archive__files') }}
    where kind = 'daily_rated_usage' and problem is null and not is_pruned
    qualify count(*) over (partition by export_id) > 1 and bool_or(is_in_force) over (partition by export_id)
),

unread as (
    select content_id from contents
    {% if is_incremental() %}
        except
        select content_id from {{ this }}
    {% endif %}
),

amounts as (
    select
        content_id,
        coalesce(pricingpretaxtotal, '') = '' as is_blank,
        try_cast({{ amount_of('pricingpretaxtotal') }} as decimal(30, 18)) as amount
    from {{ source('archive', 'daily_rated_usage') }}
    where content_id in (select unread.content_id from unread)
)

select
    content_id,
    case when bool_and(is_blank or amount is not null) then coalesce(sum(amount), 0)::decimal(30, 2) end as total,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from amounts
group by content_id
