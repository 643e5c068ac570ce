{# Fails for spans [valid_from, valid_to) of one key (a SQL expression) that share an instant, and for spans that end before they begin. #}
{% test spans_do_not_overlap(model, key) %}
    select *
    from (
        select
            {{ key }} as span_key,
            {{ from_or_ever('valid_from') }} as begins,
            {{ to_or_ever('valid_to') }} as ends,
            max({{ to_or_ever('valid_to') }}) over (
                partition by {{ key }} order by {{ from_or_ever('valid_from') }}, {{ to_or_ever('valid_to') }}
                rows between unbounded preceding and 1 preceding
            ) as ended_before
        from {{ model }}
    )
    where begins >= ends or begins < ended_before
{% endtest %}
