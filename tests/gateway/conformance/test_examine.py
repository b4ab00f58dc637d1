import time

import pytest

from gateway.conformance import second_opinion
from gateway.conformance.examine import examined
from gateway.errors import CostlyError
from gateway.fhir.library import Definition
from tests.gateway.conformance.looking import PROFILE, observation, profile

SECONDS = 60
NOTED = observation(note=[{"text": "x"}])
WEIGHT = "http://hl7.org/fhir/StructureDefinition/bodyweight"


class Shelf:
    """Definitions to be found, and which were asked for."""

    def __init__(self, *definitions):
        self._here = {(one["resourceType"], one["url"]): one for one in definitions}
        self.asked = []

    async def __call__(self, type_, url):
        self.asked.append(url)
        found = self._here.get((type_, url))
        return Definition((type_, url, id(found)), found) if found else None


async def test_what_is_needed_is_fetched_and_the_next_time_before():
    parent = profile(("Observation.issued", {"min": 1}), url="urn:test:parent")
    shelf = Shelf(parent, profile(parent="urn:test:parent"))
    for _ in range(2):
        found = await examined(shelf, observation(), (PROFILE,))
        assert ("required", "Observation.issued") in [(one.code, one.expression) for one in found]
        assert shelf.asked == [PROFILE, "urn:test:parent"]
        shelf.asked.clear()


async def test_definitions_of_r4_need_no_fetching():
    shelf = Shelf()
    found = await examined(shelf, observation(), (WEIGHT,))
    assert "Observation.category" in [one.expression for one in found]
    assert shelf.asked == []


async def test_profiles_that_lead_to_ever_more_end():
    async def ever(_, url):
        one = profile(url=url, parent=f"{url}x")
        return Definition(("StructureDefinition", url, 1), one)

    with pytest.raises(CostlyError):
        await examined(ever, observation(), ("urn:test:ever",))


async def test_profiles_derived_from_each_other_end():
    shelf = Shelf(profile(url="urn:a", parent="urn:b"), profile(url="urn:b", parent="urn:a"))
    with pytest.raises(CostlyError):
        await examined(shelf, observation(), ("urn:a",))


def _many(number, **said):
    rule = {"severity": "error", "human": "A test.", "expression": "true"}
    rules = [rule | said | {"key": f"k-{one}"} for one in range(number)]
    return profile(("Observation.component", {"constraint": rules}))


def _sliced(number):
    by_code = {"discriminator": [{"type": "value", "path": "code.text"}], "rules": "open"}
    return profile(
        ("Observation.component", {"slicing": by_code}),
        *(
            (f"Observation.component:s{one}.code.text", {"fixedString": f"t{one}"})
            for one in range(number)
        ),
    )


@pytest.mark.parametrize(
    "made",
    [
        _many(2_000),
        _many(2_000, expression="extension.exists() != value.exists()"),
        _many(20, expression="%resource" + ".descendants().select(%resource.descendants())" * 3),
        _sliced(2_000),
    ],
)
async def test_a_profile_that_asks_for_too_much_is_broken_off(made):
    started = time.process_time()
    components = [{"code": {"text": f"x{one}"}} for one in range(500)]
    found = await examined(Shelf(made), observation(component=components), (PROFILE,))
    assert "too-costly" in {one.code for one in found}
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "made",
    [
        profile(*((f"Observation.component:s{one}", {}) for one in range(10_001))),
        profile((".".join(["Observation", *["extension"] * 60]), {})),
    ],
)
async def test_a_profile_that_says_too_much_is_refused(made):
    with pytest.raises(CostlyError):
        await examined(Shelf(made), observation(), (PROFILE,))


async def test_a_bound_that_is_no_number_bounds_nothing():
    found = await examined(Shelf(profile(("Observation.note", {"max": "some"}))), NOTED, (PROFILE,))
    assert "structure" not in {one.code for one in found}


async def test_where_the_structure_breaks_nothing_else_is_looked_at():
    found = await examined(Shelf(), observation(status=1, dataAbsentReason={}), (PROFILE,))
    assert {one.code for one in found} == {"structure", "informational"}


async def test_the_second_opinion_is_heard():
    # R4 lets a string have any length; the library wants a text that is not white space alone.
    wrong = observation(status="final", subject=7)
    (one,) = second_opinion.ask(wrong)
    assert (one.severity, one.expression) == ("warning", "Observation.subject")
    assert second_opinion.ask(observation()) == []


@pytest.mark.parametrize("type_", ["Evidence", "MedicinalProduct", "SubstancePolymer"])
def test_the_second_opinion_is_not_asked_about_types_that_r4b_changed(type_):
    assert second_opinion.ask({"resourceType": type_, "nobody": 1}) == []
