"""Which versions end when a new one comes into force."""

import pytest

from gateway.errors import ConflictError, InvalidRequestError
from gateway.recognition.catalogue.model import Catalogue
from gateway.recognition.catalogue.publish import publish


def version(number, start, end=""):
    return Catalogue(version=number, effective_from=start, effective_to=end, approver="甲")


def ended(given, *versions, today="2026-07-01"):
    return publish(given, versions, today=today, at=5).ended


OPEN = version(1, "2026-01-01")


def test_a_new_version_ends_the_one_before_on_its_first_day():
    assert ended(version(0, "2026-08-01"), OPEN) == ((1, "2026-08-01"),)
    assert ended(version(0, ""), OPEN) == ((1, "2026-07-01"),)
    assert ended(version(0, "2026-01-01"), OPEN) == ((1, "2026-01-01"),)


def test_versions_that_are_over_or_replaced_stay_as_they_are():
    over = version(1, "2026-01-01", "2026-03-01")
    replaced = version(2, "2026-09-01", "2026-09-01")
    assert ended(version(0, "2026-03-01"), over, replaced) == ()
    assert ended(version(0, "2026-02-28"), over) == ((1, "2026-02-28"),)


def test_a_version_may_fill_the_days_before_the_next_one():
    later = version(2, "2026-09-01")
    assert ended(version(0, "2026-07-01", "2026-09-01"), later) == ()
    with pytest.raises(ConflictError, match="Version 2 is to hold from 2026-09-01"):
        ended(version(0, "2026-07-01", "2026-09-02"), later)
    with pytest.raises(ConflictError, match="Version 2"):
        ended(version(0, "2026-07-01"), later)


def test_a_version_within_another_is_refused():
    with pytest.raises(ConflictError, match="Version 1 holds beyond 2026-09-01"):
        ended(version(0, "2026-07-01", "2026-09-01"), OPEN)
    bounded = version(1, "2026-01-01", "2026-09-01")
    assert ended(version(0, "2026-07-01", "2026-09-01"), bounded) == ((1, "2026-07-01"),)


def test_the_next_number_is_one_more_than_the_highest_and_nobody_calls_it_a_proposal():
    given = Catalogue(version=0, effective_from="", approver="甲", defaults=True)
    made = publish(given, [OPEN, version(7, "2026-03-01", "2026-03-01")], today="2026-07-01", at=5)
    assert (made.catalogue.version, made.catalogue.defaults) == (8, False)


def test_a_catalogue_needs_an_approver_and_days_in_order():
    with pytest.raises(InvalidRequestError, match="approver"):
        publish(Catalogue(version=0, effective_from=""), [], today="2026-07-01", at=5)
    with pytest.raises(InvalidRequestError, match="ends before"):
        ended(version(0, "2026-07-01", "2026-07-01"))
