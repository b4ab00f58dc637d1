"""An order that arrives after a reminder is written down with it."""

import pytest

from gateway.recognition.catalogue.book import Book
from gateway.recognition.catalogue.model import Catalogue, Code, Item
from gateway.recognition.decide.model import Circumstances, Facts
from gateway.recognition.ledger.ordering import Ordering
from gateway.recognition.model import Asked, Decision, PatientAsked, Reason, Request
from gateway.recognition.recording import Kept, pack
from tests.gateway.interactions.consortium import concept
from tests.gateway.interactions.sending import entry, send
from tests.gateway.recognition.decided import DAY

LOCAL = "urn:hutong:A:item"
BOOK = Book(
    Catalogue(
        version=1,
        effective_from="2020-01-01",
        items=(
            Item(
                code="K", name="钾", category="lab", loinc=("2823-3",), codes=(Code(LOCAL, "K1"),)
            ),
            Item(code="NA", name="钠", category="lab", loinc=("2951-2",)),
        ),
    )
)


class Books:
    def at(self, us):
        del us
        return BOOK


class NoBooks:
    def at(self, us):
        del us


def kept(asked):
    """The body of a decision as the engine keeps it, as far as it is looked at here."""
    about = Circumstances(now=0, campus=1, code="A", zone="UTC", own=("a1",), people=("a1",))
    decision = Decision(id="d", asked=asked, outcome="may-recognise", reason=Reason("x", "x"))
    request = Request(patient=PatientAsked(), orders=())
    return Kept(request, Facts(circumstances=about, asked=asked), decision)


@pytest.fixture
async def reminded(county):
    county.follow(Ordering(Books()).follower)
    await county.result()
    await county.decided()
    return county


def request(code="2823-3", system="http://loinc.org", **more):
    usual = {
        "resourceType": "ServiceRequest",
        "id": "s1",
        "status": "active",
        "intent": "order",
        "code": concept(code, system),
        "subject": {"reference": "Patient/a1"},
    }
    return {**usual, **more}


async def test_case_13_the_order_that_arrives_is_kept_with_the_reminder(reminded):
    await reminded.put("A", request())
    assert reminded.kinds() == ["ordered"]
    await reminded.put("A", request(priority="urgent"))
    assert reminded.kinds() == ["ordered"]


async def test_an_order_under_another_code_of_the_item_counts(reminded):
    await reminded.put("A", request("K1", LOCAL))
    assert reminded.kinds() == ["ordered"]


async def test_an_order_under_the_code_that_was_asked_counts_without_a_catalogue(county):
    county.follow(Ordering(NoBooks()).follower)
    await county.result()
    asked = Asked(codes=(Code(LOCAL, "K1"),))
    await county.decided(body=pack(kept(asked)))
    await county.decided("d2", body=pack(kept(Asked(codes=(Code(LOCAL, "NA1"),)))))
    await county.put("A", request("K1", LOCAL))
    assert (county.kinds(), county.kinds("d2")) == (["ordered"], [])


async def test_a_draft_counts_when_it_is_signed(reminded):
    await reminded.put("A", request(status="draft"))
    await reminded.put("A", request(intent="plan"))
    assert reminded.kinds() == []
    await reminded.put("A", request())
    assert reminded.kinds() == ["ordered"]


@pytest.mark.parametrize(
    ("who", "change"),
    [
        ("A", {"code": concept("2951-2")}),
        ("A", {"status": "revoked"}),
        ("A", {"subject": {"reference": "Patient/other"}}),
        ("A", {"code": {"text": "?"}}),
        ("B", {"subject": {"reference": "Patient/b1"}}),
    ],
    ids=["other item", "revoked", "other patient", "no code", "other campus"],
)
async def test_another_order_says_nothing_of_the_reminder(reminded, who, change):
    await reminded.put(who, {**request(), **change})
    assert reminded.kinds() == []


async def test_an_order_long_after_the_reminder_is_not_about_it(reminded):
    reminded.clock.ahead += 2 * DAY
    await reminded.put("A", request())
    assert reminded.kinds() == []


async def test_of_orders_that_arrive_together_each_answers_its_own_reminder(reminded):
    await reminded.put("A", {"resourceType": "Patient", "id": "a9"})
    await reminded.decided("d2", item="NA")
    orders = [
        request(id="s1"),
        request("2951-2", id="s2"),
        request(id="s3", subject={"reference": "Patient/a9"}),
        request(id="s4", status="draft"),
    ]
    await send(reminded, "A", *(entry("PUT", f"ServiceRequest/{one['id']}", one) for one in orders))
    assert (reminded.kinds("d1"), reminded.kinds("d2")) == (["ordered"], ["ordered"])
