"""`:in`, `:above` and `:below` by R4's own definitions, as by stored ones."""

import pytest

from tests.gateway.interactions.consortium import observation, patient

R4 = "http://hl7.org/fhir/ValueSet"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


def flagged(id_, code):
    flag = {"system": ABSENT, "code": code}
    return observation(id_, dataAbsentReason={"coding": [flag]})


@pytest.fixture
async def filled(house):
    for gender in ("male", "unknown"):
        await house.put("A", patient(gender, gender=gender))
    for code in ("unknown", "asked-declined", "error"):
        await house.put("A", flagged(f"o-{code}", code))
    return house


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        (f"Observation?data-absent-reason:in={R4}/data-absent-reason", 3),
        (f"Observation?data-absent-reason:not-in={R4}/data-absent-reason", 0),
        (
            f"Observation?data-absent-reason:below={ABSENT}|unknown",
            2,
        ),
        (
            f"Observation?data-absent-reason:above={ABSENT}|asked-declined",
            2,
        ),
    ],
)
async def test_codes_are_named_by_r4s_own_definitions(filled, search, expected):
    page = await filled.search("A", search)
    assert len(page.matches) == expected
