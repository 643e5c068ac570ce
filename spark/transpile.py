"""One query: it is checked against the allow-list, rewritten by the rules, and written in Spark's dialect."""

import logging

from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import ParseError, UnsupportedError

from spark import allowed
from spark.dialect import Source, Target, Unsupported
from spark.rules import RULES

# sqlglot warns of what it then raises.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def transpile(query, name, relation):
    """Spark's text of a query.

    query: DuckDB's SQL.  name: of what it is, for messages.
    relation: function of (schema, identifier) that gives what stands in place of a relation, or of (None, path) for a folder of the archive.
    Unsupported: the text names what cannot be transpiled, and the line of the query.
    """
    try:
        tree = parse_one(query, read=Source)
    except ParseError as error:
        raise Unsupported(f"{name}: {error}") from error
    marks = replace_relations(tree, relation)
    check(tree, name)
    tree = rewrite(tree, name)
    for node in tree.walk():
        node.comments = None
    try:
        text = tree.sql(dialect=Target, pretty=True, max_text_width=120, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise Unsupported(f"{name}: {error}") from error
    return with_relations(text, marks)


def line_of(node):
    """The line of the query on which a node stands: sqlglot notes it of names, so that of the nearest name. node: of a parsed tree."""
    at = node
    while at is not None:
        found = next((part.meta["line"] for part in at.walk() if "line" in part.meta), None)
        if found:
            return found
        at = at.parent
    return 1


def check(tree, name):
    """Raises Unsupported, naming all that is not on the allow-list. tree: DuckDB's.  name: as of transpile()."""
    found = [(line_of(node), allowed.refusal(node)) for node in tree.walk()]
    told = sorted(
        {f"{name}, line {line}: {reason} is not on the list of what is the same on Spark (spark/allowed.py)" for line, reason in found if reason}
    )
    if told:
        raise Unsupported("\n".join(told))


def rewrite(tree, name):
    """The tree as the rules leave it, children before parents. tree, name: as of check()."""
    for node in reversed(list(tree.walk(bfs=True))):
        if node is not tree and node.parent is None:
            continue
        of = RULES.get(node.name.lower() if isinstance(node, exp.Anonymous) else type(node))
        if of is None:
            continue
        line = line_of(node)
        try:
            new = of(node)
        except Unsupported as error:
            raise Unsupported(f"{name}, line {line}: {error}") from error
        if new is node:
            continue
        if node is tree:
            tree = new
        else:
            node.replace(new)
    return tree


def replace_relations(tree, relation):
    """Puts a mark in the place of each relation of a schema, and of each folder of the archive; returns {mark: what stands there}.

    tree, relation: as of transpile().
    """
    marks = {}
    for table in list(tree.find_all(exp.Table)):
        found = folder_of_archive(table.this)
        if found is None and not table.args.get("db"):
            continue
        mark = f"relation_{len(marks)}_"
        marks[mark] = relation(*((None, found) if found else (table.db, table.name)))
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(found.rsplit("/", 1)[-1] if found else table.name))
        table.replace(exp.Table(this=exp.to_identifier(mark), alias=alias))
    return marks


def folder_of_archive(node):
    """The folder in read_parquet(getvariable('pec_archive') || '/FOLDER/*.parquet', …), as text; None for other relations. node: a table's."""
    if not isinstance(node, exp.ReadParquet):
        return None
    path = node.expressions[0]
    texts = [part.this for part in path.find_all(exp.Literal)]
    if texts[0] == "pec_archive" or texts[-1] == "pec_archive":
        return next(text for text in texts if text.startswith("/")).removesuffix("/*.parquet").removeprefix("/")
    return None


def with_relations(text, marks):
    """The text with each mark replaced; what Jinja would read in it is kept from Jinja. text: SQL.  marks: as of replace_relations()."""
    for opening in ("{{", "{%", "{#"):
        text = text.replace(opening, "{{ '" + opening + "' }}") if opening != "{{" else text.replace("{{", "\0")
    text = text.replace("\0", "{{ '{{' }}")
    for mark, found in marks.items():
        text = text.replace(f"`{mark}`", found).replace(mark, found)
    return text
