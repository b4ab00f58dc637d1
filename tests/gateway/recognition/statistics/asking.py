"""A small catalogue, and short ways to ask what recognition came to."""

from gateway.recognition.catalogue.book import Book
from gateway.recognition.catalogue.model import Catalogue, Item
from gateway.recognition.statistics.facts import Period
from gateway.recognition.statistics.report import Query, report
from tests.gateway.recognition.decided import DAY

HOUR = 3_600_000_000
ITEMS = (
    Item(code="K", name="钾", category="lab", loinc=("2823-3",), windows={"": 7 * 86_400}),
    Item(code="CT", name="胸部CT平扫", category="imaging", modality=("CT",), loinc=("24627-2",)),
    Item(code="RH", name="血型", category="lab", loinc=("10331-7",), windows={"": 0}),
)
BOOK = Book(Catalogue(version=1, effective_from="2020-01-01", items=ITEMS))


class Books:
    def at(self, us):
        del us
        return BOOK


def month(county):
    return Period(county.clock() - 30 * DAY, county.clock() + DAY)


async def told(county, *by, who="A-recognises", period=None, side="receiving"):
    query = Query(period or month(county), by, side)
    actor = county.admin() if who == "admin" else county.actor(who)
    return await report(county.door, Books(), actor, query)


async def counts(county, **more):
    return (await told(county, **more)).total.counts


async def given(county, *ids, **more):
    await county.result()
    for id_ in ids:
        await county.decided(id_, **more)
