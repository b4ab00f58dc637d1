"""What two processes write in the same instant, each prepared before the other's was there.

Whichever of the two is stored first, all is as if one had come after the other.
"""

import asyncio
import random

import pytest

from gateway.interactions import commit
from gateway.interactions.commit import Change, plan, settle
from gateway.store.records import StaleError
from tests.databases import joined
from tests.gateway.interactions.consortium import (
    HIV,
    Consortium,
    encoded,
    observation,
    patient,
)
from tests.gateway.interactions.hidden import check_hidden

ROUNDS = 10
PANEL = {"text": "术前四项"}
EITHER = pytest.mark.parametrize("way", [1, -1], ids=["first", "last"])
"""Whether the one that decides about the other is stored before it."""


def named(*names):
    return [{"reference": name} for name in names]


def resource(type_, id_, **more):
    return {"resourceType": type_, "id": id_, **more}


def about(type_, id_, **more):
    return resource(type_, id_, subject={"reference": "Patient/p1"}, **more)


def order(id_="order", **more):
    return about("ServiceRequest", id_, status="active", intent="order", **more)


def report(*results, id_="report", **more):
    found = {"result": named(*results)} if results else {}
    return resource("DiagnosticReport", id_, status="final", code=PANEL, **found, **more)


def provenance(*targets, id_="whence"):
    found = {"recorded": "2026-11-22T08:00:00+08:00", "agent": [{"who": {"display": "LIS"}}]}
    return resource("Provenance", id_, target=named(*targets), **found)


def document(*related):
    found = {"context": {"related": named(*related)}} if related else {}
    content = [{"attachment": {"title": "报告单"}}]
    return resource("DocumentReference", "paper", status="current", content=content, **found)


def hiv(**more):
    return observation("hiv", code=HIV, **more)


OF_ORDER = {"basedOn": named("ServiceRequest/order")}
TUBE = about("Specimen", "tube")
STUDY = about("ImagingStudy", "study", status="available")
PLAIN = observation("plain")
HIV_REPORT = report("Observation/hiv")

PAIRS = {
    # By what stands there before: what hides, and what it must not miss, which it names...
    "its tube": ([], hiv(specimen={"reference": "Specimen/tube"}), TUBE),
    "its order": ([], hiv(**OF_ORDER), order()),
    "its member": ([], hiv(hasMember=named("Observation/plain")), PLAIN),
    "its study": ([], hiv(partOf=named("ImagingStudy/study")), STUDY),
    "its document": ([], hiv(derivedFrom=named("DocumentReference/paper")), document()),
    "what its order replaces": (
        [order("second", replaces=named("ServiceRequest/order"))],
        hiv(basedOn=named("ServiceRequest/second")),
        order(),
    ),
    "another result of its report": (
        [report("Observation/hiv", "Observation/plain")],
        hiv(),
        PLAIN,
    ),
    "the tube of its report": (
        [report("Observation/hiv", specimen=named("Specimen/tube"))],
        hiv(),
        TUBE,
    ),
    # ...or which names it, or what it hides.
    "its report": ([], hiv(), HIV_REPORT),
    "a report of its order": ([order()], hiv(**OF_ORDER), report(**OF_ORDER)),
    "another result of its order": ([order()], hiv(**OF_ORDER), observation("two", **OF_ORDER)),
    "whence it came": ([], hiv(), provenance("Observation/hiv")),
    "whence its report came": ([HIV_REPORT], hiv(), provenance("DiagnosticReport/report")),
    "whence its order came": ([order()], hiv(**OF_ORDER), provenance("ServiceRequest/order")),
    "a document of its report": ([HIV_REPORT], hiv(), document("DiagnosticReport/report")),
    "what leads on from its order": (
        [order(), PLAIN],
        hiv(**OF_ORDER),
        observation("two", hasMember=named("Observation/plain"), **OF_ORDER),
    ),
}


@pytest.fixture
async def county(served):
    """Two processes of a gateway."""
    houses = [Consortium(served, joined) for _ in range(2)]
    yield houses
    for house in houses:
        await house.close()


async def cross(county, first, last):
    """Store what two processes prepared before either was stored; each is a campus and a body."""
    (quick, slow), (who, body) = county, last
    change = Change(body["resourceType"], body["id"], encoded(body))
    planned = await plan(slow.door, slow.actor(who), [change])
    await quick.put(*first)
    try:
        await settle(slow.door, planned)
    except StaleError:
        await slow.put(who, body)


async def check_group(house, bodies, *, reader="B"):
    """Of all that is told nothing to a third campus, and all to one that may read it."""
    for body in bodies:
        name = f"{body['resourceType']}/{body['id']}"
        await check_hidden(house, "C", name)
        assert (await house.read(reader, name)).resource()["meta"]["security"]


