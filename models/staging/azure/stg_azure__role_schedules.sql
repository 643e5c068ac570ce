select * exclude (failure, raw_text)
from {{ ref('base_azure_role_schedules') }}
where failure is null
