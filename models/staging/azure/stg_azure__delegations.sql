select * exclude (failure, raw_text)
from {{ ref('base_azure_delegations') }}
where failure is null