@EITHER
@pytest.mark.parametrize("pair", PAIRS)
async def test_what_a_hidden_result_leads_to_is_hidden_with_it(county, pair, way):
    before, *both = PAIRS[pair]
    for body in before:
        await county[0].put("B", body)
    await cross(county, *(("B", body) for body in both[::way]))
    await check_group(county[0], [*before, *both])


@EITHER
async def test_an_order_and_its_hidden_result_are_read_by_both_campuses(county, way):
    both = [("B", hiv(**OF_ORDER)), ("A", order())]
    await county[0].put("B", HIV_REPORT)
    await cross(county, *both[::way])
    await check_group(county[0], [HIV_REPORT, both[0][1], both[1][1]], reader="A")


@EITHER
async def test_what_comes_back_while_something_hidden_names_it_is_hidden(county, way):
    await county[0].put("B", TUBE)
    await county[0].delete("B", "Specimen/tube")
    both = [("B", hiv(specimen={"reference": "Specimen/tube"})), ("B", TUBE)]
    await cross(county, *both[::way])
    await check_hidden(county[0], "C", "Specimen/tube", versions=3)


async def test_what_comes_back_after_something_hidden_named_it_is_hidden(house):
    await house.put("B", TUBE)
    await house.delete("B", "Specimen/tube")
    await house.put("B", hiv(specimen={"reference": "Specimen/tube"}))
    await house.put("B", TUBE)
    await check_hidden(house, "C", "Specimen/tube", versions=3)


async def test_a_whole_group_whose_parts_come_at_once_is_hidden(county):
    """In whatever order, over two processes, of several groups at a time."""
    chance = random.Random(7)  # noqa: S311 - the same orders each time
    groups = [_group(str(number)) for number in range(ROUNDS)]
    todo = [body for group in groups for body in group]
    chance.shuffle(todo)
    await asyncio.gather(*(county[at % 2].put("B", body) for at, body in enumerate(todo)))
    for group in groups:
        await check_group(county[0], group)


def _group(number):
    """An order, its tube and study, two results, their report, and whence it came."""
    names = {
        one: f"{type_}/{one}{number}"
        for type_, ids in {
            "DiagnosticReport": ["report"],
            "ImagingStudy": ["study"],
            "Observation": ["bad", "good"],
            "ServiceRequest": ["order"],
            "Specimen": ["tube"],
        }.items()
        for one in ids
    }
    tube = {"specimen": {"reference": names["tube"]}}
    based = {"basedOn": named(names["order"])}
    both = names["bad"], names["good"]
    return [
        order(f"order{number}"),
        about("Specimen", f"tube{number}"),
        about("ImagingStudy", f"study{number}", status="available", **based),
        observation(f"bad{number}", code=HIV, partOf=named(names["study"]), **tube),
        observation(f"good{number}", **tube),
        report(*both, id_=f"report{number}", specimen=named(names["tube"]), **based),
        provenance(names["report"], id_=f"whence{number}"),
    ]


async def test_what_nothing_hidden_leads_to_stays_open(county):
    both = [("B", observation("one", specimen={"reference": "Specimen/tube"})), ("B", TUBE)]
    await cross(county, *both)
    for name in ("Observation/one", "Specimen/tube"):
        assert (await county[1].read("C", name)).version == 1


async def test_what_comes_is_stored_beside_what_hides_others_to_come(county, monkeypatch):
    """However often: another stands against it once, by its type, and then no more."""
    (quick, slow), real, hidden = county, commit.send, []

    async def send(door, batch):
        if door is slow.door:
            hidden.append(f"gone{len(hidden)}")
            await quick.put("B", hiv(specimen={"reference": f"Specimen/{hidden[-1]}"}))
        return await real(door, batch)

    monkeypatch.setattr(commit, "send", send)
    await slow.put("A", TUBE)
    assert len(hidden) == 2
    assert (await slow.read("C", "Specimen/tube")).id == "tube"


@EITHER
async def test_a_merge_and_the_survivor_join_whichever_is_stored_first(county, way):
    link = [{"type": "replaced-by", "other": {"reference": "Patient/now"}}]
    both = [("A", patient("was", link=link)), ("A", patient("now"))]
    await cross(county, *both[::way])
    for id_ in ("was", "now"):
        assert county[0].store.link_set([id_])[0] == {"was", "now"}


@EITHER
async def test_a_merge_of_another_campus_joins_nobody(county, way):
    link = [{"type": "replaced-by", "other": {"reference": "Patient/now"}}]
    both = [("B", patient("was", link=link)), ("A", patient("now"))]
    await cross(county, *both[::way])
    assert county[0].store.link_set(["now"])[0] == {"now"}
