"""The second wall: what a campus may not read, it is not shown by a search that forgot to ask."""

import psycopg
import pytest

from gateway.fhir.definitions import TYPE_IDS
from gateway.store import conditions, plan, versions
from gateway.store.postgres import wall
from gateway.store.postgres.connection import Connection
from gateway.store.postgres.migrate import migrate
from gateway.store.query import Chain, Ids, Patients, Query, Sort, Tokens
from gateway.store.records import OWN, RESTRICTED, SHARED, Viewer
from gateway.store.versions import Versions
from tests.gateway.store.samples import STATUS, SUBJECT, SYSTEM, batch, write

pytestmark = pytest.mark.needs("postgresql")

OBSERVATION, PATIENT = TYPE_IDS["Observation"], TYPE_IDS["Patient"]
CODED = Tokens((STATUS,), ((SYSTEM, "c"),))
CLAUSES = {
    "all of a type": (),
    "a code": (CODED,),
    "a patient": (Patients((SUBJECT,), ("p",), PATIENT),),
    "ids": (Ids(("shared", "own", "restricted", "told")),),
    "a chain": (Chain((SUBJECT,), PATIENT, ()),),
}


def result(id_, label, *, campus=1, **more):
    return write(
        "Observation",
        id_,
        campus=campus,
        label=label,
        tokens=[(STATUS, SYSTEM, "c")],
        references=[(SUBJECT, PATIENT, "p")],
        patients=[(PATIENT, "p")],
        codes=[(SYSTEM, "c")],
        date=(5, 6),
        **more,
    )


@pytest.fixture
async def filled(store):
    await store.submit(
        batch(
            write("Patient", "p", campus=1),
            result("shared", SHARED),
            result("own", OWN),
            result("restricted", RESTRICTED),
            result("told", OWN, audience=(2,)),
        )
    )
    return store


@pytest.fixture
def without_predicate(monkeypatch):
    """Searches and histories that forgot whom they are for."""
    for module in (plan, conditions, versions):
        monkeypatch.setattr(module, "visible", lambda *_: ("1 = 1", ()))


@pytest.mark.parametrize("name", CLAUSES)
@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        (Viewer(1), {"shared", "own", "restricted", "told"}),
        (Viewer(2), {"shared", "told"}),
        (Viewer(3), {"shared"}),
        (Viewer(3, break_glass=True), {"shared", "restricted"}),
        (Viewer(3, inactive=(1,)), set()),
        (Viewer(2, inactive=(1,)), {"told"}),
    ],
)
@pytest.mark.usefixtures("without_predicate")
async def test_a_search_without_its_predicate_shows_no_more(filled, viewer, seen, name):
    if name == "a chain" and viewer.inactive:
        seen = set()  # the Patient is not to be seen either
    for sort in ((), (Sort("row"),), (Sort("token", (STATUS,)),)):
        query = Query(OBSERVATION, viewer, CLAUSES[name], sort=sort)
        found = await filled.search(query)
        assert {one.id for one in found.matches} == seen
        assert await filled.count(query) == len(seen)
        assert len(await filled.keys(query, 100)) == len(seen)


@pytest.mark.usefixtures("without_predicate")
async def test_a_history_without_its_predicate_shows_no_more(filled):
    for viewer, count in ((Viewer(1), 5), (Viewer(2), 3), (Viewer(3), 2)):
        assert len(await filled.versions(Versions(viewer))) == count
        assert await filled.count_versions(Versions(viewer)) == count


async def test_the_past_of_what_is_shared_now_is_shown(filled):
    await filled.submit(batch(result("own", SHARED, rest=b',"n":1')))
    key = filled.current("Observation", "own").key
    assert [one.version for one in await filled.versions(Versions(Viewer(3), key=key))] == [2, 1]


@pytest.mark.usefixtures("without_predicate")
async def test_a_deleted_resource_stays_behind_the_wall(filled):
    await filled.submit(batch(result("own", OWN, op="delete")))
    assert len(await filled.versions(Versions(Viewer(3)))) == 2


@pytest.mark.usefixtures("filled")
async def test_who_says_no_viewer_is_shown_nothing(url):
    connection = Connection(url, role=wall.READER)
    assert connection.run("SELECT 1 FROM res") == []
    connection.run(wall.SHOWN_TO, wall.settings(Viewer(3)))
    assert len(connection.run("SELECT 1 FROM res")) == 2
    connection.run("SELECT set_config('hutong.campus', '', false)")
    connection.run("SELECT set_config('hutong.labels', NULL, false)")
    assert connection.run("SELECT 1 FROM res") == []
    connection.close()


@pytest.mark.parametrize("table", ["token", "session", "inbox", "audit", "setting"])
@pytest.mark.usefixtures("filled")
async def test_the_reader_may_read_what_is_searched_alone(url, table):
    connection = Connection(url, role=wall.READER)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.run(f"SELECT 1 FROM {table}")  # noqa: S608 - of the list above
    for statement in ("UPDATE res SET label = 0", "DELETE FROM res", "DELETE FROM audience"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.run(statement)
    connection.close()


@pytest.mark.usefixtures("filled")
async def test_a_wall_that_is_missing_is_built_at_the_next_start(url):
    connection = Connection(url)
    connection.script("DROP POLICY campus ON res")
    reader = Connection(url, role=wall.READER)
    reader.run(wall.SHOWN_TO, wall.settings(Viewer(1)))
    assert reader.run("SELECT 1 FROM res") == []
    migrate(url)
    assert len(reader.run("SELECT 1 FROM res")) == 5
    for one in (connection, reader):
        one.close()
