"""What is decided from a version itself is what a search would say of it."""

import pytest

from gateway.events.criteria import parsed
from gateway.events.facts import Facts, told
from gateway.fhir.definitions import TYPE_IDS
from gateway.store.query import Query
from tests.gateway.interactions.consortium import BASE, observation

UCUM = "http://unitsofmeasure.org"


def amount(value, code="", unit="", system=UCUM, **more):
    coded = {"system": system, "code": code} if code else {}
    return {"value": value, **coded, **({"unit": unit} if unit else {}), **more}


QUANTITIES = [
    amount(5.4, "mmol/L"),
    amount(5.40, "mmol/L", "mmol/l"),
    amount(5400, "umol/L"),
    amount(0.0054, "mol/L", comparator="<"),
    amount(5.4, unit="mmol/L"),
    amount(5.4),
    amount(5, "mg/dL", comparator=">="),
    amount(50, "mg/L", comparator=">"),
    amount(5.4, "mmol/L", system="urn:test:units"),
    amount(0, "mmol/L"),
]
DATED = [
    {"effectiveDateTime": "2026-11-22"},
    {"effectiveDateTime": "2026-11"},
    {"effectiveDateTime": "2026-11-22T08:00:00+08:00"},
    {"effectivePeriod": {"start": "2026-11-01", "end": "2026-11-30"}},
    {"effectivePeriod": {"start": "2026-11-22"}},
    {"effectivePeriod": {"end": "2026-11-21T23:00:00Z"}},
    {},
]
PATIENTS = [
    {"name": [{"family": "Wang", "given": ["Xiu Ying"]}]},
    {"name": [{"text": "王 秀英"}, {"family": "WANGER"}]},
    {"name": [{"family": "Müller", "given": ["Jo"]}]},
    {"name": [{"text": "w" * 450}], "address": [{"city": "Wangdu"}]},
    {"birthDate": "1950-01-01"},
    {},
]
PREFIXES = ("", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
AMOUNTS = ("5.4", "5", "0", "-1", "5.4|http://unitsofmeasure.org|mmol/L", "5400||umol/L")
MORE = ("5.4||mmol/L", "5.4|urn:test:units|mmol/L", "0.05|http://unitsofmeasure.org|g/L", "5.4||zz")
DAYS = ("2026-11-22", "2026-11", "2026", "2026-11-22T00:00:00Z", "2026-11-21")
ASKED = {
    "Observation": [
        *(f"value-quantity={how}{one}" for how in PREFIXES for one in (*AMOUNTS, *MORE)),
        *(f"date={how}{day}" for how in PREFIXES for day in DAYS),
        "date=2025,2026-11-22",
        "value-quantity=1,5.4",
        "date:missing=true",
    ],
    "Patient": [
        *(f"name={one}" for one in ("wang", "xiu", "王秀英", "王", "muller", "jo", "w" * 420)),
        *(f"name:exact={one}" for one in ("Wang", "wang", "王 秀英", "Müller")),
        *(f"name:contains={one}" for one in ("ang", "秀", "ying", "ww")),
        *("family=wang", "given=jo", "address=wang", "name=zz,wang", "birthdate=lt1960"),
    ],
}


@pytest.mark.parametrize("type_", ASKED)
async def test_a_version_is_judged_as_the_store_judges_it(house, type_):
    resources = (
        [observation(f"q{i}", valueQuantity=one) for i, one in enumerate(QUANTITIES)]
        + [observation(f"d{i}", **one) for i, one in enumerate(DATED)]
        if type_ == "Observation"
        else [{"resourceType": "Patient", "id": f"n{i}", **one} for i, one in enumerate(PATIENTS)]
    )
    for one in resources:
        await house.put("A", one)
    versions = [house.store.current(type_, one["id"]) for one in resources]
    actor = house.actor("A")
    viewer = house.door.viewer(actor)
    decided = found = 0
    for asked in ASKED[type_]:
        clauses, _ = await parsed(house.door, actor, type_, [tuple(asked.split("=", 1))])
        for version in versions:
            query = Query(TYPE_IDS[type_], viewer, clauses)
            really = await house.store.matches(query, version.row)
            for clause in clauses:
                judged = told(clause, Facts(house.door, version, BASE))
                assert judged in {None, really}, (asked, version.id)
                decided += judged is not None
                found += really
    assert found > 20
    assert decided > 0.7 * len(ASKED[type_]) * len(versions)
