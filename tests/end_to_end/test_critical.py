"""A critical value from the socket to its answer, over a kill of any process between two steps."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.hl7v2.client import Client
from gateway.sheets import workbook
from gateway.sheets.workbook import Sheet
from tests.end_to_end.messages import oru, pid
from tests.end_to_end.test_kill import alive, pid_of
from tests.running import ANSWER_SECONDS, BOOTSTRAP, Gateway, entries, gateway
from tests.waiting import eventually

LATEST = 1.0
"""Seconds from an acknowledgement until its Task is found."""
SETTINGS = ("notify", "acknowledge", "steps", "told", "repeat")
SHORT = ("0.02", "0.03", "0.03;0.06", "doctor;ward;head", "600")
"""A table of seconds instead of minutes: 1.8 s to the first step, 3.6 s to the second."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("critical")
    with gateway(folder / "data", HUTONG_API_PROCESSES="1") as running:
        running.campus("A", "--sender", "A")
        running.campus("B", "--sender", "B")
        table = folder / "settings.xlsx"
        table.write_bytes(workbook.write([Sheet("settings", SETTINGS, [SHORT])]))
        running.command("critical", "import", str(table), "--approver", "test")
        yield running


def send(county: Gateway, number: str, potassium: str) -> None:
    """Send a result of a patient of B; return once it is acknowledged."""

    async def inner() -> None:
        async with Client("127.0.0.1", county.mllp_port, timeout=ANSWER_SECONDS) as client:
            who = pid("B", number, citizen="")
            message = oru("B", number, who, placer="", filler=number, potassium=potassium)
            # The flag says normal, as a laboratory with other limits would.
            answer = await client.send(message)
            assert answer.code == "AA"

    asyncio.run(inner())


def tasks(county: Gateway, number: str) -> list[dict[str, Any]]:
    about = {"patient.identifier": f"urn:hutong:B:pid|{number}"}
    found = county.get("B", "/fhir/Task", code="critical-ack", **about)
    return entries(found, "Task")


def steps(task: dict[str, Any]) -> list[tuple[str, int]]:
    """The attempts of a Task."""
    found = []
    for note in task.get("note", []):
        parts = {one["url"]: one for one in note["extension"][0]["extension"]}
        found.append((parts["kind"]["valueCode"], parts["step"]["valueInteger"]))
    return found


def answer(county: Gateway, task: dict[str, Any], read_back: str) -> tuple[int, dict[str, Any]]:
    said = {"readBack": read_back, "actor": "李护士"}
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": name, "valueString": value} for name, value in said.items()],
    }
    answered = county.post("B", f"/fhir/Task/{task['id']}/$acknowledge", body)
    return answered.status_code, answered.json()


def kill(county: Gateway, role: str) -> None:
    """Kill a role; return when the gateway is whole again."""
    if role == "supervisor":
        children = [one for some in county.roles().values() for one in some]
        county.kill()
        # Until they are gone they answer in the place of those to come.
        eventually(lambda: not any(alive(one) for one in children))
        county.start()
        return
    before = pid_of(county, role)
    os.kill(before, signal.SIGKILL)
    eventually(lambda: pid_of(county, role) != before)
    county.wait_until_ready()


def test_the_task_is_found_within_a_second(county: Gateway) -> None:
    send(county, "P0", "2.6")
    (task,) = eventually(lambda: tasks(county, "P0"), LATEST)
    assert task["status"] == "requested"
    assert task["focus"]["display"] == "2.6 mmol/L"


def test_nobody_is_told_of_a_normal_value(county: Gateway) -> None:
    send(county, "N0", "4.1")
    send(county, "N1", "2.5")
    eventually(lambda: tasks(county, "N1"))
    assert tasks(county, "N0") == []


@pytest.mark.parametrize("role", ["store", "api-1", "mllp", "worker", "supervisor"])
def test_over_a_kill_between_any_two_steps_each_is_taken_once(county: Gateway, role: str) -> None:
    number = f"K-{role}"
    send(county, number, "2.6")
    kill(county, role)
    (task,) = eventually(lambda: tasks(county, number))
    eventually(lambda: steps(tasks(county, number)[0]))
    kill(county, role)
    (task,) = eventually(
        lambda: [one for one in tasks(county, number) if ("escalate", 2) in steps(one)]
    )
    assert steps(task) == [("notify", 0), ("escalate", 1), ("escalate", 2)]
    assert f"Task/{task['id']}" in county.command("alerts")
    kill(county, role)
    assert answer(county, task, "6.2")[0] == 422
    status, closed = answer(county, task, "2.60")
    assert (status, closed["status"]) == (200, "completed")
    kill(county, role)
    assert answer(county, task, "2.60") == (200, closed)
    assert tasks(county, number) == [closed]
    assert f"Task/{task['id']}" not in county.command("alerts")


def test_the_bootstrap_token_is_nobody_of_the_ward(county: Gateway) -> None:
    assert BOOTSTRAP
    send(county, "P9", "2.6")
    (task,) = eventually(lambda: tasks(county, "P9"))
    county.tokens["root"] = BOOTSTRAP
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "readBack", "valueString": "2.6"}],
    }
    answered = county.post("root", f"/fhir/Task/{task['id']}/$acknowledge", body)
    assert answered.status_code in {403, 404, 422}
    assert tasks(county, "P9")[0]["status"] == "requested"
