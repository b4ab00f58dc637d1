"""A consortium with a catalogue, whose campuses ask what of a patient may be recognised."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.identity.persons import of_hand, person_id
from gateway.ingest.identify import IDENTITY
from gateway.interactions.commit import Change, Extras, commit
from gateway.recognition.catalogue.book import Book
from gateway.recognition.catalogue.model import Catalogue, Code
from gateway.recognition.model import Asked, PatientAsked, Request
from gateway.recognition.service import Recognition
from gateway.store.records import Batch
from tests.gateway.interactions.consortium import Consortium, concept, patient, pid
from tests.gateway.recognition.pure import BOOK

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ITEMS = BOOK.catalogue.items


class Versions:
    """Versions of a catalogue: the last one is in force."""

    def __init__(self, *items):
        self.books = [Book(Catalogue(version=1, effective_from="2000-01-01", items=items))]

    def publish(self, *items):
        number = len(self.books) + 1
        book = Book(Catalogue(version=number, effective_from="2000-01-01", items=items))
        self.books.append(book)

    def at(self, us):
        del us
        return self.books[-1] if self.books else None

    def version(self, number, us=None):
        del us
        return self.books[number - 1]


def quantity(value, unit="mmol/L"):
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


class Ward(Consortium):
    """Patient a1 of campus A is b1 at campus B and c1 at campus C."""

    async def open(self):
        await super().open()
        self.catalogue = Versions(*ITEMS)
        self.recognition = Recognition(self.door, self.catalogue)
        self.people = {}
        for code in "ABC":
            await self.person(f"{code.lower()}1", code, "1")
        await self.join("a1", "b1")
        await self.join("a1", "c1")

    def follow(self, *followers):
        self.door = replace(self.door, followers=followers)
        self.recognition = Recognition(self.door, self.catalogue)

    async def person(self, id_, code, number, **more):
        known = {"name": [{"text": "王小明"}], "birthDate": "1980-03-07", "gender": "male"}
        await self.put(code, patient(id_, identifier=[pid(code, number)], **{**known, **more}))

    async def join(self, a, b, assurance="level4"):
        id_ = person_id(f"hand|{a}|{b}")
        stored = self.store.current("Person", id_)
        expect = stored.version if stored else 0
        change = Change("Person", id_, of_hand(a, b, assurance), expect, IDENTITY)
        await commit(self.door, self.admin(), [change], Extras(trusted=True))

    def ago(self, **span):
        """A time so long ago, as FHIR writes it."""
        now = datetime.fromtimestamp(self.clock() / 1e6, UTC)
        return (now - timedelta(**span)).isoformat(timespec="seconds")

    async def measure(self, id_="k1", who="B", code="2823-3", value=4.2, unit="mmol/L", **more):
        """Write an Observation; `None` takes an element out."""
        subject = more.pop("subject", f"{who.lower()}1")
        resource = {
            "resourceType": "Observation",
            "id": id_,
            "status": "final",
            "code": concept(code) if isinstance(code, str) else code,
            "subject": {"reference": f"Patient/{subject}"},
            "effectiveDateTime": self.ago(hours=2),
            "valueQuantity": quantity(value, unit),
        }
        kept = {key: one for key, one in {**resource, **more}.items() if one is not None}
        await self.put(who, kept)
        return id_

    async def report(self, id_, who, code, results=(), **more):
        resource = {
            "resourceType": "DiagnosticReport",
            "id": id_,
            "status": "final",
            "code": concept(code) if isinstance(code, str) else code,
            "subject": {"reference": f"Patient/{who.lower()}1"},
            "effectiveDateTime": self.ago(hours=2),
            "result": [{"reference": f"Observation/{one}"} for one in results] or None,
        }
        kept = {key: one for key, one in {**resource, **more}.items() if one is not None}
        await self.put(who, kept)
        return id_

    async def images(self, id_, who, modality, site, *, side="", count=2, **more):
        system = "http://dicom.nema.org/resources/ontology/DCM"
        series = {
            "uid": f"2.25.{abs(hash(id_)) % 10**12}",
            "modality": {"system": system, "code": modality},
            "bodySite": {"display": site},
            "instance": [
                {
                    "uid": f"2.25.{abs(hash(id_)) % 10**12}.{number}",
                    "sopClass": {"system": "urn:ietf:rfc:3986", "code": "urn:oid:1.2.840.10008"},
                }
                for number in range(count)
            ],
        }
        if side:
            series["laterality"] = {"system": "http://snomed.info/sct", "code": side}
        resource = {
            "resourceType": "ImagingStudy",
            "id": id_,
            "status": "available",
            "modality": [{"system": system, "code": modality}],
            "subject": {"reference": f"Patient/{who.lower()}1"},
            "started": self.ago(days=2),
            "series": [series],
        }
        await self.put(who, {**resource, **more})
        return id_

    async def listen(self, who, channel, patience, last):
        """Set a channel's patience, and when it was last heard of."""
        campus = self.directory.campus(who).id
        options = f'{{"silent-after": "{patience}"}}'
        statements = [
            ("channel_seen", (campus, channel, last, last)),
            ("channel_put", (campus, channel, options)),
        ]
        await self.store.submit(Batch(ticket=b"", statements=statements, notices=[("config", "")]))

    async def suspend(self, patient, other):
        values = (patient, other, self.clock(), "blood group", "t1")
        statement = ("suspension_add", values)
        await self.store.submit(Batch(ticket=b"", statements=[statement]))

    def asked(self, *codes, patient=None, **more):
        """A question of campus A about a1: LOINC codes or whole orders."""
        number = Code("urn:hutong:A:pid", "1")
        whom = patient or PatientAsked(identifiers=(number,))
        orders = tuple(
            one if isinstance(one, Asked) else Asked(ref=one, codes=(Code(LOINC, one),))
            for one in codes
        )
        return Request(patient=whom, orders=orders, **{"encounter_class": "AMB", **more})

    async def check(self, *codes, who="A", **more):
        return await self.recognition.check(self.actor(who), self.asked(*codes, **more))

    async def one(self, code="2823-3", **more):
        """The one decision on one order."""
        answer = await self.check(code, **more)
        assert answer.identified
        (decision,) = answer.decisions
        return decision
