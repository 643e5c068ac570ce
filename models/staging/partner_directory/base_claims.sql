-- M7: the register of claims, each row with its failure, if any. A row that cannot be read settles nothing.
-- One row per record of claims.csv in force.
with archived as (
    {{ archived_records('claims') }}
),

rows_read as (
    select
        file_id,
        source_file,
        line_number,
        concat_ws(',', claimid, submittedon, ticket, settledon, settledusd, note) as raw_text,
        {{ id_of('claimid') }} as claim_id,
        {{ text_or_null('submittedon') }} as submitted_on_text,
        {{ text_or_null('ticket') }} as ticket,
        {{ text_or_null('settledon') }} as settled_on_text,
        {{ text_or_null('settledusd') }} as settled_usd_text,
        {{ text_or_null('note') }} as note
    from archived
),

typed as (
    select
        *,
        {{ utc_date('submitted_on_text') }} as submitted_on,
        {{ utc_date('settled_on_text') }} as settled_on,
        {{ exact_decimal('settled_usd_text', 38, 18) }} as settled_usd
    from rows_read
)

select
    * exclude (submitted_on_text, settled_on_text, settled_usd_text),
    case
        when claim_id is null then {{ failure('claim_id', 'blank') }}
        when submitted_on_text is not null and submitted_on is null then {{ failure('submitted_on', 'not a date', 'submitted_on_text') }}
        when settled_on_text is not null and settled_on is null then {{ failure('settled_on', 'not a date', 'settled_on_text') }}
        when settled_usd_text is not null and coalesce(settled_usd, -1) < 0
            then {{ failure('settled_usd', 'not an amount in USD from 0 on', 'settled_usd_text') }}
        when settled_usd >= 1000000000000000 then {{ failure('settled_usd', 'not below 10^15', 'settled_usd_text') }}
        when settled_on is not null and settled_usd is null then {{ failure('settled_usd', 'blank, but settled_on is not') }}
    end as failure
from typed
