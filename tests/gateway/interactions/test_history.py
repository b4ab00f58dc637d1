"""History and vread."""

import pytest

from gateway.errors import InvalidRequestError, NotFoundError, PageExpiredError
from tests.gateway.interactions.consortium import patient


@pytest.fixture
async def versions(house):
    """Seven versions, the fourth a tombstone."""
    for number in range(3):
        await house.put("A", patient(birthDate=f"200{number}"))
    await house.delete("A", "Patient/p1")
    for number in range(4, 7):
        await house.put("A", patient(birthDate=f"200{number}"))
    return house


def numbers(page):
    return [one.version for one in page.matches]


async def test_a_history_goes_back_from_the_newest(versions):
    page = await versions.history("B", "Patient/p1")
    assert numbers(page) == [7, 6, 5, 4, 3, 2, 1]
    assert [one.deleted for one in page.matches].index(True) == 3
    assert (page.total, page.next) == (7, "")
    assert [one.resource()["birthDate"] for one in page.matches[4:]] == ["2002", "2001", "2000"]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
async def test_a_history_is_paged(versions, count):
    found = [await versions.history("B", "Patient/p1", count=count)]
    while found[-1].next:
        found.append(await versions.history("B", "Patient/p1", page=found[-1].next))
    assert [number for page in found for number in numbers(page)] == [7, 6, 5, 4, 3, 2, 1]
    assert all(len(page.matches) == count for page in found[:-1])


async def test_a_page_keeps_its_place_while_versions_are_added(versions):
    first = await versions.history("B", "Patient/p1", count=3)
    await versions.put("A", patient(birthDate="2020"))
    second = await versions.history("B", "Patient/p1", page=first.next)
    assert numbers(second) == [4, 3, 2]


async def test_a_count_of_nothing_tells_the_number_alone(versions):
    page = await versions.history("B", "Patient/p1", count=0)
    assert (page.matches, page.total, page.next) == ([], 7, "")


async def test_a_history_takes_what_it_knows_alone(versions):
    for params in (
        {"since": "x"},
        {"sort": "date"},
        {"count": "x"},
        {"count": "-1"},
        {"list": "1"},
    ):
        with pytest.raises(InvalidRequestError):
            await versions.history("B", "Patient/p1", **params)
    first = await versions.history("B", "Patient/p1", count=3)
    with pytest.raises(PageExpiredError):
        await versions.history("C", "Patient/p1", page=first.next)
    await versions.put("A", patient("p2"))
    with pytest.raises(PageExpiredError):
        await versions.history("B", "Patient/p2", page=first.next)
    with pytest.raises(NotFoundError):
        await versions.history("B", "Patient/none")


@pytest.mark.parametrize("version", ["8", "0", "-1", "x", "", "1.0", "99999999999999999999", "１"])
async def test_a_version_that_never_was_is_not_found(versions, version):
    with pytest.raises(NotFoundError):
        await versions.vread("B", "Patient/p1", version)


async def test_a_version_is_read_as_it_was(versions):
    stored = await versions.vread("B", "Patient/p1", "2")
    resource = stored.resource()
    assert resource["birthDate"] == "2001"
    assert resource["meta"]["versionId"] == "2"
    newest = await versions.vread("B", "Patient/p1", "7")
    assert newest.json() == (await versions.read("B", "Patient/p1")).json()


async def test_reads_are_in_the_audit_soon(versions):
    written = len(versions.trail())
    await versions.read("B", "Patient/p1")
    await versions.vread("B", "Patient/p1", "2")
    await versions.history("B", "Patient/p1")
    await versions.recorder.close()
    events = versions.trail()[written:]
    assert [(one.action, one.campus) for one in events] == [("R", 2)] * 3
    assert all(one.entities[0].startswith("Patient/p1") for one in events)
    assert "_history" in events[2].query + "".join(events[2].entities)
