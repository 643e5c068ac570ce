"""Rewrites `seeds/landing_zone`: `make sample`."""

import pathlib
import shutil

from . import write

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "seeds" / "landing_zone"
shutil.rmtree(SAMPLE, ignore_errors=True)
write(SAMPLE)
