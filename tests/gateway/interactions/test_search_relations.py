"""Chains, `_has`, includes, compartments, lists, words and totals over a small house."""

import pytest

from gateway.errors import InvalidRequestError, NotFoundError, NotSupportedError
from gateway.interactions import include, resolve, search
from tests.gateway.interactions.consortium import concept, included, names, observation, patient

DIV = "<div xmlns='http://www.w3.org/1999/xhtml'>A <b>late</b> visit</div>"


def to(name):
    return {"reference": name}


def named(family, given):
    return {"family": family, "given": [given]}


def organization(id_, **more):
    return {"resourceType": "Organization", "id": id_, "name": id_.title(), **more}


@pytest.fixture
async def house_of_care(house):
    for one in (
        organization("county"),
        {
            "resourceType": "Organization",
            "id": "town",
            "name": "Town",
            "partOf": to("Organization/county"),
        },
        {"resourceType": "Location", "id": "house", "name": "House"},
        {
            "resourceType": "Location",
            "id": "floor",
            "name": "Floor",
            "partOf": to("Location/house"),
        },
        {"resourceType": "Location", "id": "room", "name": "Room", "partOf": to("Location/floor")},
        {"resourceType": "Practitioner", "id": "d", "name": [{"family": "李"}]},
        patient(
            "p1",
            name=[{"family": "王", "given": ["秀英"]}],
            managingOrganization=to("Organization/town"),
        ),
        patient(
            "p2",
            name=[{"family": "單", "given": ["雄信"]}],
            managingOrganization=to("Organization/county"),
        ),
        patient("p3", name=[{"text": "欧阳 锋"}]),
        observation("o1", "Patient/p1", performer=[to("Practitioner/d")]),
        observation("o2", "Patient/p2", note=[{"text": "白细胞 seen at night"}]),
        observation("o3", "Patient/p2", code="718-7"),
        observation("o4", "Location/room", hasMember=[to("Observation/o3")]),
        {
            "resourceType": "List",
            "id": "l",
            "status": "current",
            "mode": "working",
            "entry": [{"item": to("Patient/p1")}, {"item": to("Patient/p3")}],
        },
        {
            "resourceType": "Encounter",
            "id": "e",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": to("Patient/p1"),
            "location": [{"location": to("Location/floor")}],
            "text": {
                "status": "generated",
                "div": DIV,
            },
        },
    ):
        await house.put("A", one)
    return house


CASES = {
    "Observation?subject:Patient.name=王": "o1",
    "Observation?subject.name=王": "o1",
    "Observation?patient.organization.name=County": "o2 o3",
    "Observation?patient.organization.partof.name=county": "o1",
    "Observation?subject:Patient.organization:Organization.name=town&status=final": "o1",
    "Observation?performer:Practitioner.family=李": "o1",
    "Observation?has-member.patient.family=单": "o4",
    "Observation?subject:Patient._has:Encounter:patient:status=finished": "o1",
    "Patient?_has:Observation:patient:code=718-7": "p2",
    "Patient?_has:Observation:patient:_has:Observation:has-member:subject=Location/room": "p2",
    "Patient?_has:Observation:patient:performer.family=li": "p1",
    "Organization?_has:Patient:organization:_has:Observation:patient:code=718-7": "county",
    "Patient?_has:Observation:patient:code=718-7&name=王": "",
    "Patient?organization:missing=true": "p3",
    "Patient?organization:missing=false&name=王": "p1",
    "Patient?_list=l": "p1 p3",
    "Patient?_list=List/l&name=王": "p1",
    "Patient?_list=none": "",
    "Encounter?location:below=house": "e",
    "Encounter?location:below=Location/room": "",
    "Encounter?location:above=room": "e",
    "Organization?partof:below=county": "town",
    "Encounter?_text=late": "e",
    "Encounter?_text=LATE visit": "e",
    "Encounter?_text=visit,none": "e",
    "Encounter?_text=early visit": "",
    "Observation?_content=白细胞": "o2",
    "Observation?_content=night seen": "o2",
    "Encounter?_content=late": "e",
    # Chinese names: characters, pinyin, initials, the other script, full width.
    "Patient?name=王秀英": "p1",
    "Patient?name=wang": "p1",
    "Patient?name=wang xiu ying": "p1",
    "Patient?name=WXY": "p1",
    "Patient?name=ｗｘｙ": "p1",
    "Patient?given=xiuying": "p1",
    "Patient?name=单雄信": "p2",
    "Patient?name=單": "p2",
    "Patient?name=shanxiongxin": "p2",
    "Patient?name=danxiongxin": "p2",
    "Patient?name:exact=wang": "",
    "Observation?subject:Patient.name=wxy": "o1",
}


