"""Who is certainly one human is found together, from the moment on that they are."""

import pytest

from tests.gateway.interactions.consortium import (
    included,
    names,
    observation,
    patient,
    person,
    pid,
    three_patients,
)


@pytest.fixture
async def filled(house):
    return await three_patients(house)


async def test_a_link_set_widens_every_reference_to_a_patient(filled):
    await filled.put(filled.admin(), person("n", "p1", "p2"))
    for query in (
        "patient=p1",
        "subject=Patient/p2",
        "subject:Patient=p1",
        "subject=Patient/p1,Device/none",
        "patient.identifier=urn:hutong:A:pid|1",
        "patient=p1&code=2345-7",
        "patient=p1&_sort=date",
    ):
        page = await filled.search("C", f"Observation?{query}")
        assert sorted(names(page)) == ["Observation/o1", "Observation/o2"], query
        assert "linked" in page.notes[0].text
        assert "Person/n" in included(page)
        off = await filled.search("C", f"Observation?{query}&_linked=false")
        assert len(off.matches) == 1, query
        assert (off.notes, off.includes) == ([], [])
    assert await filled.ids("A", "Patient?_id=p1") == ["p1"]
    assert await filled.ids("A", "Patient?identifier=1") == ["p1"]


async def test_what_is_less_than_certain_links_nobody(filled):
    await filled.put(filled.admin(), person("n", "p1", "p2", level="level3"))
    assert await filled.ids("A", "Observation?patient=p1") == ["o1"]
    await filled.put(filled.admin(), person("n", "p1", "p2"))
    assert len(await filled.ids("A", "Observation?patient=p1")) == 2
    await filled.put(filled.admin(), person("n", "p1"))
    assert await filled.ids("A", "Observation?patient=p1") == ["o1"]
    await filled.put(filled.admin(), person("n", "p1", "p3"))
    await filled.delete(filled.admin(), "Person/n")
    assert await filled.ids("A", "Observation?patient=p1") == ["o1"]


@pytest.mark.parametrize("who", ["p1", "p2"])
@pytest.mark.parametrize(
    "rest",
    [
        *(
            "",
            "&code=2345-7",
            "&_sort=date",
            "&_sort=-_lastUpdated",
            "&subject=Patient/p1,Device/d",
        ),
        *("&patient=p2", "&_id=o1,o2", "&_total=accurate", "&_count=0", "&_summary=count"),
        *("&_count=1", "&date=gt1900", "&_include=Observation:patient", "&status:not=final"),
    ],
)
async def test_whoever_was_alone_is_found_joined_at_once(filled, who, rest):
    query = f"Observation?patient={who}{rest}"

    async def told():
        page = await filled.search("C", query)
        return sorted(names(page)), included(page), page.total, bool(page.next), len(page.notes)

    alone = await told()
    assert await told() == alone
    filled.store.link_set([who])  # that nobody is joined to anybody is known
    assert filled.store.was_alone(who)
    assert await told() == alone
    await filled.put(filled.admin(), person("n", "p1", "p2"))
    joined = await told()
    filled.store.link_set([who])  # and now that they are
    assert not filled.store.was_alone(who)
    assert await told() == joined
    assert joined != alone
    await filled.delete(filled.admin(), "Person/n")
    assert await told() == alone


LINKS = {
    "alone": {},
    "two": {"n": ("p1", "p2")},
    "another two": {"n": ("p1", "p3")},
    "three": {"n": ("p1", "p2", "p3")},
    "by another": {"m": ("p1", "p2")},
    "by both": {"n": ("p1", "p2"), "m": ("p1", "p2")},
    "over another": {"n": ("p1", "p2"), "m": ("p2", "p3")},
    "the others": {"n": ("p2", "p3")},
}
"""Persons, and whom each joins."""


async def link(filled, links):
    for name in ("m", "n"):
        if joined := links.get(name):
            await filled.put(filled.admin(), person(name, *joined))
        elif (stored := filled.store.current("Person", name)) and not stored.deleted:
            await filled.delete(filled.admin(), f"Person/{name}")


