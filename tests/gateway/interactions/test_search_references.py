"""What a reference may be asked for by, and what it may be written as: search.html#reference."""

import pytest

from gateway.errors import InvalidRequestError, NotSupportedError
from tests.gateway.interactions.consortium import BASE, observation, patient

FOREIGN = "http://other.test/fhir"
FORM = "http://forms.test/Questionnaire/sleep"


def answers(id_, questionnaire):
    return {
        "resourceType": "QuestionnaireResponse",
        "id": id_,
        "status": "completed",
        "questionnaire": questionnaire,
    }


@pytest.fixture
async def referring(house):
    for one in (
        patient(),
        observation("own"),
        observation("whole", f"{BASE}/Patient/p1"),
        observation("old", f"{BASE}/Patient/p1/_history/1"),
        observation("away", f"{FOREIGN}/Patient/p1/_history/4"),
        observation("none", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"),
        answers("version", f"{FORM}|2"),
        answers("plain", FORM),
        answers("here", f"{BASE}/Questionnaire/q"),
        answers("short", "Questionnaire/q"),
    ):
        await house.put("A", one)
    return house


FOUND = {
    "Observation?subject=Patient/p1": ["old", "own", "whole"],
    f"Observation?subject={BASE}/Patient/p1": ["old", "own", "whole"],
    "Observation?subject:Group=p1": [],
    f"Observation?subject={FOREIGN}/Patient/p1": ["away"],
    f"Observation?patient={FOREIGN}/Patient/p1": ["away"],
    f"Observation?subject:Patient={FOREIGN}/Patient/p1": ["away"],
    f"Observation?subject:Group={FOREIGN}/Patient/p1": [],
    "Observation?subject=urn:uuid:c757873d-ec9a-4326-a141-556f43239520": ["none"],
    f"QuestionnaireResponse?questionnaire={FORM}": ["plain", "version"],
    f"QuestionnaireResponse?questionnaire={FORM}|2": ["version"],
    f"QuestionnaireResponse?questionnaire={FORM}|3": [],
    f"QuestionnaireResponse?questionnaire={BASE}/Questionnaire/q": ["here", "short"],
    "QuestionnaireResponse?questionnaire=Questionnaire/q": ["here", "short"],
}


@pytest.mark.parametrize("query", FOUND)
async def test_a_reference_is_found_however_it_is_written(referring, query):
    assert sorted(await referring.ids("A", query)) == FOUND[query]


@pytest.mark.parametrize("address", ["Patient/p1", f"{BASE}/Patient/p1", f"{FOREIGN}/Patient/p1"])
async def test_a_reference_is_not_asked_for_by_its_version(referring, address):
    with pytest.raises(InvalidRequestError, match="without a version"):
        await referring.search("A", f"Observation?subject={address}/_history/1")


@pytest.mark.parametrize(
    "query",
    [
        "QuestionnaireResponse?questionnaire.title=sleep",
        "QuestionnaireResponse?questionnaire:Questionnaire.url=x",
        "QuestionnaireResponse?_include=QuestionnaireResponse:questionnaire",
        "Questionnaire?_revinclude=QuestionnaireResponse:questionnaire",
        "Questionnaire?_has:QuestionnaireResponse:questionnaire:status=completed",
    ],
)
async def test_a_canonical_is_not_followed_and_says_so(referring, query):
    with pytest.raises(NotSupportedError, match="canonical addresses"):
        await referring.search("A", query)
    assert await referring.ids("A", "QuestionnaireResponse?_include=*&_id=plain") == ["plain"]
