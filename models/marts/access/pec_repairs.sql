{#- TEXT as one word of a command, quoted for a POSIX shell, and for PowerShell, which takes typographic quotes for plain ones. #}
{%- set sh_word -%} '''' || replace(TEXT, '''', '''\''''') || '''' {%- endset %}
{%- set ps_word -%} '''' || regexp_replace(TEXT, '([''‘’‚‛])', '\1\1', 'g') || '''' {%- endset %}
{#- Placeholders of repair_actions. Options are words already: they are not quoted once more. #}
{%- set texts = {
    'scope': 'placed.scope_id', 'tenant': 'placed.tenant', 'agents': 'placed.agents_id', 'principal': 'placed.principal_id',
    'principal_name': "coalesce(placed.principal_name || ' (' || placed.principal_id || ')', placed.principal_id)",
    'role': 'placed.role_definition_id', 'eligible_role': 'placed.eligible_role_id', 'partner': 'placed.link_partner_id', 'item': 'placed.item_id',
    'item_url': "'https://management.azure.com' || placed.item_id || '?api-version=2022-04-01'", 'managing_tenant': 'placed.managing_tenant_id',
    'subscription': 'placed.subscription_id', 'subscription_scope': "'/subscriptions/' || placed.subscription_id",
    'from': 'placed.began_at_text', 'to': 'placed.ended_at_text', 'scope_word': sh_word.replace('TEXT', 'placed.scope_id'),
} %}
{%- set words = {
    'sh': {
        'type_option': "' --assignee-principal-type ' || placed.type_name",
        'group_option': "' --resource-group ' || " ~ sh_word.replace('TEXT', 'placed.group_name'),
    },
    'ps': {'type_option': "' -ObjectType ' || placed.type_name"},
} %}
{%- for shell, word in [('sh', sh_word), ('ps', ps_word)] %}
    {%- for name, text in texts.items() %}{% do words[shell].update({name: word.replace('TEXT', text)}) %}{% endfor %}
{%- endfor %}
with repairs as (
    select * from {{ ref('int_repairs') }}
),

agent_groups as (
    select
        organisations.organisation_id,
        min(groups.group_object_id) as group_object_id,
        min(groups.partner_tenant_id) as partner_tenant_id
    from {{ directory_records('agent_groups', 'group_object_id, group_name, partner_tenant_id, partner_id') }} as groups
    inner join {{ ref('int_partner_organisations') }} as organisations on groups.partner_id = organisations.partner_id
    where groups.group_name = 'adminagents'
    group by organisations.organisation_id
),

principals as (
    select * from {{ ref('int_principal_names') }}
),

-- What may give access already once it is settled: of principals that the partner knows.
unsettled as (
    select
        subscription_id,
        string_agg(distinct repair, '; ' order by repair) as repair
    from (
        select
            unnest(string_split(coalesce(unresolved.shown_in_subscription_ids, unresolved.subscription_id), ', ')) as subscription_id,
            unresolved.repair
        from {{ ref('pec_unresolved_access') }} as unresolved
        inner join principals on unresolved.principal_id = principals.principal_id
        where unresolved.unresolved_to is null
    ) as of_subscriptions
    group by subscription_id
),

placed as (
    select
        repairs.*,
        partners.partner_name,
        principals.principal_name,
        coalesce(agent_groups.group_object_id, 'its object id') as agents_id,
        -- An identity that a delegation gives access is signed in to the managing tenant.
        case
            when repairs.action = 'link_partner_id' and repairs.managing_tenant_id is not null then repairs.managing_tenant_id
            when actions.tenant_kind = 'partner' then agent_groups.partner_tenant_id
            else repairs.customer_id
        end as tenant,
        case when repairs.action = 'link_partner_id' and repairs.managing_tenant_id is not null then 'partner' else actions.tenant_kind end
            as whose_tenant,
        -- The command lines' words of principal types.
        case repairs.principal_type
            when 'foreigngroup' then 'ForeignGroup' when 'group' then 'Group' when 'user' then 'User' when 'serviceprincipal' then 'ServicePrincipal'
        end as type_name,
        nullif(regexp_extract(repairs.scope_id, '^/subscriptions/[^/]+/resourcegroups/([^/]+)$', 1), '') as group_name,
        case when repairs.access_reason = 'ineligible_role' then contributor.role_definition_id else repairs.role_definition_id end
            as eligible_role_id,
        concat_ws(
            '. ', actions.what_to_do,
            -- A change of today wins nothing for the time before it, and nothing without an agreement.
            case when repairs.may_have_begun_before then unseen.repair end,
            case when repairs.lacks_agreement then agreement.repair end,
            case when repairs.is_losing_now then 'First settle what may give access already (pec_unresolved_access): ' || unsettled.repair end
        ) as what_to_do,
        actions.* exclude (action, tenant_kind, what_to_do)
    from repairs
    inner join {{ ref('repair_actions') }} as actions on repairs.action = actions.action
    inner join {{ ref('unresolved_reasons') }} as unseen on unseen.reason = 'deletion_begun_unseen'
    inner join {{ ref('access_stages') }} as agreement on agreement.reached = 'agreement'
    inner join {{ ref('azure_role_pec_eligibility') }} as contributor on contributor.role_name = 'Contributor' and contributor.valid_to is null
    left join {{ ref('dim_partner') }} as partners on repairs.transacting_partner_id = partners.partner_id
    left join unsettled on repairs.subscription_id = unsettled.subscription_id
    left join principals on repairs.principal_id = principals.principal_id
    left join agent_groups on repairs.transacting_organisation_id = agent_groups.organisation_id
),

final as (
    select
        repair_id,
        (row_number() over (order by win_per_day_usd desc, lost_credit_usd desc, repair_id asc))::bigint as repair_rank,
        transacting_partner_id,
        partner_name as transacting_partner_name,
        customer_id,
        customer_name,
        subscription_id,
        scope_id,
        case
            when scope_id = '/subscriptions/' || subscription_id then 'subscription'
            when regexp_full_match(scope_id, '/subscriptions/[^/]+/resourcegroups/[^/]+') then 'resource_group'
            else 'resource'
        end as scope_level,
        access_reason,
        action,
        {{ filled('what_to_do', texts) }} as what_to_do,
        tenant,
        whose_tenant as tenant_kind,
        done_by,
        principal_id,
        principal_name,
        -- Of a delegation without the authorization.
        split_part(item_id, '|', 1) as item_id,
        {{ filled("replace(az_command, '\\n', chr(10))", words.sh) }} as az_command,
        {{ filled("replace(powershell_command, '\\n', chr(10))", words.ps) }} as powershell_command,
        {{ filled('how_to_check', texts) }} as how_to_check,
        resource_count,
        losing_resource_count,
        is_losing_now,
        first_lost_date,
        last_usage_date,
        lost_credit_usd,
        win_per_day_usd,
        (win_per_day_usd * 30)::decimal(38, 18) as win_per_month_usd
    from placed
)

select * from final
