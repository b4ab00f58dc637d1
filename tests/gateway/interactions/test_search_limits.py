"""As many values as one parameter may have, of whatever kind, and the bounds of what is asked."""

import pytest

from gateway.errors import CostlyError, InvalidRequestError, NotFoundError
from gateway.interactions.clauses import MAX_VALUES
from gateway.store import pages
from tests.gateway.interactions.consortium import LOINC, observation, patient

GLUCOSE = f"{LOINC}|2345-7"
OBSERVATION = {
    "effectiveDateTime": "2026-11-20",
    "valueQuantity": {"value": 7.5, "unit": "mmol/L"},
    "code": {"coding": [{"system": LOINC, "code": "2345-7", "display": "w7 in serum"}]},
}
LIST = {
    "status": "current",
    "mode": "working",
    "entry": [{"item": {"reference": "Observation/o1"}}],
}
MANY = {
    "Patient?name={}": ("n{}", ["p1"]),
    "Patient?name:exact={}": ("N{}", ["p1"]),
    "Patient?name:contains={}": ("n{}", ["p1"]),
    "Patient?birthdate={}": ("{:04}-05-02", ["p1"]),
    "Patient?_lastUpdated={}": ("lt{:04}-05-02", []),
    "Patient?_content={}": ("n{}", ["p1"]),
    "Patient?_has:Observation:patient:value-quantity={}": ("{}.5", ["p1"]),
    "Observation?patient.name={}": ("n{}", ["o1"]),
    "Observation?patient=p1&date={}": ("ge{:04}-05-02", ["o1"]),
    "Observation?code:text={}": ("w{}", ["o1"]),
    "Observation?value-quantity={}": ("{}.5||mmol/L", ["o1"]),
    "Observation?code-value-quantity={}": (f"{GLUCOSE}${{}}.5", ["o1"]),
    "Observation?combo-code-value-quantity={}": (f"{GLUCOSE}${{}}.5", ["o1"]),
    "Observation?component-code-value-quantity={}": (f"{GLUCOSE}${{}}.5", []),
    "ValueSet?url:below={}": ("http://example.org/{}", []),
    "Location?near={}": ("30.{}|120|5|km", []),
    "RiskAssessment?probability={}": ("0.{}", []),
    "*?_type=Patient,Practitioner&name={}": ("n{}", ["p1"]),
}


@pytest.fixture
async def filled(house):
    await house.put("A", patient(name=[{"text": "N7"}], birthDate="0007-05-02"))
    await house.put("A", observation("o1") | OBSERVATION)
    return house


async def test_any_parameter_takes_as_many_values_as_are_promised(filled):
    found = {}
    for search, (each, _) in MANY.items():
        text = ",".join(each.format(number) for number in range(1, MAX_VALUES + 1))
        found[search] = await filled.ids("A", search.format(text))
    assert found == {search: right for search, (_, right) in MANY.items()}


async def test_an_id_alone_may_be_of_any_type(filled):
    await filled.put("A", {"resourceType": "List", "id": "l1", **LIST})
    ids = ",".join(f"n{number}" for number in range(MAX_VALUES - 2))
    assert await filled.ids("A", f"List?item={ids},o1") == ["l1"]
    assert sorted(await filled.ids("A", f"*?_id={ids},o1,p1")) == ["o1", "p1"]


async def test_a_null_character_is_found_nowhere(filled):
    for search in ("name=N7", "name:exact=N7", "_content=N7", "_id=p1", "_source=http://a"):
        assert await filled.ids("A", f"Patient?{search}\0") == []
    for search in ("code=2345-7", "code:text=w7", "subject=Patient/p1", "value-quantity=7.5||a"):
        assert await filled.ids("A", f"Observation?{search}\0") == []
    with pytest.raises(NotFoundError):
        await filled.read("A", "Patient/p1\0")


@pytest.mark.parametrize("first", ["_lastUpdated", "-_lastUpdated", "_id", "-_id"])
async def test_what_follows_a_key_that_nothing_shares_orders_nothing(filled, monkeypatch, first):
    for id_ in ("o3", "o2"):
        await filled.put("A", observation(id_))
    expected = await filled.ids("A", f"Observation?_sort={first}")
    monkeypatch.setattr(pages, "SORTED", 1)
    assert await filled.ids("A", f"Observation?_sort={first},-date,code") == expected
    with pytest.raises(InvalidRequestError, match="no search parameter 'nothing'"):
        await filled.search("A", f"Observation?_sort={first},nothing")
    with pytest.raises(CostlyError):
        await filled.search("A", f"Observation?_sort=status,{first}")


@pytest.mark.parametrize(
    "name", ["subject.", "subject:", "subject:Patient.", "patient..name", "code:"]
)
async def test_a_name_that_ends_too_early_is_refused(filled, name):
    with pytest.raises(InvalidRequestError, match="no search parameter"):
        await filled.search("A", f"Observation?{name}=p1")
