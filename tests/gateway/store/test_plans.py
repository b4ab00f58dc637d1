"""What a search walks: never all resources where a patient, an id or a code is given."""

import re
import sqlite3

import pytest
from msgspec.structs import replace

from gateway.errors import CostlyError
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.measures import Measure
from gateway.store import pages, plan, sqlite
from gateway.store.connection import DATABASE
from gateway.store.query import (
    Amount,
    Campuses,
    Chain,
    Dates,
    Has,
    Ids,
    Missing,
    Not,
    Pairs,
    Patients,
    Quantities,
    Query,
    References,
    Sort,
    Strings,
    Tokens,
    Updated,
)
from gateway.store.records import Viewer
from gateway.store.statements import STATEMENTS
from tests.gateway.store.samples import DATE, NAME, STATUS, SUBJECT, SYSTEM, batch, write


@pytest.fixture
def database():
    """What is tested here is SQLite's."""
    return ""


OBSERVATION, PATIENT = TYPE_IDS["Observation"], TYPE_IDS["Patient"]
CODE, VALUE = 1005, 1006
OF_P1 = Patients((SUBJECT,), ("p1",), PATIENT)
OF_BOTH = Patients((SUBJECT,), ("p1", "p2"), PATIENT)
CODED = Tokens((CODE,), ((SYSTEM, "c1"),), is_code=True)
FINAL = Tokens((STATUS,), ((None, "final"),))
RECENT = Dates((DATE,), (("ge", 50, 60),), is_date=True)
OTHER_DATE = Dates((DATE,), (("lt", 80, 90),))
NAMED = Strings((NAME,), (("prefix", "text"),))
CHANGED = Updated((("ge", 0, 1),))
BY_DATE = Sort("date", (DATE,), descending=True, is_date=True)

SCOPED = {
    "patient": (OF_P1,),
    "patient and code": (OF_P1, CODED),
    "linked patients and code": (OF_BOTH, CODED),
    "patient and any of a system": (OF_P1, Tokens((CODE,), ((SYSTEM, None),), is_code=True)),
    "patient, code and date": (OF_P1, CODED, RECENT),
    "patient and status": (OF_P1, FINAL),
    "patient and all the rest": (OF_P1, CODED, FINAL, RECENT, OTHER_DATE, NAMED, CHANGED),
    "patient and campus": (OF_P1, Campuses((1,))),
    "patient and another reference": (OF_P1, References((SUBJECT,), ((PATIENT, "p1"),))),
    "ids": (Ids(("o61", "o62")),),
    "ids and status": (Ids(("o61", "o62")), FINAL, RECENT, NAMED, OF_P1),
    "reference": (References((SUBJECT,), ((PATIENT, "p1"),)),),
}
NARROW = {**SCOPED, "a rare code": (Tokens((CODE,), ((SYSTEM, "c1"),)), FINAL), "name": (NAMED,)}


@pytest.fixture
async def filled(store):
    await store.submit(
        batch(
            *(
                write(
                    "Observation",
                    f"o{number}",
                    tokens=[(STATUS, "", "final"), (CODE, SYSTEM, f"c{number % 20}")],
                    references=[(SUBJECT, PATIENT, f"p{number % 10}")],
                    strings=[(NAME, f"Text {number}", f"text {number}")],
                    dates=[(DATE, number, number + 1)],
                    measures=[Measure(VALUE, number, number, first=(-1, SYSTEM, "c1"))],
                    present=1,
                    patients=[(PATIENT, f"p{number % 10}")],
                    codes=[(SYSTEM, f"c{number % 20}")],
                    date=(number, number + 1),
                )
                for number in range(100)
            )
        )
    )
    return store


def steps(folder, query, made):
    """What SQLite does for a page: the statements that a search runs, each explained."""
    told = []
    connection = sqlite3.connect(folder / DATABASE)

    def run(sql, values):
        told.extend(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))
        return connection.execute(sql, values).fetchall()

    found = pages.hits(query, made, 2**62, run)
    pages.count(made, 2**62, run)
    connection.close()
    return told, found


@pytest.mark.parametrize("sort", [(), (BY_DATE,), (Sort("row"),), (Sort("token", (STATUS,)),)])
@pytest.mark.parametrize("name", NARROW)
async def test_a_narrow_search_reads_what_is_narrow_alone(filled, folder, name, sort):
    query = Query(OBSERVATION, Viewer(1, inactive=(9,)), NARROW[name], sort=sort)
    told, found = steps(folder, query, filled.explain(query))
    assert found
    scans = [step for step in told if step.startswith("SCAN")]
    assert [step for step in scans if "res" in step.split() or " r" in step] == [], told
    # Not even all of one type, or all of one index table.
    assert not [step for step in told if "res_type" in step], told
    assert not [step for step in scans if "sp_" in step or " s" in step.rstrip()[-2:]], told


