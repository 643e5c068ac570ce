-- What evidence of access and prices lack, for data_quality: subscriptions without evidence, evidence and prices that are old, and lists, directories
-- and price sheets that went empty. None of them holds: what they take from published credit shows as a change of credit.
-- Found texts hold no names of customers: they are logged.
-- One row per check and item.
with as_of as (
    select as_of_date from {{ ref('int_as_of_date') }}
),

evidence as (
    select
        subscription_id,
        first_usage_date,
        last_usage_date,
        last_evidence_at::date as last_evidence_date
    from {{ ref('int_subscription_evidence') }}
),

-- A list of a subscription and date, in all its pages.
lists as (
    select
        snapshots.item_kind,
        snapshots.subscription_id,
        snapshots.snapshot_at,
        min(files.source_file) as source_file,
        sum(files.records) as item_count
    from {{ ref('int_access_snapshots') }} as snapshots
    inner join {{ ref('stg_archive__files') }} as files on snapshots.file_id = files.file_id
    group by snapshots.item_kind, snapshots.subscription_id, snapshots.snapshot_at
),

emptied_lists as (
    select
        *,
        lag(item_count) over (partition by item_kind, subscription_id order by snapshot_at) as item_count_before
    from lists
    qualify
        item_count = 0
        and item_count_before > 0
        and snapshot_at > max(snapshot_at) filter (where item_count > 0) over (partition by item_kind, subscription_id)
),

emptied_files as (
    select
        source_file,
        kind,
        content_id,
        records,
        is_in_force,
        max(records) over (partition by source_file order by observation_number rows between unbounded preceding and 1 preceding) as records_before
    from {{ ref('stg_archive__files') }}
    where folder = 'partner_directory' and problem is null
),

markets as (
    select
        market,
        max(usage_date) as last_usage_date
    from {{ ref('int_usage_file_groups_current') }}
    where market is not null
    group by market
),

-- The age of a market's prices: by the dates in its sheets, by the date in a file's name, else by its modification time.
sheets as (
    select
        sheets.market,
        max(greatest(sheets.newest_start_date, files.export_date::date)) as newest_date
    from {{ ref('base_price_sheet') }} as sheets
    inner join {{ ref('stg_archive__files') }} as files on sheets.content_id = files.content_id
    where files.kind = 'price_sheet' and files.is_in_force and sheets.failure is null
    group by sheets.market
)

select
    'evidence_missing' as check_name,
    subscription_id as item,
    false as is_beyond_limit,
    'usage from ' || first_usage_date || ' to ' || last_usage_date || ', and no list or log of access' as found,
    '' as facts
from evidence
where last_evidence_date is null
union all
select
    'evidence_stale',
    evidence.subscription_id,
    false,
    'usage until ' || evidence.last_usage_date || ', and evidence until ' || evidence.last_evidence_date,
    evidence.last_evidence_date::varchar
from evidence
cross join as_of
where
    date_diff('day', evidence.last_evidence_date, as_of.as_of_date) > {{ var('evidence_stale_days') }}
    -- A subscription that was cancelled needs no newer evidence.
    and evidence.last_usage_date > evidence.last_evidence_date
union all
select
    'evidence_emptied',
    source_file,
    false,
    'no item, where the list before it has ' || item_count_before || ' (' || item_kind || ' of ' || subscription_id || ')',
    ''
from emptied_lists
union all
select
    'evidence_emptied',
    source_file,
    false,
    'no row, where an earlier version had ' || records_before || ' (' || kind || ')',
    content_id
from emptied_files
where is_in_force and records = 0 and records_before > 0
union all
select
    'prices_emptied',
    source_file,
    false,
    'a price sheet without rows',
    content_id
from {{ ref('stg_archive__files') }}
where kind = 'price_sheet' and is_in_force and records = 0
union all
select
    'prices_stale',
    markets.market,
    false,
    coalesce('the newest price sheet is of ' || sheets.newest_date, 'no price sheet') || ', and usage until ' || markets.last_usage_date,
    coalesce(sheets.newest_date::varchar, '')
from markets
cross join as_of
left join sheets on markets.market = sheets.market
where
    sheets.market is null
    or (date_diff('day', sheets.newest_date, as_of.as_of_date) > {{ var('prices_stale_days') }} and markets.last_usage_date > sheets.newest_date)
