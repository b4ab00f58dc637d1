"""Searches over several types by what all of these have: `/fhir?_type=A,B&…`."""

import pytest

from gateway.errors import InvalidRequestError
from gateway.store import pages
from tests.gateway.interactions.consortium import LOINC, concept, observation, patient, pid
from tests.gateway.interactions.defined import defined, extension, of, parameter

STATUS = "http://hl7.org/fhir/observation-status"
GENDER = "http://hl7.org/fhir/administrative-gender"


def report(id_, subject="Patient/p1", **more):
    found = {
        "resourceType": "DiagnosticReport",
        "id": id_,
        "status": "final",
        "code": concept("58410-2"),
        "subject": {"reference": subject},
    }
    return found | more


def practitioner(id_, **more):
    return {"resourceType": "Practitioner", "id": id_, **more}


@pytest.fixture
async def filled(house):
    """On both databases: several types are one statement in each."""
    name = [{"text": "王秀英"}]
    await house.put("A", patient("p1", name=name, gender="female", birthDate="1980-05-01"))
    await house.put("A", patient("p2", name=[{"text": "李明"}], identifier=[pid("A", "1")]))
    who = practitioner("d1", name=name, gender="male", identifier=[pid("A", "1")])
    await house.put("A", who)
    await house.put("A", practitioner("d2"))
    await house.put("A", observation("o1", effectiveDateTime="2026-11-20"))
    await house.put("A", observation("o2", "Patient/p2", status="preliminary", code="58410-2"))
    await house.put("A", report("r1", effectiveDateTime="2026-11-21"))
    await house.put("A", report("r2", "Patient/p2", status="preliminary", code=concept("x", "y")))
    return house


PEOPLE, RESULTS = "*?_type=Patient,Practitioner", "*?_type=Observation,DiagnosticReport"
FOUND = {
    f"{PEOPLE}&name=王": ["d1", "p1"],
    f"{PEOPLE}&name=wxy": ["d1", "p1"],
    f"{PEOPLE}&name:missing=true": ["d2"],
    f"{PEOPLE}&name:missing=false": ["d1", "p1", "p2"],
    f"{PEOPLE}&gender={GENDER}|male": ["d1"],
    f"{PEOPLE}&gender:not=male": ["d2", "p1", "p2"],
    f"{PEOPLE}&identifier=urn:hutong:A:pid|1": ["d1", "p2"],
    f"{PEOPLE}&identifier=urn:hutong:A:pid|1&name=李": ["p2"],
    f"{PEOPLE}&_id=p1,d2&name:missing=true": ["d2"],
    f"{PEOPLE}&name=王&_type=Practitioner": ["d1"],
    "*?_type=Patient&_type=Practitioner": [],
    f"{PEOPLE}&_has:Observation:patient:code=2345-7": None,
    "*?name=王&_type=Patient,Practitioner": ["d1", "p1"],
    "*?_type=Patient&birthdate=1980": ["p1"],
    f"{RESULTS}&patient=p1": ["o1", "r1"],
    f"{RESULTS}&patient=Patient/p2&code={LOINC}|58410-2": ["o2"],
    f"{RESULTS}&subject=p1&date=ge2026-11-21": ["r1"],
    f"{RESULTS}&date=lt2027": ["o1", "r1"],
    f"{RESULTS}&status=final": ["o1", "r1"],
    f"{RESULTS}&status={STATUS}|final": ["o1"],
    f"{RESULTS}&status:not={STATUS}|final": ["o2", "r1", "r2"],
    f"{RESULTS}&status:in=http://hl7.org/fhir/ValueSet/observation-status": ["o1", "o2"],
    f"{RESULTS}&patient.name=王": ["o1", "r1"],
    f"{RESULTS}&subject:Patient.name=李&status=preliminary": ["o2", "r2"],
    f"{RESULTS}&patient:missing=true": [],
    "Patient/p1/*?_type=Observation,DiagnosticReport&code=58410-2": ["r1"],
    "*?_type=Observation&code-value-quantity=2345-7$gt1": [],
}


async def test_what_all_types_named_have_is_searched_by(filled):
    found = {}
    for search, right in FOUND.items():
        if right is None:
            with pytest.raises(InvalidRequestError, match=r"leads to no Practitioner"):
                await filled.search("A", search)
            continue
        page = await filled.search("A", search)
        found[search] = sorted(one.id for one in page.matches)
        counted = await filled.search("A", f"{search}&_summary=count")
        assert (search, counted.total) == (search, len(right))
    assert found == {search: right for search, right in FOUND.items() if right is not None}


