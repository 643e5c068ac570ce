"""What the warehouse needs beside SQL: the archive of exports, and the command `pec`."""

__version__ = "1.0.0"
