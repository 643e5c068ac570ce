-- Findings of data_quality_findings that somebody let pass (pec acknowledge). Source's defect: the same finding may be acknowledged twice.
-- Guarantee: the newest counts. One row per fingerprint of a finding.
-- depends_on: {{ ref('archived_files') }}
select
    check_name,
    item,
    fingerprint,
    acknowledged_at,
    note
from {{ source('archive_records', 'acknowledgements') }}
qualify row_number() over (partition by fingerprint order by acknowledged_at desc, note asc) = 1
