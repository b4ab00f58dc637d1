"""What is longer than an entry of an index is stored and found all the same."""

import random
import string

import pytest

from tests.gateway.interactions.consortium import concept, observation, patient

LENGTHS = [500, 601, 3_000, 20_000]
SIGNS = string.ascii_letters + string.digits


def noise(length, seed):
    """A word of random letters: nothing makes it shorter."""
    return "".join(random.Random(seed).choices(SIGNS, k=length))  # noqa: S311 - no secret


@pytest.mark.parametrize("length", LENGTHS)
async def test_long_values_are_found_whole_and_told_apart(house, length):
    start = noise(length, 1)
    one, other = start + "1", start + "2"
    for id_, word in (("p1", one), ("p2", other)):
        await house.put(
            "A",
            patient(
                id_,
                identifier=[{"system": f"urn:example:{word}", "value": word}],
                name=[{"family": word}],
                generalPractitioner=[{"reference": f"http://example.org/{word}"}],
            ),
        )
        code = concept(word, f"urn:example:{word}")
        await house.put("A", observation(f"o-{id_}", f"Patient/{id_}") | {"code": code})
    for id_, word in (("p1", one), ("p2", other)):
        for query in (
            f"identifier=urn:example:{word}|{word}",
            f"identifier={word}",
            f"identifier=urn:example:{word}|",
            f"family:exact={word}",
            f"family={word}",
            f"family:contains={word[3:]}",
            f"general-practitioner=http://example.org/{word}",
        ):
            assert await house.ids("A", f"Patient?{query}") == [id_], query[:30]
        found = await house.ids("A", f"Observation?code=urn:example:{word}|{word}")
        assert found == [f"o-{id_}"]
    assert sorted(await house.ids("A", f"Patient?family={start}")) == ["p1", "p2"]
    assert sorted(await house.ids("A", f"Patient?family={start[:20]}")) == ["p1", "p2"]
    assert await house.ids("A", f"Patient?family={start}3") == []
