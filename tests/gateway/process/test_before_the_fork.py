"""What the supervisor imports every child has: nothing that starts threads or is not needed."""

import subprocess
import sys

LATER = ("fhirpathpy", "numpy", "prometheus_client", "psycopg", "pydicom", "redis")
"""prometheus_client settles where it counts when it is imported: after the folder is known."""


def test_what_must_come_later_is_not_imported():
    program = "import sys, gateway.app; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not set(told.stdout.decode().split()) & set(LATER)