@pytest.mark.parametrize("query", CASES)
async def test_what_leads_over_others_finds_what_it_says(house_of_care, query):
    assert sorted(await house_of_care.ids("A", query)) == CASES[query].split()


async def test_a_compartment_holds_what_belongs_to_it(house_of_care):
    house = house_of_care
    assert await house.ids("A", "Patient/p1/Observation") == ["o1"]
    assert sorted(await house.ids("A", "Patient/p2/Observation?code=718-7")) == ["o3"]
    everything = await house.search("A", "Patient/p1/*")
    assert set(names(everything)) == {"Observation/o1", "Encounter/e", "List/l"} - {"List/l"}
    assert names(await house.search("A", "Patient/p1/*?_type=Encounter")) == ["Encounter/e"]
    assert names(await house.search("A", "Practitioner/d/Observation")) == ["Observation/o1"]
    pages = await house.pages("A", "Patient/p2/*?_count=1")
    assert [names(page) for page in pages] == [["Observation/o3"], ["Observation/o2"]]
    with pytest.raises(NotFoundError):
        await house.search("A", "Patient/none/Observation")
    for place, told in {
        "Patient/p1/Organization": "Organization is in no compartment of a Patient",
        "Organization/town/Patient": "Organization has no compartment; these have one: Device,",
        "Organization/town/*": "Organization has no compartment; these have one: Device,",
    }.items():
        with pytest.raises(NotSupportedError, match=told):
            await house.search("A", place)


async def test_all_types_are_searched_by_what_all_have(house_of_care):
    house = house_of_care
    page = await house.search("A", "*?_id=p1,o1,none")
    assert set(names(page)) == {"Patient/p1", "Observation/o1"}
    page = await house.search("A", "*?_type=Patient,Practitioner&_sort=_id")
    assert names(page) == ["Practitioner/d", "Patient/p1", "Patient/p2", "Patient/p3"]
    pages = await house.pages("A", "*?_type=Patient,Practitioner&_count=3")
    assert [len(page.matches) for page in pages] == [3, 1]
    assert names(await house.search("A", "*?_content=late")) == ["Encounter/e"]
    narrow = house.narrowed("A", scopes=type(house.actor("A").scopes).parse("system/Patient.rs"))
    page = await house.search(narrow, "*?_id=p1,o1")
    assert names(page) == ["Patient/p1"]
    for query in ("*", "*?code=x", "*?_type=Colour"):
        with pytest.raises(InvalidRequestError):
            await house.search("A", query)


async def test_includes_go_on_where_they_are_told_to(house_of_care):
    house = house_of_care
    query = "Observation?_id=o1&_include=Observation:patient"
    further = "&_include:iterate=Patient:organization&_include:iterate=Organization:partof"
    assert included(await house.search("A", query)) == {"Patient/p1"}
    page = await house.search("A", query + further)
    assert included(page) == {"Patient/p1", "Organization/town", "Organization/county"}
    once = (query + further).replace(":iterate=Organization", "=Organization")
    assert included(await house.search("A", once)) == {"Patient/p1", "Organization/town"}
    for star in ("*", "Observation:*"):
        page = await house.search("A", f"Observation?_id=o1&_include={star}")
        assert included(page) == {"Patient/p1", "Practitioner/d"}
    page = await house.search("A", "Observation?_id=o1&_include:iterate=*")
    assert included(page) == {
        *("Patient/p1", "Practitioner/d", "Organization/town", "Organization/county")
    }
    page = await house.search("A", "Patient?_id=p1&_revinclude=*")
    assert included(page) == {"Observation/o1", "Encounter/e", "List/l"}
    page = await house.search("A", "Patient?_id=p1&_revinclude=Encounter:*")
    assert included(page) == {"Encounter/e"}
    back = "Organization?_id=county&_revinclude:iterate=Organization:partof"
    assert included(await house.search("A", back)) == {"Organization/town"}


