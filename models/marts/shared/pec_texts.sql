select
    kind,
    code,
    sort_order,
    text,
    explanation
from {{ ref('code_texts') }}
