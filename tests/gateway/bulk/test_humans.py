"""Who is one human stays so in an import, however its Patients fall into portions."""

import pytest

from mappers.names import CITIZEN_ID
from tests.gateway.bulk.test_import import citizen_id, ndjson, told
from tests.gateway.interactions.consortium import patient

ROWS = 10


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr("gateway.bulk.portion.ROWS", ROWS)


def numbered(id_, number):
    """A Patient with a citizen ID as it was typed."""
    return patient(
        id_,
        identifier=[{"system": CITIZEN_ID, "value": number}],
        name=[{"text": "王小明"}],
        birthDate="1990-03-07",
        gender="male",
    )


def others(begin):
    return [patient(f"o{begin + number}") for number in range(ROWS - 1)]


def merged(id_, into):
    """A Patient that its campus merged into another."""
    return patient(id_, link=[{"other": {"reference": into}, "type": "replaced-by"}], active=False)


@pytest.mark.parametrize("into", ["Patient/a", "Patient/a/_history/1"])
async def test_a_merge_into_a_patient_of_the_portion_before_joins_both(county, into):
    lines = [patient("a"), *others(0), merged("b", into), *others(100)]
    assert (await county.imported("A", ndjson(*lines)))[0] == told(created=len(lines))
    assert county.house.store.link_set(["a"])[0] == {"a", "b"}


async def test_a_merge_into_a_patient_of_the_next_portion_joins_both(county):
    lines = [merged("b", "Patient/a"), *others(0), patient("a"), *others(100)]
    assert (await county.imported("A", ndjson(*lines)))[0] == told(created=len(lines))
    assert county.house.store.link_set(["a"])[0] == {"a", "b"}


async def test_numbers_that_differ_in_the_case_of_their_last_digit_are_one_human(county):
    number = next(one for one in map(citizen_id, range(50)) if one.endswith("X"))
    await county.imported("B", ndjson(numbered("b", number)))
    lines = [numbered("a", number), *others(0), numbered("c", number.lower()), *others(100)]
    assert (await county.imported("A", ndjson(*lines)))[0] == told(created=len(lines))
    assert county.house.store.link_set(["a"])[0] == {"a", "b", "c"}