@pytest.mark.parametrize("sort", [(), (Sort("row"),), (Sort("row", descending=True),)])
@pytest.mark.parametrize("clauses", [(), (Not(FINAL),), (CHANGED,)])
async def test_several_types_are_walked_each_in_its_order(filled, folder, clauses, sort):
    await filled.submit(batch(*(write("Patient", f"p{number}") for number in range(20))))
    types = (OBSERVATION, PATIENT, TYPE_IDS["Group"])
    query = Query(0, Viewer(1), clauses, sort=sort, types=types, count=130)
    told, found = steps(folder, query, filled.explain(query))
    assert not [step for step in told if "ORDER BY" in step], told
    rows = [row for _, row in found]
    assert rows == sorted(rows, reverse=not sort or sort[0].descending)
    assert len(rows) == await filled.count(query)


@pytest.mark.parametrize("sort", [(), (BY_DATE,)])
async def test_a_patients_results_come_from_the_clinical_rows_in_order(filled, folder, sort):
    query = Query(OBSERVATION, Viewer(1), (OF_P1, CODED), sort=sort)
    told, _ = steps(folder, query, filled.explain(query))
    assert "patient=? AND type=? AND code=?" in told[0]
    assert not [step for step in told if "ORDER BY" in step], told
    page = await filled.search(query)
    assert [one.id for one in page.matches] == ["o81", "o61", "o41", "o21", "o1"]


@pytest.mark.parametrize("name", SCOPED)
async def test_plans_find_what_each_clause_finds_alone(filled, name):
    """However a plan was made, its rows are those that all its clauses have in common."""
    query = Query(OBSERVATION, Viewer(1), SCOPED[name], count=1000)
    together = {one.id for one in (await filled.search(query)).matches}
    alone = [
        {
            one.id
            for one in (
                await filled.search(Query(OBSERVATION, Viewer(1), (clause,), count=1000))
            ).matches
        }
        for clause in SCOPED[name]
    ]
    assert together == set.intersection(*alone)
    assert together


