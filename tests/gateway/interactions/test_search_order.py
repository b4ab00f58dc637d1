"""In which order matches come, and that pages keep it."""

import pytest

from gateway.errors import CostlyError, NotSupportedError
from gateway.store import ordered, pages
from tests.gateway.interactions.consortium import observation, patient

DATED = {
    "a": "2026-11-22T08:00:00+08:00",
    "b": "2025",
    "c": None,
    "d": "2026-11-22",
    "e": "2026-11-22",
    "f": None,
    "g": "1970-01-01T00:00:00Z",
}
RISING = ["g", "b", "d", "e", "a", "c", "f"]
FALLING = ["a", "e", "d", "b", "g", "f", "c"]
"""Without a date comes last, both ways; of equals the older first in rising, last in falling."""
OF_A_PATIENT = (["g", "b", "e", "d", "a", "f", "c"], ["a", "d", "e", "b", "g", "c", "f"])
"""The clinical rows have their equals the other way round."""


@pytest.fixture
async def dated(house):
    for id_, moment in DATED.items():
        await house.put("A", observation(id_, effectiveDateTime=moment))
    return house


async def in_pages(house, query, count):
    found = await house.pages("B", f"{query}&_count={count}")
    return [one.id for page in found for one in page.matches]


@pytest.fixture(params=["sorted", "walked", "near"])
def way(request, monkeypatch):
    """Sorting what was found, and walking the date index, all of it or only what is near."""
    if request.param == "walked":
        monkeypatch.setattr(pages, "SORTED", 3)
    if request.param == "near":
        monkeypatch.setattr(pages, "FEW", 2)
        monkeypatch.setattr(pages, "NEAR", 4)
    return request.param


