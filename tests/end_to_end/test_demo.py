"""The demo, as somebody sees it who tries the gateway for the first time."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests import tools
from tests.running import Gateway, entries, gateway

READER = "XY"
PORTS = ("HUTONG_HTTP_PORT", "HUTONG_MLLP_PORT", "HUTONG_DICOM_PORT")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateway on the folder that a demo has filled."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    ports = {name: str(tools.free_port()) for name in PORTS}
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "demo", "--once", "--patients", "40"],
        env={**os.environ, **ports, "HUTONG_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (token,) = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("token ")}
    with gateway(folder) as running:
        running.tokens[READER] = token
        yield running


def owner(resource: dict) -> str:
    extensions = resource["meta"]["extension"]
    return next(one["valueCode"] for one in extensions if one["url"] == "urn:hutong:ext:campus")


def asked_elsewhere(county: Gateway, resource: dict) -> bool:
    """Whether it answers an order of another campus than the one that made it."""
    for one in resource.get("basedOn", ()):
        order = county.get(READER, f"/fhir/{one['reference']}").json()
        return owner(order) != owner(resource)
    return False


def test_images_of_every_kind_come_some_for_another_campus(county: Gateway) -> None:
    found = entries(county.get(READER, "/fhir/ImagingStudy", _count="100"), "ImagingStudy")
    assert {one["modality"][0]["code"] for one in found} == {"CT", "DX", "US"}
    assert len({owner(one) for one in found}) > 1
    assert any(asked_elsewhere(county, one) for one in found)


def test_ecgs_come_some_for_the_county_hospital(county: Gateway) -> None:
    code = "http://loinc.org|11524-6"
    answer = county.get(READER, "/fhir/DiagnosticReport", code=code, _count="100")
    found = entries(answer, "DiagnosticReport")
    assert len({owner(one) for one in found}) > 2
    asked = [one for one in found if asked_elsewhere(county, one)]
    assert asked
    assert all(owner(one) != READER for one in asked)


def test_nothing_of_it_waits_for_a_person(county: Gateway) -> None:
    assert len(county.command("quarantine", "list").splitlines()) == 1
    waiting = county.get(READER, "/fhir/Task", code="order-reconcile", status="requested")
    assert entries(waiting, "Task") == []