@pytest.mark.parametrize("prefix", ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"])
async def test_a_date_beside_another_clause_is_looked_up_by_row(filled, folder, prefix):
    """Not by its own value, which may be that of all rows there are."""
    dated = Dates((DATE,), ((prefix, 10, 12),))
    for clauses in ((Ids(("o61",)), dated), (OF_P1, dated), (CODED, FINAL, dated, NAMED)):
        query = Query(OBSERVATION, Viewer(1), clauses)
        if filled.explain(query).driver == "sp_date":
            continue  # few of them: they lead themselves
        told, _ = steps(folder, query, filled.explain(query))
        inner = [step for step in told if "sp_date" in step or "sp_string" in step]
        assert inner
        assert all("row=? AND param=?" in step for step in inner), told


@pytest.mark.parametrize("prefix", ["ne", "gt", "ge", "ap"])
@pytest.mark.parametrize("params", [(DATE,), (DATE, DATE + 1)])
async def test_what_ends_later_is_entered_near_its_begin_or_as_one_that_is_long(
    filled, folder, prefix, params
):
    """Never all that have a date, nor all that began before."""
    query = Query(OBSERVATION, Viewer(1), (Dates(params, ((prefix, 97, 98),)),))
    told, found = steps(folder, query, filled.explain(query))
    assert found
    entered = [step for step in told if " s " in step]
    assert [step for step in entered if "sp_date_long (param=? AND hi>?)" in step], told
    assert [step for step in entered if "PRIMARY KEY (param=? AND lo>?" in step], told
    others = [step for step in entered if "hi>?" not in step and "lo>?" not in step]
    assert others == [], told


@pytest.mark.parametrize("descending", [True, False])
async def test_a_walk_over_the_dates_sorts_nothing(filled, folder, monkeypatch, descending):
    monkeypatch.setattr(pages, "SORTED", 3)
    sort = Sort("date", (DATE,), descending=descending, is_date=True)
    query = Query(OBSERVATION, Viewer(1), (FINAL,), sort=(sort,), count=3)
    for after in (None, (50, 2**61)):
        told, found = steps(folder, replace(query, after=after), filled.explain(query))
        assert len(found) == 4
        assert not [step for step in told if "ORDER BY" in step], told


async def test_many_rows_in_no_order_are_not_sorted_for_one_page(filled, folder, monkeypatch):
    wide = Dates((DATE,), (("ge", 0, 1),))
    query = Query(OBSERVATION, Viewer(1), (wide, NAMED), count=3)
    assert filled.explain(query).driver in {"sp_date", "sp_string"}
    monkeypatch.setattr(plan, "PROBE", 5)
    assert filled.explain(query).driver in {"sp_date", "sp_string"}
    monkeypatch.setattr(plan, "SORTABLE", 50)
    assert filled.explain(query).driver == "type"
    told, found = steps(folder, query, filled.explain(query))
    assert [row for _, row in found] == sorted((row for _, row in found), reverse=True)
    assert not [step for step in told if "ORDER BY" in step], told
    with_order = Query(OBSERVATION, Viewer(1), (wide, FINAL))
    assert filled.explain(with_order).driver == "sp_token"
    rare = Query(OBSERVATION, Viewer(1), (wide, FINAL, Dates((DATE,), (("lt", 20, 21),))))
    assert filled.explain(rare).driver == "sp_date"


async def test_point_reads_use_an_index_for_every_step(filled, folder):
    connection = sqlite3.connect(folder / DATABASE)
    for name in (
        *("current", "current_by_key", "current_by_row", "version", "history", "key_id", "digest"),
        *("by_business_key", "audience_of", "holders_of", "joined_by_8", "referring", "last_row"),
        *("current_of_8", "digests_of_8", "key_ids_of_8", "key_names_of_8", "naming_of_8"),
        *("carrying_of_8", "ledger_reminded_of_8"),
    ):
        sql = STATEMENTS[name]
        values = (1,) * sql.count("?")
        told = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
        assert told, name
        assert not [step for step in told if step.startswith("SCAN")], (name, told)
    connection.close()
    assert filled.current("Observation", "o1")


async def test_what_takes_too_long_here_is_done_in_a_thread(filled, monkeypatch):
    monkeypatch.setattr(sqlite, "OPCODES", 1)
    monkeypatch.setattr(sqlite, "INLINE_SECONDS", -1)
    query = Query(OBSERVATION, Viewer(1), (NAMED, FINAL), count=1000)
    assert len((await filled.search(query)).matches) == 100
    assert await filled.count(query) == 100
    assert await filled.scan("last_row") == filled.fetch("last_row")
    monkeypatch.setattr(sqlite, "SCAN_SECONDS", -1)
    with pytest.raises(CostlyError):
        await filled.search(query)
    # The connection is free of its deadline afterwards.
    assert filled.current("Observation", "o1").version == 1


async def test_a_search_that_no_index_narrows_still_ends(filled):
    """Beyond the deadline of the event loop the work goes on in a thread."""
    many = Strings((NAME,), (("contains", "xt 4"),))
    found = await filled.search(Query(OBSERVATION, Viewer(1), (many, FINAL), count=1000))
    assert {one.id for one in found.matches} == {"o4", *(f"o4{digit}" for digit in range(10))}


@pytest.mark.parametrize("linked", [True, False])
async def test_a_chain_that_is_tried_row_by_row_enters_every_table_by_what_is_known(
    filled, folder, linked
):
    deeper = Has((SUBJECT,), OBSERVATION, (CODED, Missing((1,), missing=False)))
    chain = Chain((SUBJECT,), PATIENT, (FINAL, deeper), linked=linked)
    query = Query(OBSERVATION, Viewer(1), (chain, Not(CODED)))
    told, _ = steps(folder, query, filled.explain(query))
    reached = [step for step in told if re.search(r"(SEARCH|SCAN) (q|f|s|i)\d? ", step)]
    assert len(reached) >= 5
    assert not [step for step in reached if "SCAN" in step or "(type=?" in step], told


async def test_numbers_are_entered_by_their_unit_and_tried_by_the_row(filled, folder):
    amount = Amount("gt", 5.0, 4.5, 5.5)
    for clauses in (
        (Quantities((VALUE,), (amount,)),),
        (OF_P1, Quantities((VALUE,), (amount,))),
        (Pairs((VALUE,), ((("token", (None, "c1")), amount, None),)),),
    ):
        query = Query(OBSERVATION, Viewer(1), clauses)
        told, _ = steps(folder, query, filled.explain(query))
        inner = [step for step in told if re.search(r"SEARCH s .*", step)]
        assert inner
        wanted = "row=? AND param=?" if len(clauses) > 1 else "param=? AND value=? AND unit=?"
        assert all(wanted in step for step in inner), told
