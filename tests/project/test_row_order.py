"""The order of rows decides nothing: every choice among rows has a total order."""

import shutil

from project import marts
from project import warehouse as w
import pytest
import worlds

# Whatever a model reads comes in the order of a hash of its rows, which has nothing to do with how they were made. Without a limit, DuckDB leaves the
# order of a subquery out.
SHUFFLED = """
{% macro ref() %}
    {%- set relation = builtins.ref(*varargs, **kwargs) -%}
    {%- if execute and model.resource_type == 'model' and model.language == 'sql' -%}
        {%- do return('(select * from ' ~ relation ~ ' as one_row order by hash(one_row::varchar, SEED) limit 1000000000)') -%}
    {%- endif -%}
    {%- do return(relation) -%}
{% endmacro %}
"""
OF_THE_CODE = {"pec_statement_history"}  # tells the fingerprint of the code, and a copy that shuffles is other code
TIER_ORDER = "order by usage_date, resource_id, quantity, content_id, record_number"


def shuffled_project(folder, seed):
    """A copy of the project in whose models every relation is read in another order. seed: a number, which decides that order."""
    project = w.copy_of_project(folder)
    (project / "macros" / "shuffled.sql").write_text(SHUFFLED.replace("SEED", str(seed)))
    return project


@pytest.mark.parametrize("seed", [0, 71, 246])
def test_rows_in_another_order_give_the_same_marts(seed, tmp_path):
    """The sample (0) and two worlds: several gaps in a day, records and lists of one instant, lines that are equal in all that is said of them."""
    zone = tmp_path / "zone"
    if seed:
        worlds.write_world(seed, zone)
    else:
        shutil.copytree(w.SAMPLE, zone)
    plain = w.build(zone, tmp_path / "plain", *w.MODELS)
    shuffled = w.build(zone, tmp_path / "shuffled", *w.MODELS, project=shuffled_project(tmp_path / "project", seed))
    assert marts.differences(shuffled, plain, but=OF_THE_CODE) == []


def test_an_order_with_ties_is_seen(tmp_path):
    """Lines of one day that fill tiers as they come: two orders of rows give two answers."""
    zone, built = tmp_path / "zone", []
    worlds.write_world(71, zone)
    for seed in (1, 2):
        project = shuffled_project(tmp_path / f"project_{seed}", seed)
        macro = project / "macros" / "money.sql"
        text = macro.read_text()
        assert TIER_ORDER in text
        macro.write_text(text.replace(TIER_ORDER, "order by usage_date"))
        built.append(w.build(zone, tmp_path / f"built_{seed}", *w.MODELS, project=project))
    assert any("list_cost_usd" in text for text in marts.differences(*built, but=OF_THE_CODE))
