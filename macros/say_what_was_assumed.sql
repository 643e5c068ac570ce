{% macro say_what_was_assumed() %}{% endmacro %}
