from dataclasses import replace

import pytest

from gateway.access.audit import Recorder, read_event
from gateway.errors import UnavailableError
from tests.gateway.api.conftest import ROOT, Gateway
from tests.gateway.api.samples import PATIENT, post, put, read, refusal


async def audit(gateway):
    await gateway.door.recorder.close()
    return [read_event(row[4]) for row in gateway.door.store.fetch("audit_after", (0, 100))]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer", "Basic QTpB", "A", "Bearer \xe4"])
async def test_a_call_without_a_valid_token_is_refused(gateway, header):
    headers = {"Authorization": header.encode("latin-1")} if header else {}
    for address in ("/Patient/p1", "/Nothing", "/Patient/p1/$x", "/Patient?name=a"):
        answer = await gateway.client().get(address, headers=headers)
        refusal(answer, 401, "login")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_refused_calls_are_counted_by_address(gateway):
    for _ in range(3):
        await gateway.client().get("/Patient/p1")
    await gateway.door.recorder.close()
    rows = gateway.door.store.fetch("refusals", (10,))
    assert sum(count for _, _, count in rows) == 3
    assert {address for _, address, _ in rows} == {"192.0.2.7"}


async def test_a_revoked_token_is_refused(gateway, anna):
    await put(anna, PATIENT)
    await gateway.revoke("A")
    refusal(await anna.get("/Patient/p1"), 401, "login")


async def test_the_scheme_may_be_written_in_any_case(gateway, anna):
    await put(anna, PATIENT)
    client = gateway.client()
    answer = await client.get("/Patient/p1", headers={"Authorization": "bearer  A "})
    assert read(answer)["id"] == "p1"


async def test_a_scope_that_is_missing_is_forbidden_and_recorded(gateway):
    reader = await gateway.campus("R", "system/Patient.r")
    refusal(await put(reader, PATIENT), 403, "forbidden")
    refusal(await reader.get("/Observation/o1"), 403, "forbidden")
    events = [one for one in await audit(gateway) if one.outcome == "4"]
    assert [(one.action, one.entities) for one in events] == [
        ("U", ("Patient/p1",)),
        ("R", ("Observation/o1",)),
    ]


class FullDisk:
    """A store that takes nothing."""

    async def submit(self, _batch):
        raise UnavailableError("The disk is full.")


async def test_a_refusal_that_cannot_be_recorded_is_not_given(gateway, door):
    await gateway.campus("R", "system/Patient.r")
    unrecorded = Gateway(replace(door, recorder=Recorder(FullDisk())))
    answer = await unrecorded.client("R").get("/Observation/o1")
    refusal(answer, 503, "transient")
    await unrecorded.close()


async def test_a_resource_of_another_campus_is_forbidden(gateway, anna):
    bea = await gateway.campus("B")
    await put(anna, PATIENT)
    assert read(await bea.get("/Patient/p1"))["id"] == "p1"
    refusal(await put(bea, PATIENT | {"gender": "female"}), 403, "forbidden")


@pytest.mark.parametrize("name", ["王秀英", "%E7%8E%8B%E7%A7%80%E8%8B%B1"])
async def test_the_acting_person_is_recorded(gateway, anna, name):
    await put(anna, PATIENT, **{"X-Hutong-Actor": name.encode()})
    assert [one.person for one in await audit(gateway)] == ["王秀英"]


@pytest.mark.parametrize("name", [b"a" * 201, b"%0a", b"\xcd\xf5", b"%CD%F5"])
async def test_a_person_has_a_name(anna, name):
    answer = await anna.get("/Patient/p1", headers={"X-Hutong-Actor": name})
    refusal(answer, 400, "invalid")


@pytest.mark.usefixtures("anna")
async def test_an_administrator_names_the_campus_of_a_write(gateway):
    root = gateway.client(ROOT)
    refusal(await post(root, PATIENT), 403, "forbidden")
    named = read(await post(root, PATIENT, **{"X-Hutong-Campus": "A"}), 201)
    assert {"url": "urn:hutong:ext:campus", "valueCode": "A"} in named["meta"]["extension"]


async def test_nobody_else_speaks_for_another_campus(gateway, anna):
    await gateway.campus("B")
    answer = await anna.get("/Patient/p1", headers={"X-Hutong-Campus": "B"})
    refusal(answer, 403, "forbidden")


async def test_no_value_of_a_query_is_told_in_an_error(anna):
    answer = await anna.get("/Patient?birthdate=11010519491231002X")
    refusal(answer, 400, "invalid")
    assert "1949" not in answer.text
