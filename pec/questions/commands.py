"""The commands that answer questions, with their arguments. cli.py adds them to its own."""

import argparse
import datetime

from pec import places, publication
from pec.questions import claim, compare, explain, leaks, output, published


def add(commands, name, help_text, run):
    """Adds a command with --format; returns its parser.

    commands: set of subcommands.  run: function of the options that prints the answer.
    """
    parser = commands.add_parser(name, help=help_text)
    parser.add_argument("--format", choices=output.FORMATS, default="table", help="how to print the answer (default: %(default)s)")
    parser.set_defaults(run=run)
    return parser


def add_explain(commands):
    """Adds `pec explain` to a set of subcommands."""
    parser = add(commands, "explain", "why a resource earned or did not on a day", run_explain)
    parser.add_argument("resource", metavar="RESOURCE", help="its Azure id, or the end of it, such as its name")
    parser.add_argument("day", metavar="DAY", type=day_of, help="day of usage, UTC, such as 2026-08-19")


def add_claim(commands):
    """Adds `pec claim` to a set of subcommands."""
    parser = add(commands, "claim", "what to claim of a month, with ticket texts and evidence", run_claim)
    parser.add_argument("month", metavar="MONTH", type=month_of, help="month of usage, such as 2026-08")
    parser.add_argument("--customer", help="of this customer only: its id, its name, or a part of the name")
    parser.add_argument("--output", metavar="FOLDER", help="write ticket texts, evidence and the rows of the register into a new folder")


def add_leaks(commands):
    """Adds `pec leaks` to a set of subcommands."""
    parser = add(commands, "leaks", "what is being lost now, and the commands that repair it", run_leaks)
    parser.add_argument("--customer", help="of this customer only: its id, its name, or a part of the name")


def add_compare(commands):
    """Adds `pec compare` to a set of subcommands."""
    parser = add(commands, "compare", "what differs between two publications", run_compare)
    parser.add_argument("before", metavar="A", help="an id of pec publications, a path, `previous` or `current`")
    parser.add_argument("after", metavar="B", help="the same")


def day_of(text):
    """A day from an argument. argparse.ArgumentTypeError: it is none."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no day such as 2026-08-19") from error


def month_of(text):
    """The first day of a month from an argument. argparse.ArgumentTypeError: it is none."""
    try:
        return datetime.datetime.strptime(text, "%Y-%m").date()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no month such as 2026-08") from error


def show(parts, options):
    """Prints an answer."""
    print(output.text_of(parts, options.format))


def run_explain(options):
    """pec explain: what decided a resource's day."""
    with published.current() as connection:
        show(explain.answer(connection, options.resource, options.day), options)


def run_claim(options):
    """pec claim: the claims of a month, on the screen or as files."""
    with published.current() as connection:
        parts = claim.answer(connection, options.month, options.customer)
        if options.output:
            print("\n".join(claim.write(connection, parts, options.output)))
        else:
            show(parts, options)


def run_leaks(options):
    """pec leaks: what is being lost now."""
    with published.current() as connection:
        show(leaks.answer(connection, options.customer), options)


def run_compare(options):
    """pec compare: what differs between two publications."""
    found = publication.Places(places.archive(), places.published())
    show(compare.answer(options.before, options.after, found), options)


COMMANDS = [add_explain, add_claim, add_leaks, add_compare]
