-- All files of the partner directory in one shape, each row with its failure, if any.
-- One row per record of a partner_directory/ file in force, and per partner ID link in the JSON files of partner_id_links/.
{%- set files = {
    'partner_locations': ['partner_id', 'partner_global_id', 'name'],
    'agent_groups': ['group_object_id', 'group_name', 'partner_tenant_id', 'partner_id'],
    'partner_id_links': ['principal_id', 'partner_id', 'valid_from', 'valid_to'],
    'partner_principals': ['principal_id', 'partner_id', 'name'],
    'group_members': ['group_object_id', 'member_principal_id', 'valid_from', 'valid_to'],
    'agreements': ['partner_global_id', 'valid_from', 'valid_to'],
    'subscription_partners': [
        'subscription_id', 'transacting_partner_id', 'reseller_partner_id', 'valid_from', 'valid_to', 'plan_subscription_id',
    ],
    'management_groups': ['management_group_id', 'subscription_id'],
} %}
{%- set ids = [
    'partner_id', 'partner_global_id', 'group_object_id', 'group_name', 'partner_tenant_id', 'principal_id', 'member_principal_id',
    'subscription_id', 'transacting_partner_id', 'reseller_partner_id', 'management_group_id', 'plan_subscription_id',
] %}

with records as (
    {% for kind, columns in files.items() %}
        select
            file_id,
            source_file,
            kind,
            line_number,
            {% for column in ids + ['name', 'valid_from', 'valid_to'] %}
                {{ text_or_null(column | replace('_', '')) if column in columns else 'null::varchar' }} as {{ column }}_text,
            {% endfor %}
            concat_ws(',', {{ columns | join(', ') | replace('_', '') }}) as raw_text
        from ({{ archived_records(kind) }})
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

renamed as (
    select
        *,
        {% for column in ids if column not in ['reseller_partner_id', 'group_name'] %}
            {% if column in ['subscription_id', 'plan_subscription_id'] %}
                -- Azure's lists name a subscription by its path.
                regexp_replace({{ id_of(column ~ '_text') }}, '^/subscriptions/([^/]+)/*$', '\1') as {{ column }},
            {% else %}
                {{ id_of(column ~ '_text') }} as {{ column }},
            {% endif %}
        {% endfor %}
        -- A3: «Admin Agents», «admin-agents» and «AdminAgent» are AdminAgents. Any other name is reported (pec_unresolved_access).
        regexp_replace(regexp_replace(lower(group_name_text), '[^a-z]', '', 'g'), 'agent$', 'agents') as group_name,
        {{ partner_of('reseller_partner_id_text') }} as reseller_partner_id,
        name_text as name,
        {{ utc_instant('valid_from_text') }} as valid_from,
        {{ utc_instant('valid_to_text', until=9999) }} as valid_to
    from records
)

select
    file_id,
    source_file,
    kind,
    line_number,
    raw_text,
    {% for column in ids + ['name', 'valid_from', 'valid_to'] %}
        {{ column }},
    {% endfor %}
    -- An empty end is open. Text that is no instant would silently open the span, so the row is rejected.
    case
        when valid_from_text is not null and valid_from is null then {{ failure('valid_from', 'not an ISO 8601 instant', 'valid_from_text') }}
        when valid_to_text is not null and valid_to is null then {{ failure('valid_to', 'not an ISO 8601 instant', 'valid_to_text') }}
        when valid_from >= valid_to then {{ failure('valid_to', 'not after valid_from, so the row is in force at no time', 'valid_to_text') }}
        when kind in ('partner_locations', 'agent_groups', 'partner_id_links', 'partner_principals') and partner_id is null
            then {{ failure('partner_id', 'blank') }}
        when kind in ('partner_locations', 'agreements') and partner_global_id is null then {{ failure('partner_global_id', 'blank') }}
        when kind in ('agent_groups', 'group_members') and group_object_id is null then {{ failure('group_object_id', 'blank') }}
        when kind in ('partner_id_links', 'partner_principals') and principal_id is null then {{ failure('principal_id', 'blank') }}
        when kind = 'group_members' and member_principal_id is null then {{ failure('member_principal_id', 'blank') }}
        when kind in ('subscription_partners', 'management_groups') and subscription_id is null then {{ failure('subscription_id', 'blank') }}
        when kind = 'subscription_partners' and transacting_partner_id is null then {{ failure('transacting_partner_id', 'blank') }}
        when kind = 'management_groups' and management_group_id is null then {{ failure('management_group_id', 'blank') }}
    end as failure
from renamed
union all
select
    file_id,
    source_file,
    'partner_id_links',
    line_number,
    raw_text,
    {% for column in ids + ['name', 'valid_from', 'valid_to'] %}
        {{ column if column in files['partner_id_links'] else 'null' }},
    {% endfor %}
    failure
from {{ ref('stg_azure__partner_id_links') }}
