"""The parts of an Observation that `$lastn` and `$stats` look at, each number in its own digits.

https://hl7.org/fhir/R4/observation.html
"""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.fhir.dates import MAX_TICK, MIN_TICK, interval
from gateway.store.stored import Stored

NOWHEN: Final = MIN_TICK
"""When something was observed that does not say it: before all else."""


class Coding(msgspec.Struct, frozen=True):
    """One code."""

    system: str = ""
    code: str = ""
    display: str = ""


class Concept(msgspec.Struct, frozen=True):
    """A CodeableConcept."""

    coding: tuple[Coding, ...] = ()
    text: str = ""

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield what makes it the same as another: its codes, its text where it has none."""
        codes = [(one.system, one.code) for one in self.coding if one.code]
        yield from codes or [("text", self.text)]


class Period(msgspec.Struct, frozen=True):
    """From and until."""

    start: str = ""
    end: str = ""


class Timing(msgspec.Struct, frozen=True):
    """Moments."""

    event: tuple[str, ...] = ()


class Quantity(msgspec.Struct, frozen=True):
    """A number with its unit."""

    value: msgspec.Raw = msgspec.Raw()
    comparator: str = ""
    unit: str = ""
    system: str = ""
    code: str = ""


class Component(msgspec.Struct, frozen=True, rename="camel"):
    """A part with a code and value of its own."""

    code: Concept = Concept()
    value_quantity: Quantity | None = None
    modifier_extension: tuple[msgspec.Raw, ...] = ()


class Reference(msgspec.Struct, frozen=True):
    """A reference."""

    reference: str = ""


class Observation(msgspec.Struct, frozen=True, rename="camel"):
    """What is looked at."""

    status: str = ""
    code: Concept = Concept()
    subject: Reference | None = None
    effective_date_time: str = ""
    effective_instant: str = ""
    effective_period: Period | None = None
    effective_timing: Timing | None = None
    value_quantity: Quantity | None = None
    modifier_extension: tuple[msgspec.Raw, ...] = ()
    component: tuple[Component, ...] = ()
    has_member: tuple[Reference, ...] = ()

    def at(self, zone: ZoneInfo) -> int:
        """Return when it was observed, in ticks: the end of a period that has one."""
        if moment := self.effective_date_time or self.effective_instant:
            return interval(moment, zone)[0]
        if (period := self.effective_period) is not None:
            return interval(period.end or period.start, zone)[0] if period != Period() else NOWHEN
        events = self.effective_timing.event if self.effective_timing else ()
        return max((interval(one, zone)[0] for one in events), default=NOWHEN)


_decode = msgspec.json.Decoder(Observation).decode


def observation(stored: Stored) -> Observation:
    """Return what a stored version says."""
    return _decode(stored.json())


def span(period: Period, zone: ZoneInfo) -> tuple[int, int]:
    """Return the ticks of a period, open where it does not say."""
    return (
        interval(period.start, zone)[0] if period.start else MIN_TICK,
        interval(period.end, zone)[1] if period.end else MAX_TICK,
    )
