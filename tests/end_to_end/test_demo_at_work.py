"""The demo at work: its doctors are told of results, its wards answer critical values."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import tools
from tests.waiting import eventually

READER = "XY"
START_SECONDS = 240.0
CODE = "urn:hutong:cs:task|critical-ack"


@dataclass(frozen=True)
class Demo:
    """A running demo, as a visitor has it: what it printed, and its page."""

    url: str
    token: str
    printed: Path
    log: Path

    def get(self, path: str, **params: str) -> Any:
        answer = httpx.get(
            f"{self.url}{path}",
            params=params,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def counted(self, figure: str) -> int:
        """Return a figure of this month; who asks is at the county hospital."""
        return int(self.get("/recognition/statistics")[figure])

    def tasks(self, **params: str) -> list[dict[str, Any]]:
        found = self.get("/fhir/Task", code=CODE, **params).get("entry", [])
        return [one["resource"] for one in found if one["resource"]["resourceType"] == "Task"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A small county at twenty times the usual pace."""
    folder = tmp_path_factory.mktemp("at-work")
    port = tools.free_port()
    ports = {
        "HUTONG_HTTP_PORT": str(port),
        "HUTONG_MLLP_PORT": str(tools.free_port()),
        "HUTONG_DICOM_PORT": str(tools.free_port()),
    }
    printed, log = folder / "printed", folder / "log"
    with printed.open("wb") as out, log.open("wb") as err:
        running = subprocess.Popen(
            [sys.executable, "-m", "gateway.cli", "demo", "--patients", "40", "--pace", "0.1"],
            env={**os.environ, **ports, "HUTONG_DATA_DIR": str(folder / "data")},
            stdout=out,
            stderr=err,
        )
        try:
            found = eventually(lambda: _token(running, printed, log), START_SECONDS)
            yield Demo(f"http://127.0.0.1:{port}", found, printed, log)
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(60)


def _token(running: subprocess.Popen[bytes], printed: Path, log: Path) -> str:
    assert running.poll() is None, log.read_text()[-4000:]
    found = re.search(r"^token +(\S+)$", printed.read_text(), re.MULTILINE)
    return found[1] if found else ""


def test_doctors_are_told_and_most_recognise(demo: Demo) -> None:
    assert eventually(lambda: demo.counted("recognised"))
    assert demo.counted("reminded") >= demo.counted("recognised")


def test_some_override_with_a_coded_reason(demo: Demo) -> None:
    def reasons() -> set[str]:
        groups = demo.get("/recognition/statistics", by="reason")["groups"]
        return {str(one["reason"]) for one in groups} & {"01", "02", "07", "08", "98", "99"}

    assert eventually(reasons)


def test_some_sign_without_a_word(demo: Demo) -> None:
    assert eventually(lambda: demo.counted("unanswered"))


def test_what_is_recognised_saves_what_the_campus_takes(demo: Demo) -> None:
    assert eventually(lambda: demo.get("/recognition/statistics")["saved"])


def test_critical_values_are_read_back(demo: Demo) -> None:
    closed = eventually(lambda: demo.tasks(status="completed"))
    kinds = {one["type"]["coding"][0]["code"] for one in closed[0]["output"]}
    assert {"read-back", "actor", "disposition"} <= kinds


def test_one_waits_for_the_visitor_who_can_answer_it(demo: Demo) -> None:
    (potassium,) = eventually(lambda: _potassium(demo))
    assert potassium["priority"] == "stat"
    said = {"readBack": "2.60", "actor": "来访者", "comment": "看到了"}
    answer = httpx.post(
        f"{demo.url}/fhir/Task/{potassium['id']}/$acknowledge",
        json={
            "resourceType": "Parameters",
            "parameter": [{"name": name, "valueString": text} for name, text in said.items()],
        },
        headers={"Authorization": f"Bearer {demo.token}", "Content-Type": "application/fhir+json"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "completed"


def _potassium(demo: Demo) -> list[dict[str, Any]]:
    found = demo.tasks(status="requested", _campus=READER)
    return [one for one in found if one["reasonReference"]["display"].startswith("2.60")]


def test_a_his_is_told_of_reports(demo: Demo) -> None:
    def told() -> int:
        (entry,) = demo.get("/fhir/Subscription/$status", id="demo-his")["entry"]
        parameters = {one["name"]: one for one in entry["resource"]["parameter"]}
        assert parameters["status"]["valueCode"] in {"requested", "active"}
        return int(parameters["events-since-subscription-start"]["valueString"])

    assert eventually(told)
    assert eventually(lambda: not _waiting(demo))


def _waiting(demo: Demo) -> str:
    """What `hutong subscriptions` says did not arrive."""
    told = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "subscriptions", "--waiting"],
        env={**os.environ, "HUTONG_DATA_DIR": str(demo.log.parent / "data")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return "" if told.startswith("There is none") else told


def test_what_is_printed_says_where_to_look(demo: Demo) -> None:
    assert f"{demo.url}/critical" in demo.printed.read_text()


def test_nothing_of_it_went_wrong(demo: Demo) -> None:
    text = demo.log.read_text()
    assert "Traceback" not in text
    assert " ERROR " not in text
