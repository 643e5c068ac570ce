{#
    Fails where dated reference data of one key (a SQL expression) leave a day without a row: the first span must have no begin, the last no end, and
    each begin where the one before ends. A rate that ends a day early would earn nothing on that day, in silence.
#}
{% test spans_have_no_gap(model, key) %}
    select *
    from (
        select
            {{ key }} as span_key,
            valid_from,
            valid_to,
            lag(valid_to) over spans as ended_before,
            row_number() over spans = 1 as is_first,
            lead(valid_from) over spans is null as is_last
        from {{ model }}
        window spans as (partition by {{ key }} order by {{ from_or_ever('valid_from') }}, {{ to_or_ever('valid_to') }})
    )
    where
        (is_first and valid_from is not null)
        or (is_last and valid_to is not null)
        or (not is_first and valid_from is distinct from ended_before)
{% endtest %}
