"""Pages over a set that changes while it is paged through."""

import asyncio
import base64
from datetime import timedelta

import pytest

from gateway.errors import InvalidRequestError, PageExpiredError
from gateway.interactions.bundle import bundle
from tests.gateway.interactions.consortium import encoded, names, observation, patient


class Changes:
    """Each time some are deleted, amended, hidden, called an error, and one is added."""

    def __init__(self, house):
        self.house = house
        self.gone = set()

    async def put(self, number, **more):
        moment = f"2026-11-{number % 28 + 1:02}"
        more = {"effectiveDateTime": moment, **more}
        await self.house.put("A", observation(f"o{number}", **more))

    async def __call__(self, page):
        await self.put(100 + page)
        await self.take_back(7 * page % 24)
        for number, more in (
            ((5 * page + 1) % 24, {"effectiveDateTime": "2020", "note": [{"text": str(page)}]}),
            ((3 * page + 2) % 24, HIDING[page % 2]),
        ):
            if number not in self.gone:
                await self.put(number, **more)
                self.gone |= {number} if more is HIDING[page % 2] else set()

    async def take_back(self, number):
        await self.house.delete("A", f"Observation/o{number}")
        self.gone.add(number)


HIDING = ({"status": "entered-in-error"}, {"code": "10351-5"})


@pytest.mark.parametrize("sort", ["", "&_sort=date", "&_sort=-date", "&_sort=status,-date"])
@pytest.mark.parametrize("scope", ["", "patient=p1&", "status=final&"])
async def test_pages_over_a_changing_set_show_each_row_once(house, scope, sort):
    changes = Changes(house)
    for number in range(24):
        await changes.put(number)
    found = await house.pages("B", f"Observation?{scope}_count=4{sort}", between=changes)
    shown = [one.id for page in found for one in page.matches]
    assert len(shown) == len(set(shown))
    original = {f"o{number}" for number in range(24)}
    assert set(shown) <= original
    # Who is missing is withheld by name of a reason, and counted.
    assert original - set(shown) <= {f"o{number}" for number in changes.gone}
    withheld = [int(note.text.split()[0]) for page in found for note in page.notes]
    assert len(shown) + sum(withheld) == 24
    assert len(found[0].matches) == 4


async def test_an_amended_row_comes_as_it_is_now_in_its_old_place(house):
    for number in range(4):
        await house.put("A", observation(f"o{number}"))
    first = await house.search("B", "Observation?_count=2")
    await house.put("A", observation("o1", status="amended"))
    second = await house.search("B", f"Observation?_page={first.next}")
    assert [(one.id, one.version) for one in second.matches] == [("o1", 2), ("o0", 1)]
    assert second.notes == []


# Page tokens.


@pytest.fixture
async def token(house):
    for number in range(5):
        await house.put("A", patient(f"p{number}"))
        await house.put("A", observation(f"o{number}"))
    return (await house.search("B", "Patient?_count=2&_sort=_id")).next


async def test_a_page_token_is_good_for_its_caller_and_type_alone(house, token):
    page = await house.search("B", f"Patient?_page={token}")
    assert [one.id for one in page.matches] == ["p2", "p3"]
    await house.token(2, "same-campus", "system/*.rs")
    person = house.actor("B", person="李医生")
    for who, type_ in (("A", "Patient"), ("same-campus", "Patient"), (person, "Patient")):
        with pytest.raises(PageExpiredError):
            await house.search(who, f"{type_}?_page={token}")
    with pytest.raises(PageExpiredError):
        await house.search("B", f"Observation?_page={token}")
    with pytest.raises(PageExpiredError):
        await house.history("B", "Patient/p1", page=token)


async def test_a_page_token_ages_from_the_first_page_on(house, token):
    hour = timedelta(hours=1).total_seconds() * 1e6
    house.clock.ahead = int(hour * 0.9)
    second = await house.search("B", f"Patient?_page={token}")
    assert [one.id for one in second.matches] == ["p2", "p3"]
    house.clock.ahead = int(hour * 1.01)
    for old in (token, second.next):
        with pytest.raises(PageExpiredError, match="too old"):
            await house.search("B", f"Patient?_page={old}")


@pytest.mark.parametrize("text", ["", "x", "AAAA", "=", "é", "A" * 80, "%00", "-_-_"])
async def test_what_is_no_page_token_is_refused(house, text):
    with pytest.raises(PageExpiredError):
        await house.search("B", f"Patient?_page={text}")


async def test_a_forged_page_token_is_refused(house, token):
    for at in range(0, len(token), 7):
        forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(PageExpiredError):
            await house.search("B", f"Patient?_page={forged}")


async def test_a_page_token_tells_nothing_of_the_search(house):
    for number in range(2):
        await house.put("A", patient(f"p{number}", identifier=[{"value": "SECRET"}]))
    page = await house.search("B", "Patient?identifier=SECRET&_count=1")

    assert b"SECRET" not in base64.urlsafe_b64decode(page.next + "==")


async def test_a_next_page_asks_for_what_was_applied_alone(house):
    for number in range(3):
        await house.put("A", patient(f"p{number}"))
    first = await house.search("B", "Patient?_count=2&colour=red", lenient=True)
    assert first.applied == [("_count", "2")]
    second = await house.search("B", f"Patient?_page={first.next}")
    assert (len(second.matches), second.applied) == (1, [("_count", "2")])


@pytest.mark.parametrize("beside", ["status=final", "_count=1", "_sort=date", "_page=again"])
async def test_what_stands_beside_a_page_token_is_refused_or_told_of(house, token, beside):
    with pytest.raises(InvalidRequestError) as caught:
        await house.search("B", f"Patient?_page={token}&{beside}")
    place = f"http.{beside.partition('=')[0]}"
    assert caught.value.issues[0].expression == place
    page = await house.search("B", f"Patient?_page={token}&{beside}", lenient=True)
    alone = await house.search("B", f"Patient?_page={token}")
    assert names(page) == names(alone)
    assert [(one.severity, one.expression) for one in page.notes] == [("warning", place)]


async def test_in_a_transaction_a_page_is_read_as_elsewhere(house, token):
    asked = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"request": {"method": "GET", "url": f"Patient?_page={token}"}},
            {"request": {"method": "GET", "url": "Patient?_summary=count"}},
        ],
    }
    _, results = await bundle(house.door, house.actor("B"), encoded(asked))
    assert [one.id for one in results[0].page.matches] == ["p2", "p3"]
    assert results[1].page.total == 5
    with pytest.raises(InvalidRequestError) as caught:
        await bundle(house.door, house.actor("C"), encoded(asked))
    assert caught.value.expression.startswith("Bundle.entry[0]")


async def test_readers_and_writers_at_once_do_not_disturb_each_other(house):
    async def writing():
        for number in range(60):
            await house.put("A", observation(f"o{number}"))

    async def reading():
        for _ in range(20):
            found = await house.pages("B", "Observation?patient=p1&_count=7")
            ids = [one.id for page in found for one in page.matches]
            assert len(ids) == len(set(ids))
            assert found[0].total in {None, len(ids)}
            await asyncio.sleep(0)

    await asyncio.gather(writing(), reading(), reading())
