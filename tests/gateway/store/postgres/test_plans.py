"""What PostgreSQL walks behind the wall: rows by an index, never all that there are."""

import re

import psycopg
import pytest

from gateway.fhir.definitions import TYPE_IDS
from gateway.store import pages
from gateway.store.postgres import wall
from gateway.store.postgres.connection import SETTINGS, Connection
from gateway.store.postgres.dialect import translated
from gateway.store.postgres.store import Window
from gateway.store.query import Chain, Dates, Has, Patients, Query, Sort, Strings, Texts, Tokens
from gateway.store.records import Viewer
from gateway.store.statements import STATEMENTS
from gateway.store.statements.resources import NAMING
from tests.databases import change
from tests.gateway.store.samples import DATE, NAME, STATUS, SUBJECT, SYSTEM, batch, write

OBSERVATION, PATIENT = TYPE_IDS["Observation"], TYPE_IDS["Patient"]
CODE, GENDER = 1005, 1007
MANY = 1_000
"""Of so many the server no longer finds that to walk all is the least."""
CODED = Tokens((CODE,), ((SYSTEM, "c1"),), is_code=True)
FEMALE = Tokens((GENDER,), ((None, "female"),))
BOTH = Patients((SUBJECT,), ("p1", "p2"), PATIENT)
BY_DATE = (Sort("date", (DATE,), descending=True, is_date=True),)
ASKED = {
    "patients": (OBSERVATION, (BOTH, CODED)),
    "chain": (OBSERVATION, (Chain((SUBJECT,), PATIENT, (FEMALE,)), CODED)),
    "linked chain": (OBSERVATION, (Chain((SUBJECT,), PATIENT, (FEMALE,), linked=True), CODED)),
    "has": (PATIENT, (Has((SUBJECT,), OBSERVATION, (CODED,)), FEMALE)),
}


@pytest.fixture
async def filled(store, folder):
    patients = [
        write("Patient", f"p{number}", tokens=[(GENDER, "", "female")]) for number in range(MANY)
    ]
    persons = [
        write("Person", f"h{number}", certain=[(PATIENT, f"p{number + one}") for one in (0, 1)])
        for number in range(0, MANY, 4)
    ]
    observations = [
        write(
            "Observation",
            f"o{number}",
            tokens=[(STATUS, "", "final"), (CODE, SYSTEM, f"c{number % 50}")],
            references=[(SUBJECT, PATIENT, f"p{number % MANY}")],
            dates=[(DATE, number, number + 1)],
            patients=[(PATIENT, f"p{number % MANY}")],
            codes=[(SYSTEM, f"c{number % 50}")],
            texts=[(CODE, f"words {number % 500}")],
            strings=[(NAME, f"Text {number}", f"text {number}")],
            date=(number, number + 1),
        )
        for number in range(2 * MANY)
    ]
    for part in (patients, persons, observations):
        await store.submit(batch(*part))
    change(folder, ("ANALYZE", ()))
    return store


@pytest.mark.parametrize("sort", [(), BY_DATE])
@pytest.mark.parametrize("name", ASKED)
async def test_rows_are_entered_by_what_is_known_of_them(filled, url, name, sort):
    type_, clauses = ASKED[name]
    query = Query(type_, Viewer(1, inactive=(9,)), clauses, sort=sort, count=2)
    window = Window(url, 5)
    run = window.for_viewer(query.viewer)
    told: list[str] = []

    def explained(sql, values):
        told.extend(text for (text,) in run(f"EXPLAIN (COSTS OFF) {sql}", values))
        return run(sql, values)

    found = pages.hits(query, filled.explain(query), 2**62, explained)
    window.close()
    assert len(found) >= query.count
    scans = [
        (line.strip(), below.strip())
        for line, below in zip(told, [*told[1:], ""], strict=True)
        if re.search(r"Scan (using \w+ )?on \w+", line) and "CTE" not in line
    ]
    assert scans
    walked = [
        line for line, below in scans if not below.startswith(("Index Cond:", "Recheck Cond:"))
    ]
    # What is walked in its order is walked by an index, and what is linked by the few it found.
    assert [one for one in walked if not re.search(r"WorkTable|Subquery Scan", one)] == [], (
        "\n".join(told)
    )


MANY_NAMES = ("c",) * 32


@pytest.fixture(scope="module")
def new(postgres):
    """A database that no test has used: what was looked at once is known to have been empty."""
    url = postgres.made()
    yield url
    postgres.drop(url)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("carrying_of_32", (CODE, SYSTEM, *MANY_NAMES, 9)),
        ("naming_of_32", (SUBJECT, PATIENT, *MANY_NAMES, 9)),
        ("current_of_32", (PATIENT, *MANY_NAMES)),
        ("digests_of_32", (PATIENT, *MANY_NAMES)),
        ("joined_by_32", (PATIENT, *MANY_NAMES)),
        ("hiding_of_32", (SUBJECT, *range(32))),
        ("named_since_32", (PATIENT, *MANY_NAMES, *range(NAMING), 9)),
    ],
)
async def test_an_empty_database_plans_for_the_rows_that_will_come(new, name, values):
    connection = Connection(new)
    sql = f"EXPLAIN (COSTS OFF) {STATEMENTS[name]}"
    plan = "\n".join(text for (text,) in connection.run(sql, values))
    connection.close()
    # A filter on a join says that one side is walked as a whole for each row of the other.
    assert "Join Filter" not in plan, plan


RARE = {
    "words": Texts((CODE,), (("words", "77"),)),
    "beginnings": Strings((NAME,), (("prefix", "text 19"), ("sound", "wxy"))),
    "several codes": Tokens((CODE,), ((SYSTEM, "c1"), (SYSTEM, "c2"))),
    "late": Dates((DATE,), (("gt", 1_990, 1_990),)),
    "several late": Dates((DATE, NAME), (("gt", 1_990, 1_990),)),
    "a system": Tokens((CODE,), ((SYSTEM, None),)),
}


@pytest.mark.parametrize("also", [(), (Chain((SUBJECT,), PATIENT, (FEMALE,), linked=True),)])
@pytest.mark.parametrize("name", RARE)
async def test_what_is_rare_is_entered_by_it_whatever_the_values(filled, url, name, also):
    """A plan is made once for all values: the server does not know how few rows there are."""
    query = Query(OBSERVATION, Viewer(1), (RARE[name], *also), count=2)
    told: list[str] = []
    with psycopg.connect(url, autocommit=True) as connection:
        for setting, value in SETTINGS.items():
            connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
        connection.execute(f"SET ROLE {wall.READER}")

        def explained(sql, values):
            made = translated(sql)
            given = iter(values)
            words = ",".join(
                _literal([next(given) for _ in range(count)], count > 1) for count in made.places
            )
            connection.execute(f"PREPARE asked AS {made.text}".encode())
            told.extend(
                text for (text,) in connection.execute(f"EXPLAIN EXECUTE asked({words})".encode())
            )
            connection.execute("DEALLOCATE asked")
            return []

        plan = filled.explain(query)
        pages.hits(query, plan, 2**62, explained)
    assert plan.driver.startswith("sp_")
    assert told
    assert not [line for line in told if "res_type" in line], "\n".join(told)
    if plan.driver == "sp_date":
        assert [line for line in told if "on sp_date_long" in line], "\n".join(told)


def _literal(values, many):
    each = [f"'{value}'" if isinstance(value, str) else str(value) for value in values]
    if not many:
        return each[0]
    return f"ARRAY[{','.join(each)}]::{'text' if isinstance(values[0], str) else 'bigint'}[]"