@pytest.mark.parametrize(
    ("search", "text"),
    [
        ("*?_type=Observation,Patient&name=王", "Observation has no search parameter 'name'"),
        ("*?_type=Patient,Observation&_sort=name", "Observation has no search parameter 'name'"),
        (
            "*?_type=Condition,ResearchSubject&code=x",
            "ResearchSubject has no search parameter 'code'",
        ),
        (
            "*?_type=Task,CarePlan&performer=x",
            "performer is a token of Task, a reference of CarePlan",
        ),
        ("*?name=王", "A search over all types has no search parameter 'name'"),
    ],
)
async def test_what_one_of_them_lacks_is_refused_by_name(house, search, text):
    with pytest.raises(InvalidRequestError, match=text):
        await house.search("A", search)


async def test_pages_and_orders_hold_over_several_types(filled):
    rising = await filled.search("A", f"{RESULTS}&date=ge2026&_sort=date")
    assert [one.id for one in rising.matches] == ["o1", "r1"]
    falling = await filled.search("A", "*?_sort=-name,_id&_type=Patient,Practitioner&name=王,李")
    assert [one.id for one in falling.matches] == ["d1", "p1", "p2"]
    pages = await filled.pages("A", f"{RESULTS}&status=final,preliminary&_count=1")
    assert [one.id for page in pages for one in page.matches] == ["r2", "r1", "o2", "o1"]


@pytest.mark.parametrize(
    "search",
    [
        *(f"{PEOPLE}&_sort={one}" for one in ("name", "-name", "gender", "identifier", "-_id")),
        *(f"{RESULTS}&_sort={one}" for one in ("date", "-date", "_id", "code")),
        f"{RESULTS}&status=final,preliminary&_sort=-date",
        "*?_lastUpdated=gt2020&_sort=_id",
    ],
)
async def test_what_is_too_much_to_sort_is_walked_over_several_types(filled, monkeypatch, search):
    await filled.put("A", report("r3", effectiveDateTime="2026-11-19"))
    await filled.put("A", practitioner("p1", name=[{"text": "李"}]))
    expected = [(one.type, one.id) for one in (await filled.search("A", search)).matches]
    assert len(set(expected)) == len(expected) >= 5
    with monkeypatch.context() as patched:
        patched.setattr(pages, "SORTED", 1)
        found = await filled.pages("A", f"{search}&_count=2")
        assert [(one.type, one.id) for page in found for one in page.matches] == expected


@pytest.mark.parametrize("count", [1, 2, 50])
@pytest.mark.parametrize(
    "search",
    [
        *(f"{PEOPLE}&_sort={one}" for one in ("name,-_id", "-name,gender", "gender,identifier")),
        *(f"{RESULTS}&_sort={one}" for one in ("date,_id", "-date,code", "code,-date")),
    ],
)
async def test_by_several_keys_too(filled, monkeypatch, search, count):
    sorted_ = [one.id for one in (await filled.search("A", search)).matches]
    assert len(sorted_) == 4
    monkeypatch.setattr(pages, "SORTED", 3)
    found = await filled.pages("A", f"{search}&_count={count}")
    assert [one.id for page in found for one in page.matches] == sorted_


async def test_link_sets_and_scopes_hold_over_several_types(filled):
    link = [
        {"target": {"reference": f"Patient/{one}"}, "assurance": "level4"} for one in ("p1", "p2")
    ]
    await filled.put(filled.admin(), {"resourceType": "Person", "id": "h", "link": link})
    page = await filled.search("A", f"{RESULTS}&patient=p1")
    assert sorted(one.id for one in page.matches) == ["o1", "o2", "r1", "r2"]
    assert await filled.ids("A", f"{RESULTS}&patient=p1&_linked=false") == ["r1", "o1"]
    await filled.token(1, "some", "system/Observation.rs system/Patient.rs")
    assert await filled.ids("some", f"{RESULTS}&patient=p1&_linked=false") == ["o1"]


async def test_a_parameter_that_is_defined_here_is_common_where_it_has_both_types(filled):
    both = parameter(
        "ward",
        ["Patient", "Practitioner"],
        "string",
        " | ".join(of(type_, "ward") for type_ in ("Patient", "Practitioner")),
    )
    await defined(filled, both)
    ward = [extension("ward", valueString="West")]
    await filled.put("A", patient("p3", extension=ward))
    await filled.put("A", practitioner("d3", extension=ward))
    assert await filled.ids("A", f"{PEOPLE}&ward=we") == ["d3", "p3"]
    assert len(await filled.ids("A", f"{PEOPLE}&ward:missing=true")) == 4
