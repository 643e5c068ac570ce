"""What may go wrong. An ArchiveError stops an update; a Quarantine sets one file aside."""


class ArchiveError(Exception):
    """The archive cannot be updated at all. The message says what is wrong, names the path and gives the remedy."""


class Quarantine(Exception):
    """One file cannot be archived. The message is the `problem` of its observation: what is wrong, and the remedy."""


class Changed(Quarantine):
    """A file changed while it was read: what was read of it may be half of it."""


def reason_of(error):
    """One line that says what an operating system's or DuckDB's error was."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    text = text.split("\n\nLINE ")[0]  # DuckDB shows our query behind its message
    return " ".join(text.split())[:300]
