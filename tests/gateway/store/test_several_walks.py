"""What several patients have, or several codes of theirs: many walks that are one."""

import pytest
from msgspec.structs import replace

from gateway.fhir.definitions import TYPE_IDS
from gateway.store import plan
from gateway.store.query import Patients, Query, Sort, Tokens
from gateway.store.records import UNDATED, Viewer
from tests.gateway.store.samples import DATE, STATUS, SUBJECT, SYSTEM, batch, erase, write

OBSERVATION, PATIENT = TYPE_IDS["Observation"], TYPE_IDS["Patient"]
CODE = 1005
SOME = 60
OF_ALL = Patients((SUBJECT,), ("p0", "p1", "p2", "p1"), PATIENT)
EITHER = Tokens((CODE,), ((SYSTEM, "c0"), (SYSTEM, "c1")), is_code=True)
FINAL = Tokens((STATUS,), ((None, "final"),))
UNSORTED = ()
FALLING = (Sort("date", (DATE,), descending=True, is_date=True),)
RISING = (Sort("date", (DATE,), is_date=True),)


def date_of(number):
    """Of every five one has none, and some have the same."""
    return None if number % 5 == 4 else number * 7 % 20


def codes_of(number):
    """Of every four one has both, one has neither."""
    return [f"c{code}" for code in (0, 1) if number % 4 in {code, 2}]


def sample(number):
    date = date_of(number)
    patients = [f"p{number % 3}"] + (["p1"] if number % 6 == 0 else [])
    return write(
        "Observation",
        f"o{number}",
        tokens=[(STATUS, "", "final" if number % 7 else "preliminary")],
        references=[(SUBJECT, PATIENT, one) for one in patients],
        patients=[(PATIENT, one) for one in patients],
        codes=[(SYSTEM, one) for one in codes_of(number)],
        **({} if date is None else {"date": (date, date + 1), "dates": [(DATE, date, date + 1)]}),
    )


@pytest.fixture
async def filled(store):
    await store.submit(batch(*(sample(number) for number in range(SOME))))
    return store


async def all_pages(store, query):
    """The ids of all pages, one after another."""
    found = await store.search(query)
    ids = [one.id for one in found.matches]
    while found.more:
        assert len(found.matches) + found.withheld == query.count
        found = await store.search(replace(query, mark=found.mark, after=found.last))
        ids += [one.id for one in found.matches]
    return ids


def expected(numbers, sort):
    """By date, those of one date as they came; rising is the same turned round, undated last."""

    def place(number):
        date = date_of(number)
        return -(UNDATED if date is None else date), number

    found = sorted(numbers, key=place)
    if sort == RISING:
        found = sorted(found, key=lambda one: date_of(one) is None, reverse=True)[::-1]
    return [f"o{number}" for number in found]


@pytest.mark.parametrize("count", [1, 7, SOME - 1, SOME, SOME + 1])
@pytest.mark.parametrize("sort", [UNSORTED, FALLING, RISING])
@pytest.mark.parametrize("arms", [16, 1])
async def test_pages_have_what_any_of_them_has_once_and_in_order(
    filled, monkeypatch, arms, sort, count
):
    monkeypatch.setattr(plan, "ARMS", arms)
    coded = [number for number in range(SOME) if codes_of(number)]
    final = [number for number in coded if number % 7]
    for clauses, numbers in (
        ((OF_ALL,), range(SOME)),
        ((OF_ALL, EITHER), coded),
        ((OF_ALL, EITHER, FINAL), final),
    ):
        query = Query(OBSERVATION, Viewer(1), clauses, sort=sort, count=count)
        assert await all_pages(filled, query) == expected(numbers, sort)


async def test_what_comes_between_two_pages_moves_none(filled):
    query = Query(OBSERVATION, Viewer(1), (OF_ALL, EITHER), sort=FALLING, count=10)
    whole = await all_pages(filled, query)
    page = await filled.search(query)
    gone, amended = whole[15], whole[20]
    await filled.submit(
        batch(
            write("Observation", "new", patients=[(PATIENT, "p0")], codes=[(SYSTEM, "c0")]),
            erase("Observation", gone),
            sample(int(amended[1:])),
        )
    )
    rest = await all_pages(filled, replace(query, mark=page.mark, after=page.last))
    assert rest == [one for one in whole[10:] if one != gone]


async def test_each_patient_and_code_is_a_walk_once(filled):
    ids = tuple(f"p{number}" for number in range(3))
    query = Query(OBSERVATION, Viewer(1), (Patients((SUBJECT,), ids, PATIENT), EITHER))
    made = filled.explain(query)
    assert len(made.arms) == len(set(made.arms)) == len(ids) * 2
