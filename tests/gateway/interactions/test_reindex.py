"""What was stored before an index table was there is found once the reindex has gone by."""

import asyncio

import msgspec

from gateway.interactions import refold
from gateway.interactions.reindex import finish, step
from tests.databases import change, rows
from tests.gateway.interactions.consortium import observation, patient

NEW = ("sp_quantity", "sp_uri", "sp_text", "indexed", "sound")
ASKED = (
    "Observation?value-quantity=5",
    "Observation?code:missing=false",
    "Observation?code:text=glucose",
    "Observation?_source=http://a.test/x",
    "Patient?name=wangxiuying",
)


async def fill(house):
    quantity = {"value": 5, "unit": "g"}
    code = {"coding": [{"code": "1"}], "text": "Glucose"}
    one = observation("o1", code=code, valueQuantity=quantity, meta={"source": "http://a.test/x"})
    await house.put("A", one | {"code": code})
    await house.put("A", patient(name=[{"family": "王", "given": ["秀英"]}]))


def grow_old(folder):
    """Take out what the tables before had not."""
    taken = [("DELETE FROM " + table, ()) for table in NEW]  # noqa: S608 - of the list above
    for row, keys in rows(folder, "SELECT row, keys FROM res"):
        five = msgspec.msgpack.encode(msgspec.msgpack.decode(keys)[:5])
        taken.append(("UPDATE res SET keys = ? WHERE row = ?", (five, row)))
    change(folder, *taken, ("INSERT INTO setting VALUES ('reindex', 'pending')", ()))


async def work(house, *, everything=False):
    after, total = 0, 0
    while True:
        after, count = await step(house.door, after, everything=everything)
        total += count
        if not count:
            await finish(house.door)
            return total


async def test_old_data_is_found_after_the_reindex_and_told_of_before(house):
    await fill(house)
    new = [await house.ids("A", query) for query in ASKED]
    assert new == [["o1"]] * 4 + [["p1"]]
    grow_old(house.folder)
    await asyncio.sleep(0)  # a turn reads one moment
    house.door.params.forget()
    assert house.door.params.lacking()
    for query in ASKED[:4]:
        page = await house.search("A", query)
        assert page.matches == []
        assert "reindex" in page.notes[0].text
    assert (await house.search("A", "Observation?status=final")).notes == []
    assert await work(house) == 2
    assert not house.door.params.lacking()
    assert [await house.ids("A", query) for query in ASKED] == new
    assert await work(house) == 0


async def test_everything_can_be_indexed_again_and_stays_as_it_was(house):
    await fill(house)
    await house.put("A", observation("o2"))
    await house.delete("A", "Observation/o2")
    tables = ("sp_token", "sp_string", "sp_reference", "sp_date", "clinical", *NEW)

    def index():
        select = "SELECT * FROM {}"
        found = [sorted(rows(house.folder, select.format(table))) for table in tables]
        keys = sorted(rows(house.folder, "SELECT row, keys FROM res WHERE dead IS NULL"))
        return found, keys

    before = index()
    assert await work(house, everything=True) == 2
    assert index() == before


LONG = "Müller " * 100
NAMED = ("王 秀英", "重阳", "Müller", LONG)
WORDS = "SELECT text, folded FROM word ORDER BY text"
SOUNDS = "SELECT s.sound, w.text FROM sound s JOIN word w ON w.id = s.word ORDER BY s.sound, w.text"


async def names_of(house, *sql):
    for number, text in enumerate(NAMED):
        await house.put("A", patient(f"p{number}", name=[{"text": text}]))
    return [rows(house.folder, one) for one in sql]


async def test_names_that_were_folded_by_older_rules_are_folded_anew(house, monkeypatch):
    monkeypatch.setattr(refold, "PORTION", 2)
    right = await names_of(house, WORDS, SOUNDS)
    change(
        house.folder,
        ("UPDATE word SET folded = text", ()),
        ("DELETE FROM sound WHERE sound = 'wxy'", ()),
        ("INSERT INTO sound SELECT 'zhongyang', id FROM word WHERE text = '王 秀英'", ()),
        ("INSERT INTO sound SELECT 'mu', id FROM word WHERE text = 'Müller'", ()),
    )
    assert await house.ids("A", "Patient?name=muller") == []
    assert await house.ids("A", "Patient?name=mu") == ["p2"]
    assert await work(house, everything=True) == len(NAMED)
    assert await refold.refold(house.door) == 4
    assert [rows(house.folder, one) for one in (WORDS, SOUNDS)] == right
    assert await house.ids("A", "Patient?name=muller") == ["p3", "p2"]
    assert await house.ids("A", "Patient?name:contains=muller muller") == ["p3"]
    assert await refold.refold(house.door) == 0
