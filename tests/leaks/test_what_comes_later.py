"""What is made for a caller and fetched later: exports, and pages by the token of somebody else."""

import json

import pytest

from gateway.bulk.export import export
from gateway.jobs.runner import Runner
from tests.leaks.hidden import NAMES
from tests.leaks.words import MARK
from tests.leaks.world import settled

ASYNC = {"Prefer": "respond-async"}


async def exported(world, address, who="B"):
    """The lines of an export, with its manifest."""
    client = world.client(who)
    begun = await client.get(address, headers=ASYNC)
    if begun.status_code != 202:
        return begun.status_code, settled(begun.text)
    await Runner(world.door, world.objects, {"export": export}).drain()
    manifest = await client.get(begun.headers["content-location"])
    assert manifest.status_code == 200, manifest.text
    lines = [(await client.get(one["url"])).text for one in manifest.json()["output"]]
    return settled(manifest.text), settled(
        "".join(sorted("".join(lines).splitlines(keepends=True)))
    )


@pytest.mark.parametrize(
    "address",
    [
        "/fhir/$export",
        "/fhir/Patient/$export",
        "/fhir/Group/ga/$export",
        "/fhir/Group/hid-gr/$export",
    ],
)
async def test_an_export_holds_nothing_hidden(both, address):
    hiding, plain = both
    ours, theirs = await exported(hiding, address), await exported(plain, address)
    assert ours == theirs
    assert MARK not in str(ours)


async def test_the_consortiums_export_breaks_no_glass_and_opens_no_closed_campus(both):
    hiding, plain = both
    found = await exported(
        hiding, "/fhir/$export?_type=Observation,Task,Condition", "root-of-a-test"
    )
    assert found == await exported(
        plain, "/fhir/$export?_type=Observation,Task,Condition", "root-of-a-test"
    )


async def test_the_file_of_anothers_export_is_not_there(both):
    hiding, _ = both
    begun = await hiding.client("A").get("/fhir/$export", headers=ASYNC)
    await Runner(hiding.door, hiding.objects, {"export": export}).drain()
    manifest = await hiding.client("A").get(begun.headers["content-location"])
    addresses = [begun.headers["content-location"]]
    addresses += [one["url"] for one in manifest.json()["output"]]
    assert len(addresses) > 1
    for address in addresses:
        assert (await hiding.client("A").get(address)).status_code == 200
        assert (await hiding.client("B").get(address)).status_code == 404


async def test_the_page_of_somebody_else_is_no_page(both):
    hiding, _ = both
    for query in ("Observation?_count=1", "Patient?_count=1&_sort=_id", "_history?_count=1"):
        mine = (await hiding.client("A").get(f"/fhir/{query}")).json()
        (following,) = [one["url"] for one in mine["link"] if one["relation"] == "next"]
        assert (await hiding.client("A").get(following)).status_code == 200
        answer = await hiding.client("B").get(following)
        assert answer.status_code == 400, query
        assert not [name for name in NAMES if name.partition("/")[2] in answer.text]


async def test_what_is_hidden_is_there_for_whom_it_belongs_to(both):
    """The worlds differ: what finds no difference elsewhere would find one."""
    hiding, plain = both
    for who, name in (("A", "Observation/hid-ob"), ("A", "Task/hid-ta"), ("D", "Task/hid-ta")):
        assert (await hiding.client(who).get(f"/fhir/{name}")).status_code == 200
        assert (await plain.client(who).get(f"/fhir/{name}")).status_code == 404
    query = "/fhir/Observation?subject=Patient/pa&_explain=true&_total=accurate"
    mine = [json.loads((await world.client("A").get(query)).text)["total"] for world in both]
    assert mine == [2, 1]
    seen = await hiding.client("B").get("/dicom-web/studies")
    assert len(seen.json()) == 1
    everything = await hiding.client("B").get("/fhir/Observation?_total=accurate")
    assert everything.json()["total"] == 2
    for name in NAMES:
        type_, _, id_ = name.partition("/")
        stored = hiding.door.store.current(type_, id_)
        assert stored is not None, name
        assert plain.door.store.current(type_, id_) is None
