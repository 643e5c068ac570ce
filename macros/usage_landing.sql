{#
    How usage lands. A file is parsed once, in batches; a line keeps its figures and small numbers (keys) for what it names. What is named stands once,
    in dictionaries beside the lines: a month's lines name their resources, products and tags over and over.
#}

{# Our name of each column that lands -> the vendors' names, newest first. Other columns stay in the files; one that a file lacks is NULL (vars, needed_columns). #}
{% macro usage_columns() %}
    {{ return({
        'partner_id': ['partnerid'], 'customer_id': ['customerid'], 'customer_name': ['customername'], 'customer_country': ['customercountry'],
        'mpn_id': ['mpnid'], 'reseller_mpn_id': ['tier2mpnid', 'resellermpnid'], 'invoice_number': ['invoicenumber'], 'product_id': ['productid'],
        'sku_id': ['skuid'], 'sku_name': ['skuname'], 'product_name': ['productname'], 'publisher_name': ['publishername'],
        'plan_subscription_id': ['subscriptionid'], 'charge_start_date': ['chargestartdate'], 'usage_date': ['usagedate'], 'meter_id': ['meterid'],
        'meter_category': ['metercategory'], 'meter_name': ['metername'], 'meter_region': ['meterregion'],
        'unit': ['unit', 'unitofmeasure', 'unittype'], 'resource_location': ['resourcelocation'], 'resource_group': ['resourcegroup'],
        'resource_uri': ['resourceuri'], 'unit_price': ['unitprice'], 'quantity': ['quantity'], 'billing_pre_tax_total': ['billingpretaxtotal'],
        'billing_currency': ['billingcurrency'], 'pricing_pre_tax_total': ['pricingpretaxtotal'], 'tags': ['tags'],
        'additional_info': ['additionalinfo'], 'effective_unit_price': ['effectiveunitprice'], 'exchange_rate': ['pctobcexchangerate'],
        'entitlement_id': ['entitlementid'], 'entitlement_description': ['entitlementdescription'],
        'pec_rate': ['partnerearnedcreditpercentage', 'rateofpartnerearnedcredit'], 'credit_rate': ['creditpercentage', 'rateofcredit'],
        'credit_type': ['credittype'], 'benefit_order_id': ['benefitorderid'], 'benefit_id': ['benefitid'], 'benefit_type': ['benefittype'],
    }) }}
{% endmacro %}

{#
    The dictionaries: name -> columns of the line that are told once for all lines that say the same of all of them. Values are as the files have them.

    resource: who used what, where.  product: what decides about a product and its price (M1, P1, P2).  bill: who bills it, and for when.
    detail: what no number depends on, the wide columns among it.
#}
{% macro usage_dictionaries() %}
    {{ return({
        'resource': [
            'plan_subscription_id', 'entitlement_id', 'resource_uri', 'resource_group', 'customer_id', 'customer_name', 'customer_country', 'mpn_id',
            'reseller_mpn_id',
        ],
        'product': [
            'customer_country', 'product_id', 'sku_id', 'meter_id', 'meter_category', 'meter_name', 'publisher_name', 'benefit_type', 'credit_type',
            'credit_rate', 'invoice_series',
        ],
        'bill': ['partner_id', 'invoice_number', 'billing_currency', 'charge_start_date'],
        'detail': [
            'sku_name', 'product_name', 'meter_region', 'unit', 'resource_location', 'entitlement_description', 'benefit_order_id', 'benefit_id',
            'tags', 'additional_info',
        ],
    }) }}
{% endmacro %}

{# The table of a dictionary. name: of usage_dictionaries(). #}
{% macro usage_dictionary(name) -%}
    {{ api.Relation.create(database=target.database, schema='landing', identifier='usage_' ~ name ~ 's') }}
{%- endmacro %}

{# on-run-start: the dictionaries; they are kept, like all landing tables. Keys count from 1 on, in the order of arrival. #}
{% macro create_usage_dictionaries() %}
    {% for name, columns in usage_dictionaries().items() %}
        create table if not exists {{ usage_dictionary(name) }} (
            {{ name }}_key integer, {{ name }}_hash ubigint, {{ columns | join(' varchar, ') }} varchar
        );
    {% endfor %}
{% endmacro %}

{#
    Materialization of a model that lands usage: for each batch of new files, the temporary table usage_batch is filled (typed_usage_lines), what it
    names for the first time goes into the dictionaries (tell_what_is_new), and the model's SQL, which selects from usage_batch, is appended. A batch
    whose scan took a new name for a known one is read again, all text kept. A batch is a transaction, since what one has dropped is held until it
    ends, in the temporary directory at last; nothing counts before after_reading() tells its file as read.
#}
{% materialization usage_batches, adapter='duckdb' %}
    {% set target_relation = this.incorporate(type='table') %}
    {% set is_new = load_cached_relation(this) is none %}
    {% set files_to_read = new_files() %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if not is_new and not files_to_read %}
        {# What a run that broke off had landed of files that have gone since is forgotten all the same. #}
        {% do adapter.commit() %}
        {{ return(leave_it()) }}
    {% endif %}
    {% for files in batches_of(files_to_read) or [[]] %}
        {% call statement('read', auto_begin=True) %}
            {{ mark_known_names() }}
            create temp table usage_batch as
            {{ typed_usage_lines(files) }};
        {% endcall %}
        {% if a_name_was_mistaken() %}
            {% call statement('read_again') %}
                create or replace temp table usage_batch as
                {{ typed_usage_lines(files, leave_out_known_names=false) }};
            {% endcall %}
        {% endif %}
        {% call statement('tell') %}
            {% for name, columns in usage_dictionaries().items() %}
                {{ tell_what_is_new(name, columns) }}
            {% endfor %}
        {% endcall %}
        {% call statement('main') %}
            {{ 'create table ' ~ target_relation ~ ' as' if is_new and loop.first else 'insert into ' ~ target_relation ~ ' by name' }}
            {{ sql }}
        {% endcall %}
        {% call statement('forget') %}drop table usage_batch{% endcall %}
        {% do adapter.commit() %}
    {% endfor %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#
    Files in lists of at most 512 MB of text, or of one file: what a batch keeps is held in memory, and beyond that in the temporary directory. The first
    list is of 64 MB: what it names, the lists after it need not keep as text.

    files: of new_files().
#}
{% macro batches_of(files) %}
    {% set batches = [] %}
    {% set last = namespace(bytes=0) %}
    {% for file in files %}
        {% set most = 67108864 if batches | length == 1 else 536870912 %}
        {% if not batches or last.bytes + file.plain_bytes > most %}
            {% do batches.append([]) %}
            {% set last.bytes = 0 %}
        {% endif %}
        {% do batches[-1].append(file) %}
        {% set last.bytes = last.bytes + file.plain_bytes %}
    {% endfor %}
    {{ return(batches) }}
{% endmacro %}

{#
    The one typed pass over usage files, a query: figures and dates typed, and for each dictionary the hash of what it tells and, where it may not have
    that yet, the texts as a list in the order of its columns: storing them is the dearest part, and most lines name what is known. A line that cannot be
    read has a failure and its raw_text instead of hashes.

    No joins here: DuckDB keeps the order of a scan, by which lines are numbered, but not that of a join.
    files: of new_files().  leave_out_known_names: false keeps all texts, whatever mark_known_names() marked.
#}
{% macro typed_usage_lines(files, leave_out_known_names=true) %}
    {% set columns = usage_columns() %}
    {% set dictionaries = usage_dictionaries() %}
    {% set numbers = {
        'effective_unit_price': 'decimal(38, 22)', 'pricing_pre_tax_total': 'decimal(38, 20)', 'billing_pre_tax_total': 'decimal(38, 20)',
        'exchange_rate': 'decimal(28, 18)',
    } %}
    {% set checked_columns = ['usage_date', 'quantity', 'unit_price', 'pec_rate', 'credit_rate'] %}
    with lines as (
        {{ usage_lines_as_text(files, columns) }}
    ),

    trimmed as (
        select
            {% for column in checked_columns %}
                coalesce(trim({{ column }}), '') as {{ column }}_text,
            {% endfor %}
            left(trim(invoice_number), 1) as invoice_series,
            *
        from lines
    ),

    typed as (
        select
            * exclude ({{ (checked_columns + numbers | list) | join(', ') }}),
            {% for column, type in numbers.items() %}
                {{ column }} as {{ column }}_text,
                try_cast({{ column }} as {{ type }}) as {{ column }},
            {% endfor %}
            {{ utc_date('usage_date_text') }} as usage_date,
            {{ exact_decimal('quantity_text', 18, 8) }} as quantity,
            {{ exact_decimal('unit_price_text', 38, 22) }} as unit_price,
            {{ rate_of('pec_rate_text') }} as applied_pec_rate,
            {{ rate_of('credit_rate_text') }}::varchar as credit_rate
        from trimmed
    ),

    checked as (
        select
            *,
            -- The first thing wrong with the line, in the order of its columns.
            case
                when json_text is not null then {{ failure('', 'not a JSON object') }}
                when coalesce(trim(mpn_id), '') in ('', '0') then {{ failure('MpnId', 'no transacting partner') }}
                -- The first condition spares nearly all lines the trim: what begins with a printable character is not blank.
                when coalesce(plan_subscription_id not between '!' and '~', true) and coalesce(trim(plan_subscription_id), '') = ''
                    then {{ failure('SubscriptionId', 'no Azure plan subscription') }}
                when usage_date is null then {{ failure('UsageDate', 'not a date', 'usage_date_text') }}
                when unit_price is null then {{ failure('UnitPrice', 'not a number of at most 16 digits and 22 decimals', 'unit_price_text') }}
                when quantity is null then {{ failure('Quantity', 'not a number of at most 10 digits and 8 decimals', 'quantity_text') }}
                when pricing_pre_tax_total is null and trim(pricing_pre_tax_total_text) != ''
                    then {{ failure('PricingPreTaxTotal', 'not a number', 'pricing_pre_tax_total_text') }}
                when applied_pec_rate is null or applied_pec_rate not between 0 and 1
                    then {{ failure('PartnerEarnedCreditPercentage', 'not a rate between 0 and 100 %', 'pec_rate_text') }}
                when credit_rate is null then {{ failure('CreditPercentage', 'not a rate', 'credit_rate_text') }}
                when exchange_rate is null and trim(exchange_rate_text) != ''
                    then {{ failure('PCToBCExchangeRate', 'not a number', 'exchange_rate_text') }}
                when effective_unit_price is null and trim(effective_unit_price_text) != ''
                    then {{ failure('EffectiveUnitPrice', 'not a number', 'effective_unit_price_text') }}
                when billing_pre_tax_total is null and trim(billing_pre_tax_total_text) != ''
                    then {{ failure('BillingPreTaxTotal', 'not a number', 'billing_pre_tax_total_text') }}
            end as failure
        from typed
    ),

    hashed as (
        select
            *,
            {% for name, texts in dictionaries.items() %}
                case when failure is null then hash({{ texts | join(', ') }}) end as {{ name }}_hash,
            {% endfor %}
        from checked
    )

    select
        file_id,
        line_number,
        usage_date,
        quantity,
        unit_price,
        applied_pec_rate,
        {# No model reads the vendor's effective price, which takes a fifth of a line's bytes: it tells only of a line that is damaged. #}
        {% for column in numbers if column != 'effective_unit_price' %}
            {{ column }},
        {% endfor %}
        failure,
        case
            when json_text is not null then json_text
            when failure is not null
                then concat_ws(
                    ',',
                    {% for column in columns %}
                        coalesce(trim({{ column ~ '_text' if column in checked_columns or column in numbers else column }}), ''),
                    {% endfor %}
                    null
                )
        end as raw_text,
        {% for name, texts in dictionaries.items() %}
            {{ name }}_hash,
            case
                when {{ name }}_hash is not null {{ 'and ' ~ is_marked_as_known(name) ~ ' is not true' if leave_out_known_names }}
                    then [{{ texts | join(', ') }}]
            end as {{ name }}_texts,
        {% endfor %}
    from hashed
{% endmacro %}

{#
    Marks what the dictionaries have, in variables of the connection: bit strings, in each of which a name's hash sets one bit. To the scan they are
    constants: a name of which they all have the bit is taken as known, without a join. A new name has them all by chance hardly once in 16 million,
    each bit string being at least eight times as long as its dictionary. Beyond half a million names that is more often, since the strings then grow
    no longer (DuckDB copies a constant for each vector of lines): a_name_was_mistaken() finds it out.
#}
{% macro mark_known_names() %}
    {% for name in usage_dictionaries() %}
        set variable known_{{ name }}_mask = (
            select (1::ubigint << least(length(bin(count(*))) + 3, 22)) - 1 from {{ usage_dictionary(name) }}
        );
        {% for mark in range(known_name_marks()) %}
            set variable known_{{ name }}_{{ mark }} = (
                select bitstring_agg({{ place_of_mark(name, mark) }}, 0, getvariable('known_{{ name }}_mask')) from {{ usage_dictionary(name) }}
            );
        {% endfor %}
    {% endfor %}
{% endmacro %}

{# How many bits together say that a name is known, each in a bit string of its own. #}
{% macro known_name_marks() %}{{ return(8) }}{% endmacro %}

{#
    The place of a name's bit in a bit string, as SQL over its hash.

    The number goes into the hash before that is mixed anew: hash(name, number) would let the same names collide in all bit strings.
    name: of usage_dictionaries().  mark: number of the bit string, from 0 on.
#}
{% macro place_of_mark(name, mark) -%}
    (hash(xor({{ name }}_hash, {{ mark }}::ubigint)) & getvariable('known_{{ name }}_mask'))::integer
{%- endmacro %}

{#
    Whether a name is marked as known, as a SQL condition on its hash: true for all that its dictionary had at mark_known_names(), and for hardly any
    other; NULL while that has none.

    name: of usage_dictionaries().
#}
{% macro is_marked_as_known(name) -%}
    (
        {% for mark in range(known_name_marks()) %}
            get_bit(getvariable('known_{{ name }}_{{ mark }}'), {{ place_of_mark(name, mark) }}) = 1 {{ 'and' if not loop.last }}
        {% endfor %}
    )
{%- endmacro %}

{# Whether usage_batch lacks the texts of a name that its dictionary does not have either, because it was marked as known by chance. #}
{% macro a_name_was_mistaken() %}
    {% set query %}
        {% for name in usage_dictionaries() %}
            select 1
            from (select distinct {{ name }}_hash from usage_batch where {{ name }}_hash is not null and {{ name }}_texts is null) as batch
            anti join {{ usage_dictionary(name) }} as known on batch.{{ name }}_hash = known.{{ name }}_hash
            {{ 'union all' if not loop.last }}
        {% endfor %}
        limit 1
    {% endset %}
    {{ return(execute and run_query(query).rows | length > 0) }}
{% endmacro %}

{# Appends to a dictionary what usage_batch names for the first time. name, columns: of usage_dictionaries(). #}
{% macro tell_what_is_new(name, columns) %}
    insert into {{ usage_dictionary(name) }}
    select
        (select coalesce(max(known.{{ name }}_key), 0) from {{ usage_dictionary(name) }} as known) + row_number() over (order by firsts.first_row),
        firsts.{{ name }}_hash,
        {% for column in columns %}
            batch.{{ name }}_texts[{{ loop.index }}] as {{ column }},
        {% endfor %}
    from (select {{ name }}_hash, min(rowid) as first_row from usage_batch where {{ name }}_texts is not null group by {{ name }}_hash) as firsts
    anti join {{ usage_dictionary(name) }} as known on firsts.{{ name }}_hash = known.{{ name }}_hash
    inner join usage_batch as batch on firsts.first_row = batch.rowid;
{% endmacro %}
