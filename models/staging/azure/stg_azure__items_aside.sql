-- Items of evidence that have no row of their own in another staging model, counted by the rule that puts them aside. The rules are written here a
-- second time, on purpose: an item that neither a staging model nor a rule here takes makes landed_files not add up
-- (tests/invariants/lifecycle_every_landed_record_is_counted.sql). One row per file in force and rule.
{%- set lists = {'role_assignments': 'roleassignments', 'deny_assignments': 'denyassignments', 'lighthouse': 'registrationdefinitions'} %}
with items as (
    select
        'activity_log' as kind,
        content_id,
        -- A7: access is changed by operations on these; a record that names none of them says nothing about it.
        case
            when not regexp_matches(
                item, '(?i)roleassignments|denyassignments|registrationassignments|registrationdefinitions|originroleassignmentid'
            ) then 'names_no_access'
        end as rule
    from {{ source('archived_documents', 'activity_log') }}
    {% for kind, type in lists.items() %}
        union all
        select
            kind,
            content_id,
            case
                {% if kind == 'lighthouse' %}
                    -- Used: a delegation in the list takes its roles from it.
                    when type = 'microsoft.managedservices/{{ type }}' or regexp_matches(id, '/microsoft\.managedservices/{{ type }}/[^/]+/*$')
                        then 'definition'
                {% else %}
                    -- Resource Graph also gives other types of resource; what has the id of an assignment is one.
                    when id != '' and not contains(id, '/{{ type }}/') and type not in ('', 'microsoft.authorization/{{ type }}') then 'other_type'
                {% endif %}
            end as rule
        from (
            select
                '{{ kind }}' as kind,
                content_id,
                {{ clean_json('lower(item)') }}::json as clean_item,
                coalesce({{ texts_of('clean_item', ['id', kind | replace('_', '') | trim('s') ~ 'id']) }}, '') as id,
                coalesce({{ texts_of('clean_item', ['type']) }}, '') as type
            from {{ source('archived_documents', kind) }}
        )
    {% endfor %}
)

select
    files.file_id,
    items.rule,
    count(*) as item_count,
    -- Nothing in the file is what its folder is for.
    count(*) = files.records as is_whole_file
from items
inner join {{ ref('stg_archive__files') }} as files on items.kind = files.kind and items.content_id = files.content_id
where items.rule is not null and files.is_in_force
group by files.file_id, items.rule, files.records
