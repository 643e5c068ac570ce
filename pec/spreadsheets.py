"""What spreadsheets make of text."""

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def looks_like_a_formula(text):
    """Whether a spreadsheet may run a cell with this text, when it opens a file or when somebody edits the cell."""
    return text.startswith(FORMULA_BEGINS)