def human(links, who):
    """Return whom links make one with a Patient, and by which Persons."""
    patients, persons = {who}, set()
    for _ in links:
        for name, joined in links.items():
            if not patients.isdisjoint(joined):
                persons.add(name)
                patients.update(joined)
    return patients, persons


@pytest.mark.parametrize("rest", ["", "&code=2345-7", "&_sort=_lastUpdated", "&_sort=status"])
@pytest.mark.parametrize("before", LINKS)
async def test_who_was_joined_is_found_as_it_is_joined_now(filled, before, rest):
    """Whatever is remembered of who was whom: of each two states, the one after the other."""
    for after in LINKS.values():
        for links in (LINKS[before], LINKS[before], after):
            await link(filled, links)
            for who in ("p1", "p2", "p3"):
                page = await filled.search("C", f"Observation?patient={who}{rest}")
                patients, persons = human(links, who)
                others = {f"Patient/{one}" for one in patients - {who}}
                assert set(names(page)) == {f"Observation/o{one[1]}" for one in patients}
                assert set(included(page)) == others | {f"Person/{one}" for one in persons}
                assert len(page.matches) == len(patients)
                assert len(page.notes) == bool(others)


async def test_a_merge_of_a_campus_joins_its_own_patients_alone(filled):
    await filled.put("A", patient("old", identifier=[pid("A", "9")]))
    await filled.put("A", observation("o9", "Patient/old"))
    for other, expected in (("p1", {"o1", "o9"}), ("p2", {"o9"})):
        link = [{"other": {"reference": f"Patient/{other}"}, "type": "replaced-by"}]
        merged = patient("old", identifier=[pid("A", "9")], active=False, link=link)
        await filled.put("A", merged)
        assert set(await filled.ids("B", "Observation?patient=old")) == expected


@pytest.mark.parametrize("address", ["Patient/new", "Patient/new/_history/1", "BASE/Patient/new"])
async def test_a_merge_into_a_patient_who_comes_later_joins_both_then(filled, address):
    named = address.replace("BASE", filled.door.base)
    link = [{"other": {"reference": named}, "type": "replaced-by"}]
    await filled.put("A", patient("p1", active=False, link=link))
    await filled.put("A", observation("later", "Patient/new"))
    assert await filled.ids("B", "Observation?patient=new") == ["later"]
    await filled.put("A", patient("new"))
    assert set(await filled.ids("B", "Observation?patient=new")) == {"o1", "later"}
    await filled.put("A", patient("p1", active=False))
    assert await filled.ids("B", "Observation?patient=new") == ["later"]


async def test_nobody_is_joined_to_another_campuss_patient_who_comes_later(filled):
    link = [{"other": {"reference": "Patient/new"}, "type": "replaced-by"}]
    await filled.put("A", patient("p1", active=False, link=link))
    await filled.put("B", patient("new"))
    await filled.put("B", observation("later", "Patient/new"))
    assert await filled.ids("B", "Observation?patient=new") == ["later"]


async def test_a_link_that_ended_between_pages_shows_no_more(filled):
    await filled.put(filled.admin(), person("n", "p1", "p2"))
    for number in range(4):
        await filled.put("B", observation(f"more{number}", "Patient/p2"))
    first = await filled.search("C", "Observation?patient=p1&_count=2&_sort=_lastUpdated")
    assert names(first) == ["Observation/o1", "Observation/o2"]
    await filled.delete(filled.admin(), "Person/n")
    second = await filled.search("C", f"Observation?_page={first.next}")
    assert names(second) == []


@pytest.mark.parametrize("number", ["_summary=count", "_count=0"])
async def test_a_number_of_what_is_linked_comes_without_resources(filled, number):
    await filled.put(filled.admin(), person("n", "p1", "p2"))
    page = await filled.search("C", f"Observation?patient=p1&{number}")
    assert (page.total, page.matches, page.includes) == (2, [], [])
    assert "_linked=false" in page.notes[0].text
