"""Every search finds what the naive evaluator finds."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.gateway.interactions import naive, sample
from tests.gateway.interactions.consortium import LOINC, ZONE, Consortium
from tests.gateway.interactions.naive import ALIAS, CITIZEN, GENDER, PREFIXES, SPECIAL, STATUS

DATES = (
    "2026",
    "2026-11",
    "2026-11-22",
    "2026-11-21",
    "2026-11-22T00:00:00+08:00",
    "2026-11-22T08:00",
    "2026-11-22T18:15:30",
    "2026-11-22T10:15:30Z",
    "2026-11-22T10:15:30.123456Z",
    "2024-02-29",
    "1899",
    "2030-01-01",
)
OWN = sample.OWN
QUERIES = {
    "Observation": [
        "code=718-7",
        f"code={LOINC}|718-7",
        f"code={LOINC}|",
        "code=|718-7",
        f"code={OWN}|",
        f"code={OWN}|718-7,{LOINC}|2345-7",
        "code=718-7,HGB",
        "code=nothing",
        f"code={LOINC}|nothing",
        "code=urn:nowhere|718-7",
        f"code={LOINC}|718-7&code={OWN}|HGB",
        "category=laboratory&status=final,amended&code=718-7",
        "identifier=n0",
        "identifier=urn:x|n1,urn:x|n2",
        "identifier=urn:x|",
        "status=final",
        "status=final&status=amended",
        f"status={STATUS}|final",
        f"status={STATUS}|final,amended&patient=p1",
        f"status={STATUS}|&code=718-7",
        "status=|final",
        f"status={GENDER}|final",
        f"code={STATUS}|final",
        "subject=Patient/p1",
        "subject=p1",
        "subject:Patient=p1",
        "subject:Group=p1",
        "subject=Group/p1",
        "subject=http://hutong.test/fhir/Patient/p1",
        "subject=http://elsewhere.test/fhir/Patient/p1",
        "subject=Device/d1,Patient/p2",
        "subject=Patient/none",
        "patient=p1",
        "patient=Patient/p1,Patient/p3",
        "patient=Group/p1",
        "patient=p1&subject=Patient/p1",
        "patient=p1&subject=Patient/p2",
        "patient=p2&code=718-7",
        f"patient=Patient/p2&code={LOINC}|718-7,{OWN}|HGB",
        f"patient=Patient/p2&code={LOINC}|",
        "patient=p1&status=final&category=exam",
        "patient=p1&date=2026-11-22",
        "patient=p1&date=ge2026-11-20&date=lt2026-11-23",
        "patient=p1&code=718-7&date=ge2026&status=final,preliminary",
        "patient=p1&date=2026-11-21,2024-02-29",
        "date=ge2026-11-22&date=le2026-11-22",
        "date=2024-02-29,1900-01-01",
        "date=lt2026&status=final",
        "_id=o1",
        "_id=o1,o2,o99,none",
        "_id=o1,o2,o3,o4,o5&_id=o5,o4,o77",
        "_id=o0,o1,o2,o3,o4,o5,o6&status=final",
        "_id=o0,o1,o2,o3,o4,o5,o6&patient=p1&code=718-7",
        "_id=o0,o1,o2,o3,o4,o5,o6,o11,o12,o13&date=ge2026-11-22&category=exam",
    ],
    "Patient": [
        "name=王",
        "name=王秀英",
        "name=秀英",
        "name=刘德华",
        "name=劉德華",
        "name=德",
        "family=劉",
        "family:exact=劉",
        "name:exact=刘",
        "name=chen",
        "name=CHEN LI",
        "name=ｃｈｅｎ",
        "name:contains=hen l",
        "name:contains=EN",
        "name=muller",
        "name=MÜLLER",
        "family=van  der",
        "family:contains=der b",
        "name=王,陈",
        "name:exact=王,Chen",
        "name=王&name=秀",
        "name:contains=丽",
        "name=nobody",
        f"identifier={CITIZEN}|x1",
        f"identifier={ALIAS}|x1",
        f"identifier={ALIAS}|",
        "identifier=x1",
        "identifier=|bare0",
        "identifier=urn:y|x2,urn:y|x5,x7",
        "gender=female",
        f"gender={GENDER}|female",
        f"gender={GENDER}|",
        f"gender={STATUS}|female",
        f"active={SPECIAL}|false",
        "active=|true",
        "gender=female,male&active=true",
        "active=false",
        "name=王&birthdate=1980",
        "_id=p1,p2,p3,p4&gender=male&name=王,刘",
        "_id=p1,p2,p3,p4&birthdate=ge1980-02",
    ],
}
for prefix in ("", *PREFIXES):
    QUERIES["Observation"] += [f"date={prefix}{text}" for text in DATES]
    QUERIES["Observation"] += [f"patient=p1&date={prefix}{text}" for text in DATES]
    QUERIES["Patient"] += [
        f"birthdate={prefix}{text}" for text in ("1980", "1980-02", "1980-02-29", "2000-12")
    ]
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(schema_copy):
    """A consortium with the sample in it, and the loop that it lives in."""
    loop = asyncio.new_event_loop()
    house = Consortium(schema_copy)
    everything = [*sample.patients(), *sample.observations()]

    async def fill():
        await house.open()
        await asyncio.gather(*(house.put("A", one) for one in everything))

    loop.run_until_complete(fill())
    house.clock.ahead = round(NOW.timestamp() * 1e6) - house.clock()
    yield house, loop, everything
    loop.run_until_complete(house.close())
    loop.close()


def expected(everything, type_, params):
    return {
        one["id"]
        for one in everything
        if one["resourceType"] == type_ and naive.matches(one, params, ZONE, NOW)
    }


@pytest.mark.parametrize("type_", QUERIES)
def test_every_search_finds_what_looking_at_all_finds(filled, type_):
    house, loop, everything = filled
    wrong = {}
    found_any = 0
    for query in QUERIES[type_]:
        params = [tuple(one.split("=", 1)) for one in query.split("&")]
        right = expected(everything, type_, params)
        page = loop.run_until_complete(house.search("B", f"{type_}?{query}&_count=1000"))
        found = [one.id for one in page.matches]
        found_any += bool(found)
        if set(found) != right or len(found) != len(right) or page.total != len(right):
            wrong[query] = (sorted(set(found) - right), sorted(right - set(found)), len(found))
    assert wrong == {}
    assert found_any > len(QUERIES[type_]) / 2


@pytest.mark.parametrize("type_", QUERIES)
def test_every_count_is_the_number_of_what_is_found(filled, type_):
    house, loop, everything = filled
    for query in QUERIES[type_][::3]:
        params = [tuple(one.split("=", 1)) for one in query.split("&")]
        right = len(expected(everything, type_, params))
        page = loop.run_until_complete(house.search("B", f"{type_}?{query}&_summary=count"))
        assert (query, page.total, page.matches) == (query, right, [])
        page = loop.run_until_complete(
            house.search("B", f"{type_}?{query}&_total=accurate&_count=3")
        )
        assert (query, page.total) == (query, right)


@pytest.mark.parametrize("sort", ["", "_lastUpdated", "date", "-date", "_id", "-status,date"])
@pytest.mark.parametrize("query", ["", "patient=p1", "status=final", "code=718-7", "patient=p1,p2"])
def test_pages_of_any_size_give_the_same_rows_in_the_same_order(filled, query, sort):
    house, loop, everything = filled
    params = [tuple(one.split("=", 1)) for one in query.split("&") if one]
    right = expected(everything, "Observation", params)
    address = "&".join([query, f"_sort={sort}"] if sort else [query])
    orders = []
    for count in (3, 7, 1000):
        pages = loop.run_until_complete(
            house.pages("B", f"Observation?{address}&_count={count}".replace("?&", "?"))
        )
        orders.append([one.id for page in pages for one in page.matches])
        assert all(len(page.matches) == count for page in pages[:-1])
    assert orders[0] == orders[1] == orders[2]
    assert set(orders[0]) == right
    assert len(orders[0]) == len(right)
