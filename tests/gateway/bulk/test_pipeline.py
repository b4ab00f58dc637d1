"""Portions that overtake each other, that others stand against, that a follower refuses."""

import asyncio

import pytest

from gateway.bulk import load
from gateway.errors import UnavailableError, UnprocessableError
from mappers.names import CITIZEN_ID
from tests.gateway.bulk.test_import import citizen_id, ndjson, places, told
from tests.gateway.interactions.consortium import HIV, observation, patient
from tests.waiting import until

COUNT = 60


def basic(number, **more):
    return {"resourceType": "Basic", "id": f"b{number}", "code": {"text": f"n{number}"}, **more}


def human(id_, number):
    """A Patient of one of many humans."""
    return patient(
        id_,
        identifier=[{"system": CITIZEN_ID, "value": citizen_id(number)}],
        name=[{"text": f"王{number}"}],
        birthDate="1990-03-07",
        gender="male",
    )


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Portions of ten, and so many of them whichever is done when."""
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 10)
    monkeypatch.setattr(load, "GROWN", 1)


@pytest.fixture
def settled(monkeypatch):
    """Has something done before a portion is sent, by how many were sent before."""
    real, sent, does = load.send, [], {}

    async def send(door, batch):
        sent.append(batch)
        if (work := does.get(len(sent) - 1)) is not None:
            await work(batch)
        return await real(door, batch)

    monkeypatch.setattr(load, "send", send)
    return does


@pytest.mark.parametrize("which", range(6))
async def test_a_portion_that_is_met_by_another_writer_is_written_after_all(county, settled, which):
    met = []

    async def quicker(batch):
        met.append(batch.writes[4].id)
        await county.house.put("A", basic(met[0][1:], author={"reference": "Patient/x"}))

    settled[which] = quicker
    counts, errors = await county.imported("A", ndjson(*map(basic, range(COUNT))))
    assert (counts, errors) == (told(created=COUNT - 1, updated=1), [])
    found = await county.house.read("A", f"Basic/{met[0]}")
    assert (found.version, "author" in found.resource()) == (2, False)


async def test_a_portion_that_overtakes_the_one_before_waits_its_turn(county, settled):
    async def slow(_batch):
        # The next one is sent meanwhile; it must not be taken first.
        for number in range(5):
            await county.house.put(
                "A", {"resourceType": "Basic", "id": f"other{number}", "code": {"text": "x"}}
            )

    settled[1] = settled[3] = slow
    lines = [basic(number % 30, author={"display": str(number)}) for number in range(COUNT)]
    counts, _ = await county.imported("A", ndjson(*lines))
    assert counts == told(created=30, updated=30)
    for number in range(30):
        found = await county.house.read("A", f"Basic/b{number}")
        assert found.resource()["author"] == {"display": str(number + 30)}


async def test_no_line_is_taken_that_stands_behind_a_portion_that_failed(county, settled):
    """All behind it are prepared and sent by then; the id of the last stands in each of them."""

    async def late(_batch):
        await county.house.put("A", basic(1, author={"display": "of another"}))

    settled[1] = late
    lines = []
    for portion in range(5):
        lines += [basic(10 * portion + number) for number in range(9)]
        lines.append(basic("last", author={"display": str(portion)}))
    counts, errors = await county.imported("A", ndjson(*lines))
    assert errors == []
    assert counts["created"] + counts["updated"] + counts["unchanged"] == len(lines)
    found = await county.house.read("A", "Basic/blast")
    assert (found.version, found.resource()["author"]) == (5, {"display": "4"})


async def test_what_names_a_line_that_is_hidden_at_once_is_hidden_too(county, settled):
    """The second portion was prepared while the first, which it names, was still on its way."""
    house = county.house

    async def hide(_batch):
        await until(lambda: house.store.current("Observation", "o9"))
        panel = [{"reference": f"Observation/o{number}"} for number in range(3)]
        await house.put("A", observation("panel", code=HIV, hasMember=panel))

    settled[1] = hide
    lines = [observation(f"o{number}") for number in range(10)]
    for number in range(10):
        named = [{"reference": f"Observation/o{number}"}]
        lines.append(observation(f"sum{number}", derivedFrom=named))
    counts, _ = await county.imported("A", ndjson(*lines))
    assert counts == told(created=20)
    found = {one.id for one in (await house.search("C", "Observation?_count=50")).matches}
    assert found == {f"{name}{number}" for name in ("o", "sum") for number in range(3, 10)}


def tube(number):
    return {"resourceType": "Specimen", "id": f"t{number}", "status": "available"}


async def test_an_import_goes_on_beside_one_that_hides_what_is_to_come(county, settled):
    """Whatever it hides is of the same type each time, and none of what this one brings."""
    for which in range(40):

        async def hide(_batch, which=which):
            gone = {"reference": f"Specimen/gone{which}"}
            await county.house.put("B", observation(f"h{which}", code=HIV, specimen=gone))

        settled[which] = hide
    counts, errors = await county.imported("A", ndjson(*map(tube, range(COUNT))))
    assert (counts, errors) == (told(created=COUNT), [])


@pytest.mark.parametrize("which", range(3))
async def test_a_line_is_hidden_by_what_named_it_in_any_instant(county, settled, which):
    """Of a portion that is sent behind others, and again where it is sent by itself."""
    hidden = set()

    async def hide(batch):
        hidden.add(id_ := batch.writes[4].id)
        named = {"reference": f"Specimen/{id_}"}
        await county.house.put("A", observation(f"of-{id_}", code=HIV, specimen=named))

    settled[which] = settled[3] = settled[5] = hide
    counts, errors = await county.imported("A", ndjson(*map(tube, range(COUNT))))
    assert (counts, errors) == (told(created=COUNT), [])
    assert len(hidden) > 1
    seen = {one.id for one in (await county.house.search("C", "Specimen?_count=100")).matches}
    assert seen == {f"t{number}" for number in range(COUNT)} - hidden


@pytest.mark.parametrize("which", range(3))
async def test_a_line_is_joined_to_who_was_merged_into_it_in_any_instant(county, settled, which):
    merged = set()

    async def merge(batch):
        merged.add(id_ := batch.writes[4].id)
        link = [{"other": {"reference": f"Patient/{id_}"}, "type": "replaced-by"}]
        await county.house.put("A", patient(f"old-{id_}", active=False, link=link))

    settled[which] = settled[3] = settled[5] = merge
    counts, errors = await county.imported(
        "A", ndjson(*(human(f"p{number}", number) for number in range(COUNT)))
    )
    assert (counts, errors) == (told(created=COUNT), [])
    assert len(merged) > 1
    for id_ in merged:
        assert county.house.store.link_set([id_])[0] == {id_, f"old-{id_}"}


async def test_a_store_that_does_not_answer_leaves_the_job_to_be_gone_on_with(county, settled):
    async def away(_batch):
        raise UnavailableError("The store does not answer.")

    settled[2] = away
    started = await county.sent("A", ndjson(*map(basic, range(COUNT))))
    await county.runner.drain()
    address = started.headers["content-location"]
    assert (await county.client("A").get(address)).status_code == 202
    county.house.clock.ahead += 60_000_000
    await county.runner.drain()
    manifest = await county.finished("A", address)
    assert manifest["extension"]["imported"] == [told(created=COUNT)]


async def test_its_progress_tells_about_how_many_lines_there_are(county, settled):
    told = []

    async def look(_batch):
        told.append((await county.client("A").get(address)).headers["x-progress"].split())

    settled[4] = look
    body = ndjson(*(basic(f"{number:02}") for number in range(COUNT)))
    address = (await county.sent("A", body)).headers["content-location"]
    await county.runner.drain()
    ((done, _, total),) = told
    assert (0 < int(done) < COUNT, int(total)) == (True, COUNT)


async def test_what_a_follower_refuses_is_found_among_its_portion(county, monkeypatch):
    real = load.plan
    bad = {"b3", "b17", "b18", "b59"}

    async def plan(door, actor, changes, extras):
        if any(one.id in bad for one in changes):
            raise UnprocessableError("It cannot be.", expression="Basic.code")
        return await real(door, actor, changes, extras)

    monkeypatch.setattr(load, "plan", plan)
    body = ndjson(*map(basic, range(COUNT))) + b"{}\n"
    counts, errors = await county.imported("A", body)
    assert counts == told(created=COUNT - 4, refused=5)
    assert places(errors) == [
        *((f"line {one}", "processing") for one in (4, 18, 19, 60)),
        ("line 61", "structure"),
    ]


async def test_patients_of_one_human_are_linked_in_portions_behind_each_other(county):
    await county.imported("B", ndjson(*(human(f"b{number}", number) for number in range(10))))
    lines = [human(f"p{number}", number % 10) for number in range(COUNT)]
    assert (await county.imported("A", ndjson(*lines)))[0] == told(created=COUNT)
    for number in range(10):
        joined = {f"b{number}", *(f"p{one}" for one in range(number, COUNT, 10))}
        assert county.house.store.link_set([f"p{number}"])[0] == joined


@pytest.mark.parametrize("which", range(3))
async def test_a_human_whom_another_writer_changes_meanwhile_is_whole(county, settled, which):
    for who in ("B", "C"):
        await county.imported(who, ndjson(*(human(f"{who}{one}", one) for one in range(COUNT))))
    met = []

    async def quicker(batch):
        ids = [one.id for one in batch.writes if one.id.startswith("A")]
        met.append(ids[4][1:])
        await county.house.put("C", human(f"D{met[0]}", int(met[0])))

    settled[2 * COUNT // 10 + which] = quicker
    lines = [human(f"A{number}", number) for number in range(COUNT)]
    assert (await county.imported("A", ndjson(*lines)))[0] == told(created=COUNT)
    for number in map(str, range(COUNT)):
        joined = {f"{who}{number}" for who in ("ABCD" if number in met else "ABC")}
        assert county.house.store.link_set([f"A{number}"])[0] == joined


async def test_a_portion_that_would_only_wait_grows_up_to_two(county, monkeypatch):
    """While the store is behind; what it has then taken is as much as ever."""
    real, sizes, turn = load.send, [], asyncio.Lock()

    async def send(door, batch):
        sizes.append(len(batch.writes))
        async with turn:
            await until(lambda: len(sizes) >= 3)
            return await real(door, batch)

    monkeypatch.setattr(load, "GROWN", 2)
    monkeypatch.setattr(load, "send", send)
    counts, errors = await county.imported("A", ndjson(*map(basic, range(COUNT))))
    assert (counts, errors) == (told(created=COUNT), [])
    assert sizes[:3] == [10, 10, 20]
    assert sum(sizes) == COUNT


async def test_a_portion_grows_no_longer_than_it_waits(county, monkeypatch):
    real, reading, sizes, stored, going = load.send, load.lines, [], [], asyncio.Event()

    async def send(door, batch):
        sizes.append(len(batch.writes))
        if len(sizes) <= 2:
            await going.wait()
        stored.append(await real(door, batch))

    def lines(*values):
        for line in reading(*values):
            if line is not None and line.number == 35:
                going.set()
                while len(stored) < 2:
                    yield None
            yield line

    monkeypatch.setattr(load, "GROWN", 2)
    monkeypatch.setattr(load, "send", send)
    monkeypatch.setattr(load, "lines", lines)
    counts, errors = await county.imported("A", ndjson(*map(basic, range(COUNT))))
    assert (counts, errors) == (told(created=COUNT), [])
    assert sizes[:3] == [10, 10, 14]
