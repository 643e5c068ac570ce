"""Who may read what this project writes: the owner alone, unless PEC_UMASK says otherwise."""

import os
import pathlib

DEFAULT = "077"


def umask(environ=os.environ):
    """The mask of rights that are not given: PEC_UMASK, octal, else 077. ValueError: it is no such number."""
    text = environ.get("PEC_UMASK") or DEFAULT
    try:
        mask = int(text, 8)
    except ValueError:
        mask = -1
    if not 0 <= mask <= 0o077:
        raise ValueError(f"PEC_UMASK is {text}; set it to an octal number up to 077, such as 027, which lets the group read")
    return mask


def tighten(environ=os.environ):
    """Sets the mask for all that this process writes from now on. ValueError: of umask()."""
    os.umask(umask(environ))


def tighten_logs(folder, environ=os.environ):
    """Takes the rights that umask() does not give from dbt's logs, which dbt opens before it reads the project. folder: of the logs."""
    for path in pathlib.Path(folder).glob("dbt.log*"):
        try:
            path.chmod(0o666 & ~umask(environ))
        except OSError:
            pass  # of another user, who decides