@pytest.mark.parametrize("count", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("query", ["_sort={}", "status=final&_sort={}", "patient=p1&_sort={}"])
async def test_dates_sort_both_ways_and_none_comes_last(dated, way, query, count):
    rising, falling = OF_A_PATIENT if "patient" in query else (RISING, FALLING)
    assert await in_pages(dated, f"Observation?{query.format('date')}", count) == rising, way
    assert await in_pages(dated, f"Observation?{query.format('-date')}", count) == falling, way


async def test_without_a_patient_and_a_date_a_row_is_walked_all_the_same(house, way):
    await house.put("A", observation("device", "Device/d"))
    await house.put("A", observation("nobody", subject=None))
    for number in range(4):
        moment = f"2026-11-0{number + 1}"
        await house.put("A", observation(f"o{number}", effectiveDateTime=moment))
    expected = ["o0", "o1", "o2", "o3", "device", "nobody"]
    assert await in_pages(house, "Observation?_sort=date", 2) == expected, way


@pytest.mark.parametrize("bound", ["SORTED", "FEW"])
async def test_a_search_may_change_from_walking_to_sorting_between_pages(dated, monkeypatch, bound):
    for first, second in ((3, 100), (100, 3)):
        for sort, expected in (("date", RISING), ("-date", FALLING)):
            for count in (2, 3, 5, 6):

                async def change(number, first=first, second=second):
                    monkeypatch.setattr(pages, bound, second if number % 2 else first)

                monkeypatch.setattr(pages, bound, first)
                found = await dated.pages(
                    "B", f"Observation?_sort={sort}&_count={count}", between=change
                )
                assert [one.id for page in found for one in page.matches] == expected


async def test_too_many_to_sort_is_an_error_that_says_what_to_do(dated, monkeypatch):
    monkeypatch.setattr(pages, "SORTED", 3)
    for sort in ("status,_id", "value-quantity,date", "value-quantity", "subject"):
        with pytest.raises(CostlyError, match="narrow"):
            await dated.search("B", f"Observation?_sort={sort}")
    assert await dated.ids("B", "Observation?_sort=status&_id=a,b") == ["a", "b"]
    assert len(await dated.ids("B", "Observation?_sort=-_lastUpdated")) == 7


@pytest.fixture
async def tied(house):
    """Dates that several have, none that more have than are sorted; with codes in no order."""
    for number in range(24):
        moment = None if number % 8 == 7 else f"2026-11-{10 + number % 8}"
        code = f"{number * 7 % 24:02}-1"
        await house.put("A", observation(f"o{number:02}", effectiveDateTime=moment, code=code))
    return house


@pytest.mark.parametrize("count", [1, 2, 3, 5, 24])
@pytest.mark.parametrize(
    "sort", ["date,_id", "-date,_id", "date,-code", "-date,code,_id", "-date,status,-_id", "_id"]
)
async def test_more_than_are_sorted_are_walked_by_the_first_of_several_keys(
    tied, monkeypatch, sort, count
):
    query = f"Observation?status=final&_sort={sort}"
    expected = await in_pages(tied, query, 50)
    assert len(set(expected)) == 24
    monkeypatch.setattr(pages, "SORTED", 4)
    assert await in_pages(tied, query, count) == expected


async def test_several_keys_may_change_from_walking_to_sorting_between_pages(tied, monkeypatch):
    for sort in ("date,code", "-date,-_id"):
        query = f"Observation?_sort={sort}"
        expected = await in_pages(tied, query, 50)
        for first, second in ((4, 100), (100, 4)):

            async def change(number, first=first, second=second):
                monkeypatch.setattr(pages, "SORTED", second if number % 2 else first)

            monkeypatch.setattr(pages, "SORTED", first)
            found = await tied.pages("B", f"{query}&_count=5", between=change)
            assert [one.id for page in found for one in page.matches] == expected
        monkeypatch.undo()


async def test_a_key_that_comes_again_orders_nothing_more(dated):
    again = "_sort=date,_id," + ",".join(["-date"] * 500)
    assert await dated.ids("B", f"Observation?{again}") == await dated.ids(
        "B", "Observation?_sort=date,_id"
    )


async def test_a_sort_by_very_many_keys_is_refused(house):
    keys = "_id,_lastUpdated,status,code,date,category,subject,focus,method"
    with pytest.raises(NotSupportedError) as caught:
        await house.search("B", f"Observation?_sort={keys}")
    assert caught.value.issues[0].expression == "http._sort"


async def test_without_a_sort_the_newest_comes_first(dated):
    assert await dated.ids("B", "Observation") == list(reversed(DATED))
    by_date = await dated.ids("B", "Observation?patient=p1")
    assert by_date[:5] in (["a", "d", "e", "b", "g"], ["a", "e", "d", "b", "g"])
    assert await dated.ids("B", "Observation?_sort=_lastUpdated") == list(DATED)
    assert await dated.ids("B", "Observation?patient=p1&_sort=_lastUpdated") == list(DATED)


@pytest.mark.parametrize("count", [1, 2, 50])
async def test_several_keys_sort_one_after_the_other(house, count):
    people = {
        "a": {"gender": "male", "birthDate": "1980"},
        "b": {"gender": "female", "birthDate": "1990"},
        "c": {"birthDate": "1970"},
        "d": {"gender": "male", "birthDate": "1970-05-01"},
        "e": {"gender": "female"},
        "f": {"gender": "male"},
        "g": {},
    }
    for id_, more in people.items():
        await house.put("A", patient(id_, **more))
    for sort, expected in {
        "gender,birthdate": "bedafcg",
        "gender,-birthdate": "beadfcg",
        "-gender,birthdate": "dafbecg",
        "birthdate,gender": "cdabefg",
        "-_id": "gfedcba",
        "gender,-_id": "ebfdagc",
        "gender,_lastUpdated": "beadfcg",
        "-gender,-_lastUpdated": "fdaebgc",
    }.items():
        assert "".join(await in_pages(house, f"Patient?_sort={sort}", count)) == expected, sort


async def test_names_and_references_sort(house):
    for id_, family in {"a": "Zhang", "b": "li", "c": "王", "d": None, "e": "LI"}.items():
        name = [{"family": family}] if family else None
        await house.put("A", patient(id_, **({"name": name} if name else {})))
    assert (await house.ids("B", "Patient?_sort=family"))[-1] == "d"
    rising = await house.ids("B", "Patient?_sort=family,_id")
    assert rising == ["b", "e", "a", "c", "d"]
    for id_, subject in {"x": "Patient/2", "y": "Patient/1", "z": "Device/0"}.items():
        await house.put("A", observation(id_, subject))
    assert await house.ids("B", "Observation?_sort=subject") == ["z", "y", "x"]


async def test_rows_that_are_equal_keep_their_order_over_pages(house):
    for number in range(30):
        await house.put("A", observation(f"o{number}", effectiveDateTime="2026-11-22"))
    for query in (
        "Observation?_sort=date",
        "Observation?_sort=status",
        "Observation?_sort=-status,date",
        "Observation?patient=p1&_sort=status",
        "Observation?patient=p1",
    ):
        found = await in_pages(house, query, 4)
        assert len(found) == len(set(found)) == 30, query


WORDS = {"a": "Zhou", "b": "abel", "c": None, "d": "Ábel", "e": "王", "f": "zhou", "g": None}


@pytest.fixture
async def named(house):
    """People of whom some share a name, some have two, some have none."""
    for number, (id_, word) in enumerate(WORDS.items()):
        more = (
            {"name": [{"family": word}]}
            if word
            else {"telecom": [{"system": "phone", "value": "1"}]}
        )
        if id_ == "b":
            more["name"].append({"family": "mid"})
        more["birthDate"] = f"19{90 - number % 3}-01-01"
        if number % 2:
            more["identifier"] = [{"system": f"u{number}", "value": "same"}]
            more["identifier"].append({"system": "v", "value": f"{9 - number}"})
        if number % 3:
            more["meta"] = {"source": f"http://a.test/{number % 4}"}
        await house.put("A", patient(id_, **more))
    return house


KEYS = ("family", "_id", "identifier", "birthdate", "_source", "phone", "gender")


@pytest.mark.parametrize("key", KEYS)
async def test_what_is_too_much_to_sort_is_walked_in_the_same_order(named, monkeypatch, key):
    for more in ("", "&identifier=same", "&birthdate=gt1980", "&_id:not=a"):
        for sort in (key, f"-{key}"):
            query = f"Patient?_sort={sort}{more}"
            expected = await in_pages(named, query, 50)
            assert len(expected) > 1
            with monkeypatch.context() as patched:
                patched.setattr(pages, "SORTED", 1)
                patched.setattr(ordered, "CHUNK", 2)
                for count in (1, 2, 50):
                    assert await in_pages(named, query, count) == expected, (sort, count)


async def test_a_search_may_go_on_walking_where_it_sorted(named, monkeypatch):
    for sort in ("family", "-family", "_source"):
        expected = await in_pages(named, f"Patient?_sort={sort}", 50)
        for before, after in ((1, 50), (50, 1)):
            monkeypatch.setattr(pages, "SORTED", before)

            async def change(_number, after=after):
                monkeypatch.setattr(pages, "SORTED", after)

            found = await named.pages("B", f"Patient?_sort={sort}&_count=3", between=change)
            assert [one.id for page in found for one in page.matches] == expected


async def test_what_is_hidden_is_not_walked_either(named, monkeypatch):
    monkeypatch.setattr(pages, "SORTED", 1)
    await named.deactivate("A")
    await named.put("B", patient("own", name=[{"family": "abel"}]))
    await named.put("B", patient("other"))
    assert await named.ids("B", "Patient?_sort=family") == ["own", "other"]
    assert await named.ids("B", "Patient?_sort=-_id") == ["own", "other"]
