"""What a long build says while it works, in the place where its summary stands: also with dbt's --quiet, which hides dbt's own lines.

The parts of a build say where they are (now(), reading(), Nodes); a thread prints the newest of these texts, first after FIRST seconds and then ever
more rarely. So a build of a minute prints few lines, and one of an hour does not fill a log. No line names a file or a customer: it ends in logs and mails.
"""

import sys
import threading
import time

import duckdb

from pec import summary

FIRST = 10  # seconds until the first line; each wait is twice the one before
LONGEST_ON_A_SCREEN, LONGEST_IN_A_LOG = 20, 300
MONTHS = """
select
    count(*),
    strftime(min(billing_month), '%Y-%m'),
    strftime(max(billing_month), '%Y-%m'),
    list(distinct case
        when billing_month not in (select billing_month from intermediate.int_month_fingerprints) then 'usage has gone'
        when len(string_split(changed, ', ')) = 6 then 'new'
        else changed || ' changed'
    end)
from intermediate.int_changed_months
"""


class Progress:
    """The progress of one process."""

    def __init__(self, say=summary.show, first=FIRST, longest=None):
        """say: function of a line.  first, longest: seconds until the first line, and most between two."""
        self.say, self.first, self.longest = say, first, longest
        self.text, self.began, self.is_over = None, time.monotonic(), threading.Event()

    def start(self):
        """Begins to print."""
        self.longest = self.longest or (LONGEST_ON_A_SCREEN if sys.stdout.isatty() else LONGEST_IN_A_LOG)
        threading.Thread(target=self.print_now_and_then, name="pec-progress", daemon=True).start()

    def print_now_and_then(self):
        """Prints the newest text, until stop(): what the thread does."""
        wait = self.first
        while not self.is_over.wait(wait):
            wait = min(wait * 2, max(self.longest, self.first))
            text = self.text
            if text:
                self.say(f"{duration(time.monotonic() - self.began)}: {text() if callable(text) else text}.")

    def stop(self):
        """Ends the printing."""
        self.is_over.set()
        self.text = None


CURRENT = Progress()


def start():
    """Begins to print the progress of this process's build."""
    global CURRENT
    CURRENT.stop()
    CURRENT = Progress()
    CURRENT.start()


def now(text):
    """Says what the build is doing.  text: without a full stop; or a function that returns it; or None: nothing that takes long."""
    CURRENT.text = text


def stop():
    """Ends the progress of this process's build."""
    CURRENT.stop()


def reading(files, of_files, size, of_size):
    """Says how far the archive is.  files, size: how many files, and bytes as delivered, were read.  of_files, of_size: how many are new or changed."""
    now(f"archiving, {files:,} of {of_files:,} new files read, {size_text(size)} of {size_text(of_size)}")


def archived(update):
    """Says what was archived, if anything. update: an archive's Update."""
    now(None)
    if update.new_contents:
        rejected = f", {update.rejected:,} of them rejected" if update.rejected else ""
        files = f"{update.new_observations:,} new or changed files, {update.new_contents:,} with new content"
        summary.show(f"Archived: {files}: {size_text(update.plain_bytes)} unpacked, {update.records:,} records{rejected}.")


def months(connection):
    """Says which months are computed, and why. connection: DuckDB's, to the warehouse."""
    try:
        count, first, last, causes = connection.execute(MONTHS).fetchone()
    except duckdb.Error:
        return
    span = "no month" if not count else first if count == 1 else f"{count} months from {first} to {last}"
    summary.show(f"Computing: {span} ({'; '.join(sorted(causes or [])).replace('_', ' ') or 'none has changed'}).")


class Nodes:
    """Follows dbt's events: how many models and tests are done, and which is at work for longest."""

    LONG = 5  # seconds from which on it is said how long one takes

    def __init__(self, connection):
        """connection: function that returns DuckDB's, to the warehouse, to tell the months."""
        self.connection, self.done, self.total, self.running = connection, 0, 0, {}

    def __call__(self, event):
        """Takes an event of dbt. Whatever goes wrong here must not fail a model: dbt would."""
        try:
            if event.info.name == "LogStartLine":
                self.total = max(self.total, event.data.total)
                self.running[event.data.node_info.unique_id] = (event.data.node_info.node_name, time.monotonic())
                now(self.text)
            elif event.info.name == "NodeFinished":
                self.finished(event.data.node_info.unique_id, event.data.node_info.node_name)
        except Exception as error:
            now(f"at work (how far is not known: {error})")

    def finished(self, unique_id, name):
        """Takes the end of a node. unique_id, name: of dbt."""
        self.done += 1
        self.running.pop(unique_id, None)
        now(self.text)
        if name == "int_changed_months":
            months(self.connection())

    def text(self):
        """Where the build is."""
        began, name = min(((began, name) for name, began in list(self.running.values())), default=(None, None))
        seconds = time.monotonic() - began if name else 0
        since = f" for {duration(seconds)}" if seconds >= self.LONG else ""
        at_work = f", now {name if len(name) <= 60 else name[:59] + '…'}{since}" if name else ""
        return f"{self.done:,} of {self.total:,} models and tests are done{at_work}"


def duration(seconds):
    """A length of time as text."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def size_text(size):
    """A number of bytes as text."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1000