async def test_what_a_list_tells_as_taken_out_is_not_in_it(house_of_care):
    flags = "urn:oid:1.2.36.1.2001.1001.101.104.16592"

    def flagged(code, system=flags):
        return {"flag": {"coding": [{"system": system, "code": code}]}}

    for id_, entries in {
        "deleted": [("p1", {}), ("p2", {"deleted": True}), ("p3", {"deleted": False})],
        "flagged": [("p1", flagged("03")), ("p2", flagged("05")), ("p3", flagged("02"))],
        "foreign": [("p1", flagged("03", "urn:x"))],
        "again": [("p1", {"deleted": True}), ("p1", {}), ("p2", {"deleted": True})],
    }.items():
        entry = [{"item": to(f"Patient/{name}")} | more for name, more in entries]
        await house_of_care.put(
            "A",
            {
                "resourceType": "List",
                "id": id_,
                "status": "current",
                "mode": "changes",
                "entry": entry,
            },
        )
    expected = {"deleted": "p1 p3", "flagged": "p3", "foreign": "p1", "again": "p1"}
    for id_, left in expected.items():
        found = await house_of_care.ids("A", f"Patient?_list={id_}")
        assert sorted(found) == left.split(), id_


async def test_what_is_not_included_is_told(house_of_care, monkeypatch):
    monkeypatch.setattr(include, "MOST", 1)
    page = await house_of_care.search("A", "Patient?_revinclude=Observation:patient")
    assert len(page.includes) == 1
    assert page.notes[0].severity == "warning"
    assert "left out" in page.notes[0].text


async def test_an_estimate_says_that_it_is_one(house_of_care, monkeypatch):
    page = await house_of_care.search("A", "Observation?_count=1&_total=estimate")
    assert (page.total, page.notes) == (4, [])
    monkeypatch.setattr(search, "ESTIMATED", 3)
    page = await house_of_care.search("A", "Observation?_count=1&_total=estimate")
    assert page.total == 3
    assert "estimate" in page.notes[0].text


async def test_any_parameter_sorts_and_what_lacks_it_comes_last(house):
    for id_, value, code in (("a", 5, "g"), ("b", 500, "mg"), ("c", None, ""), ("d", 20, "g")):
        quantity = {"value": value, "system": "http://unitsofmeasure.org", "code": code}
        more = {"valueQuantity": quantity} if value else {}
        await house.put("A", observation(id_, meta={"source": f"http://{id_}.test"}, **more))
    assert await house.ids("A", "Observation?_sort=value-quantity") == ["b", "a", "d", "c"]
    assert await house.ids("A", "Observation?_sort=-value-quantity") == ["d", "a", "b", "c"]
    assert await house.ids("A", "Observation?_sort=-_source") == ["d", "c", "b", "a"]
    assert await house.ids("A", "Observation?_sort=status,-_id") == ["d", "c", "b", "a"]
    pages = await house.pages("A", "Observation?_sort=-value-quantity&_count=1")
    assert [one.id for page in pages for one in page.matches] == ["d", "a", "b", "c"]


async def test_no_chain_shows_what_its_caller_may_not_see(house):
    hidden = concept("10351-5")  # on the sensitive list: another campus does not see it
    await house.put("A", patient("p1"))
    await house.put("A", observation("o1", "Patient/p1") | {"code": hidden})
    assert await house.ids("A", "Patient?_has:Observation:patient:code=10351-5") == ["p1"]
    assert await house.ids("B", "Patient?_has:Observation:patient:code=10351-5") == []
    await house.put("B", observation("o2", "Patient/p1", hasMember=[to("Observation/o1")]))
    assert await house.ids("A", "Observation?has-member.code=10351-5") == ["o2"]
    assert await house.ids("B", "Observation?has-member.code=10351-5") == []
    page = await house.search("B", "Patient?_id=p1&_revinclude=*")
    assert included(page) == {"Observation/o2"}


async def test_what_is_hidden_takes_no_place_among_what_is_included(house, monkeypatch):
    monkeypatch.setattr(include, "MOST", 2)
    monkeypatch.setattr(resolve, "NAMED", 2)
    await house.put("A", patient("p1"))
    await house.put("A", observation("o1"))
    await house.put("A", location("l1"))
    await house.put("A", location("l2", partOf={"reference": "Location/l1"}))
    await house.put("A", {"resourceType": "Encounter", "id": "e1", **AT_L2})
    for number in range(5):
        await house.put("C", observation(f"hidden{number}"))
        await house.put("C", location(f"hid{number}", partOf={"reference": "Location/l1"}))
    await house.deactivate("C")
    page = await house.search("B", "Patient?_id=p1&_revinclude=Observation:subject")
    assert included(page) == {"Observation/o1"}
    assert page.notes == []
    assert await house.ids("B", "Encounter?location:below=l1") == ["e1"]


def location(id_, **more):
    return {"resourceType": "Location", "id": id_, **more}


AT_L2 = {
    "status": "finished",
    "class": {"code": "AMB"},
    "location": [{"location": {"reference": "Location/l2"}}],
}
