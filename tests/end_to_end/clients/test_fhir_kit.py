"""The client fhir-kit-client, unmodified, against a gateway on its sockets."""

import subprocess
import sys
from pathlib import Path

import pytest

STEPS = ["capabilities", "interactions", "conditions", "searches", "bundles", "operations"]
NODE = Path(sys.prefix, "bin", "node")


@pytest.mark.needs("node", "fhir-kit-client")
def test_fhir_kit_client_does_all_that_it_can(serving):
    script = Path(__file__).with_name("fhir_kit.mjs")
    done = subprocess.run(
        [NODE, script, f"{serving.url}/fhir", serving.tokens["A"]],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [*STEPS, "errors"]
