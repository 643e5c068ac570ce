select * exclude (failure, raw_text)
from {{ ref('base_azure_role_assignments') }}
where failure is null
