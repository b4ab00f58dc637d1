"""A consortium whose campuses were given decisions, and short ways to answer them."""

from dataclasses import replace

from gateway.identity.persons import of_hand, person_id
from gateway.ingest.identify import IDENTITY
from gateway.interactions.commit import Change, Extras, commit
from gateway.recognition.catalogue.model import Item
from gateway.recognition.ledger.answer import answer
from gateway.recognition.ledger.model import Said
from gateway.recognition.ledger.records import entries
from gateway.recognition.ledger.states import state
from gateway.store.records import Batch
from tests.gateway.interactions.consortium import Consortium, observation, patient, pid

DAY = 86_400_000_000
POTASSIUM = "2823-3"


class Book:
    """A catalogue of a few items, in force at any time."""

    def __init__(self, *items):
        self._items = {one.code: one for one in items}

    def at(self, us):
        del us
        return self

    def item(self, code):
        return self._items.get(code)


CATALOGUE = Book(
    Item(code="K", name="钾", category="lab", analyte="potassium"),
    Item(code="CT", name="胸部CT平扫", category="imaging"),
)


class County(Consortium):
    """Campus B has results of Patient b1, who is Patient a1 of campus A."""

    def follow(self, *followers):
        self.door = replace(self.door, followers=followers)

    async def people(self):
        await self.put("A", patient("a1", identifier=[pid("A", "1")]))
        await self.put("B", patient("b1", identifier=[pid("B", "1")]))
        await self.join("a1", "b1")

    async def join(self, a, b, assurance="level4"):
        id_ = person_id(f"hand|{a}|{b}")
        stored = self.store.current("Person", id_)
        expect = stored.version if stored else 0
        change = Change("Person", id_, of_hand(a, b, assurance), expect, IDENTITY)
        await commit(self.door, self.admin(), [change], Extras(trusted=True))
        return id_

    async def result(self, id_="k1", subject="b1", value=4.2, who="B", **more):
        quantity = {"value": value, "unit": "mmol/L"}
        written = await self.put(
            who,
            observation(
                id_, f"Patient/{subject}", POTASSIUM, **{"valueQuantity": quantity, **more}
            ),
        )
        return written.stored.version

    async def decided(self, id_="d1", **more):
        """Give a decision; what is not told is the usual."""
        given = {
            "reminder": f"r-{id_}",
            "at": self.clock(),
            "campus": 1,
            "people": "",
            "patient": "a1",
            "item": "K",
            "outcome": "may-recognise",
            "reason": "",
            "result": "Observation/k1",
            "version": 1,
            "source": 2,
            "placed": "day",
            "department": "内科",
            "doctor": "王医生",
            "until": None,
            "catalogue": 0,
            "price": 1500,
            "body": b"",
        }
        assert more.keys() <= given.keys()
        row = (id_, *{**given, **more}.values())
        await self.store.submit(Batch(ticket=b"", statements=[("decision_add", row)]))
        return id_

    async def say(self, outcome, decision="d1", who="A", **more):
        actor = self.actor(f"{who}-recognises")
        return await answer(self.door, CATALOGUE, actor, decision, Said(outcome, **more))

    def stands(self, decision="d1"):
        return state(entries(self.store, decision))

    def kinds(self, decision="d1"):
        return [one.kind for one in entries(self.store, decision)]

    async def recalls(self, who="A"):
        """Return the recall Tasks that a campus has, oldest first."""
        found = await self.search(who, "Task?code=recognition-recall&_sort=_lastUpdated")
        return [one.resource() for one in found.matches]

    async def open(self):
        await super().open()
        for number, code in enumerate(("A", "B", "C"), start=1):
            await self.token(number, f"{code}-recognises", "recognition system/*.cruds")
