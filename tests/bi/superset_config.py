"""Settings of the Superset that the tests start: all that it keeps lies in one folder, and it asks nobody else."""

import os

SUPERSET_HOME = os.environ["SUPERSET_HOME"]
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{SUPERSET_HOME}/superset.db?check_same_thread=false"
# Headers for https, which a browser on this machine does not need.
TALISMAN_ENABLED = False
