"""Fifty callers of two api processes ask for one thing at once: exactly one is made."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.running import ANSWER_SECONDS, Gateway, gateway

CALLERS = 50


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("storm") / "data"
    with gateway(folder, HUTONG_API_PROCESSES="2") as running:
        running.campus("A")
        yield running


def patient(word: str, number: int) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:example:card", "value": word}],
        "name": [{"family": word}],
        "birthDate": f"{1950 + number}-01-01",
    }


async def storm(
    served: Gateway, word: str, method: str, query: str, **headers: str
) -> Counter[int]:
    """Return how often each status came; each caller has a connection and a birth date."""

    async def one(number: int) -> int:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
            answer = await client.request(
                method,
                f"{served.url}/fhir/Patient{query}",
                json=patient(word, number),
                headers={**served.as_campus("A"), **headers},
            )
            return answer.status_code

    return Counter(await asyncio.gather(*map(one, range(CALLERS))))


def found(served: Gateway, word: str) -> int:
    answer = served.get("A", "/fhir/Patient", family=word, _summary="count")
    total: int = answer.json()["total"]
    return total


@pytest.mark.parametrize(
    ("word", "criteria"),
    [
        ("token", "identifier=urn:example:card|token"),
        ("string", "family=string"),
        ("several", "family=several&birthdate=ge1950&identifier=several"),
    ],
)
async def test_conditional_creates_make_one(served: Gateway, word: str, criteria: str) -> None:
    statuses = await storm(served, word, "POST", "", **{"If-None-Exist": criteria})
    assert statuses == {201: 1, 200: CALLERS - 1}
    assert found(served, word) == 1


async def test_conditional_updates_make_one(served: Gateway) -> None:
    statuses = await storm(served, "update", "PUT", "?identifier=update")
    assert statuses == {201: 1, 200: CALLERS - 1}
    assert found(served, "update") == 1
    history = served.get("A", "/fhir/Patient", family="update").json()
    assert history["entry"][0]["resource"]["meta"]["versionId"] == str(CALLERS)
