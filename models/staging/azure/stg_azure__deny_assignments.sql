select * exclude (failure, raw_text)
from {{ ref('base_azure_deny_assignments') }}
where failure is null
