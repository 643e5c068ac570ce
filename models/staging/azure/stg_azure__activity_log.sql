select * exclude (failure, raw_text, event_at_text)
from {{ ref('base_azure_activity_log') }}
where failure is null
