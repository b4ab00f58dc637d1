"""Which version of the catalogue is in force, to the second of a day in the consortium's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gateway.recognition.catalogue.model import Catalogue, Item
from gateway.recognition.catalogue.registry import Catalogues, pack
from gateway.recognition.catalogue.starter import starter

ITEM = Item(code="K", name="钾", category="lab", windows={"": 86_400})


class Versions:
    """Rows as the store would give them, counted."""

    def __init__(self, *catalogues):
        self.catalogues = list(catalogues)
        self.asked = 0
        self.listeners = []

    def fetch(self, name, values=()):
        if name == "catalogue_body":
            return [(pack(one),) for one in self.catalogues if (one.version,) == values]
        self.asked += 1
        return [
            (one.version, 0, one.effective_from, one.effective_to or None, one.approver, one.source)
            for one in self.catalogues
        ]

    def subscribe(self, topic, listener):
        assert topic == "config"
        self.listeners.append(listener)


def moment(text, zone="Asia/Shanghai"):
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return int(at.timestamp()) * 1_000_000


def version(number, start, end="", *items):
    return Catalogue(
        version=number, effective_from=start, effective_to=end, approver="主任", items=items
    )


def number_at(catalogues, text):
    book = catalogues.at(moment(text))
    return book.catalogue.version if book else None


def test_without_any_the_starter_is_in_force_and_says_that_nobody_approved_it():
    book = Catalogues(Versions(), lambda: moment("2026-07-01T00:00:00")).now()
    assert book.catalogue == starter()
    assert book.catalogue.defaults
    assert book.catalogue.approver == ""
    assert "proposals" in book.catalogue.source


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/St_Johns", "UTC"])
def test_a_version_begins_and_ends_at_midnight_of_the_consortium(zone):
    kept = Versions(version(1, "2026-01-01", "2026-03-01"), version(2, "2026-03-01"))
    catalogues = Catalogues(kept, lambda: 0, zone=ZoneInfo(zone))
    midnight = moment("2026-03-01T00:00:00", zone)
    assert catalogues.at(midnight - 1).catalogue.version == 1
    assert catalogues.at(midnight).catalogue.version == 2
    assert catalogues.at(moment("2025-12-31T23:59:59", zone)) is None


def test_nothing_is_in_force_while_two_versions_claim_a_day_or_none_does():
    kept = Versions(version(1, "2026-01-01", "2026-03-02"), version(2, "2026-03-01", "2026-04-01"))
    catalogues = Catalogues(kept, lambda: 0)
    assert number_at(catalogues, "2026-02-28T12:00:00") == 1
    assert number_at(catalogues, "2026-03-01T12:00:00") is None
    assert [one.version for one in catalogues.in_force("2026-03-01")] == [1, 2]
    assert number_at(catalogues, "2026-04-01T00:00:00") is None
    assert catalogues.in_force("2026-04-01") == ()


def test_an_item_holds_within_its_own_dates_and_stays_known_in_its_version():
    old = msgspec.structs.replace(ITEM, effective_to="2026-02-01")
    new = msgspec.structs.replace(ITEM, code="K2", effective_from="2026-02-01")
    catalogues = Catalogues(Versions(version(1, "2026-01-01", "", old, new)), lambda: 0)
    before, after = moment("2026-01-31T23:59:59"), moment("2026-02-01T00:00:00")
    assert [one.code for one in catalogues.at(before).catalogue.items] == ["K"]
    assert [one.code for one in catalogues.at(after).catalogue.items] == ["K2"]
    assert [one.code for one in catalogues.version(1).catalogue.items] == ["K", "K2"]
    assert catalogues.version(1, after).item("K") is None


def test_an_item_renamed_or_retired_later_stays_as_it_was_in_its_version():
    renamed = msgspec.structs.replace(ITEM, name="血清钾")
    kept = Versions(
        version(1, "2026-01-01", "2026-03-01", ITEM), version(2, "2026-03-01", "", renamed)
    )
    catalogues = Catalogues(kept, lambda: 0)
    assert catalogues.version(1).item("K").name == "钾"
    assert catalogues.at(moment("2026-03-01T00:00:00")).item("K").name == "血清钾"
    assert catalogues.version(3) is None


def test_an_import_counts_at_the_notice_and_else_within_half_a_second():
    kept = Versions(version(1, "2026-01-01"))
    now = [0.0]
    catalogues = Catalogues(kept, lambda: moment("2026-05-01T00:00:00"), ticks=lambda: now[0])
    assert catalogues.now().catalogue.version == 1
    kept.catalogues = [version(1, "2026-01-01", "2026-04-01"), version(2, "2026-04-01")]
    assert catalogues.now().catalogue.version == 1, "the store is not asked each time"
    now[0] = 0.5
    assert catalogues.now().catalogue.version == 2
    kept.catalogues.append(version(3, "2026-05-01"))
    kept.catalogues[1] = version(2, "2026-04-01", "2026-05-01")
    kept.listeners[0]("config", "")
    assert catalogues.now().catalogue.version == 3
    assert catalogues.version(2).catalogue.effective_to == "2026-05-01"


def test_the_same_book_is_given_as_long_as_nothing_changes():
    catalogues = Catalogues(Versions(version(1, "2026-01-01")), lambda: 0)
    first = catalogues.at(moment("2026-05-01T00:00:00"))
    assert catalogues.at(moment("2026-05-02T00:00:00")) is first
    assert catalogues.version(1) is first
