with rows_read as (
    select
        *,
        {{ csv_field('valid_from') }} as valid_from_text,
        {{ csv_field('valid_to') }} as valid_to_text
    from {{ ref('base_csv_rows') }}
    where starts_with(source_file, 'partner_directory/')
),

renamed as (
    select
        file_id,
        source_file,
        kind,
        line_number,
        fields,

        {{ id_of(csv_field('partner_id')) }} as partner_id,
        {{ id_of(csv_field('partner_global_id')) }} as partner_global_id,
        {{ csv_field('name') }} as name,
        {{ id_of(csv_field('group_object_id')) }} as group_object_id,
        {{ id_of(csv_field('group_name')) }} as group_name,
        {{ id_of(csv_field('partner_tenant_id')) }} as partner_tenant_id,
        {{ id_of(csv_field('principal_id')) }} as principal_id,
        {{ id_of(csv_field('member_principal_id')) }} as member_principal_id,
        {{ id_of(csv_field('subscription_id')) }} as subscription_id,
        {{ id_of(csv_field('transacting_partner_id')) }} as transacting_partner_id,
        nullif({{ id_of(csv_field('reseller_partner_id')) }}, '0') as reseller_partner_id,
        {{ id_of(csv_field('management_group_id')) }} as management_group_id,

        {{ utc_instant('valid_from_text') }} as valid_from,
        {{ utc_instant('valid_to_text') }} as valid_to,
        valid_from_text,
        valid_to_text
    from rows_read
)

select
    * exclude (valid_from_text, valid_to_text, fields),
    -- An empty end is open; one that is no instant would silently open the span, so the row is not read.
    case
        when valid_from_text is not null and valid_from is null then {{ failure('valid_from', 'not an ISO 8601 instant', 'valid_from_text') }}
        when valid_to_text is not null and valid_to is null then {{ failure('valid_to', 'not an ISO 8601 instant', 'valid_to_text') }}
        when kind in ('partner_locations', 'agent_groups', 'partner_id_links', 'partner_principals') and partner_id is null
            then {{ failure('partner_id', 'blank') }}
        when kind in ('partner_locations', 'agreements') and partner_global_id is null then {{ failure('partner_global_id', 'blank') }}
        when kind in ('agent_groups', 'group_members') and group_object_id is null then {{ failure('group_object_id', 'blank') }}
        when kind in ('partner_id_links', 'partner_principals') and principal_id is null then {{ failure('principal_id', 'blank') }}
        when kind = 'group_members' and member_principal_id is null then {{ failure('member_principal_id', 'blank') }}
        when kind in ('subscription_partners', 'management_groups') and subscription_id is null then {{ failure('subscription_id', 'blank') }}
        when kind = 'subscription_partners' and transacting_partner_id is null then {{ failure('transacting_partner_id', 'blank') }}
        when kind = 'management_groups' and management_group_id is null then {{ failure('management_group_id', 'blank') }}
    end as failure,
    array_to_string(fields, ',') as raw_text
from renamed
