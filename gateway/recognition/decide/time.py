"""TIME: the result is young enough when the order is to be carried out (§2.10.5)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from gateway.recognition.catalogue.model import AMBULATORY
from gateway.recognition.decide.model import AHEAD, ISSUED, Anchor, Case, Fact
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict, Word

STATES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("AMB", "VR", "HH", "FLD"), AMBULATORY),
    **dict.fromkeys(("IMP", "ACUTE", "NONAC", "OBSENC", "SS"), "inpatient"),
    "EMER": "emergency",
}
"""Encounter classes of v3-ActCode: the patient state whose windows hold."""
CHILD: Final = "child"
CHILD_YEARS: Final = 14
SECOND: Final = 1_000_000
DAY: Final = 86_400
HOUR: Final = 3_600


def states(encounter_class: str, birth_date: str, moment: int, zone: str) -> tuple[str, ...]:
    """Return the states that a patient is in, or may be: an unknown age may be a child's."""
    found = [STATES.get(encounter_class, AMBULATORY)]
    if may_be_child(birth_date, moment, zone):
        found.append(CHILD)
    return tuple(found)


def may_be_child(birth_date: str, moment: int, zone: str) -> bool:
    """Return whether somebody is under 14 on the day; a year alone is taken to its end."""
    if not birth_date:
        return True
    parts = [int(part) for part in birth_date[:10].split("-")]
    # Without a day the youngest that fits, so that the shorter window counts.
    born = (*parts, 12, 31)[:3] if len(parts) == 1 else (*parts, 31)[:3]
    today = _local(moment, zone)
    year, month, day = today.year, today.month, today.day
    return (year - born[0]) - ((month, day) < (born[1], born[2])) < CHILD_YEARS


def window(windows: Mapping[str, int], of_states: tuple[str, ...]) -> int | None:
    """Return the shortest validity in seconds that applies, None if there is none."""
    found = [windows.get(state, windows.get(AMBULATORY)) for state in of_states]
    known = [one for one in found if one is not None]
    return min(known) if known else None


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether the result's time is known, past, and within the window to the second."""
    anchor = fact.anchor
    if anchor is None:
        return Verdict("TIME", "unknown", (told("no-time"),))
    word, why = _word(case, anchor)
    return Verdict("TIME", word, (*why, *_when(case, anchor), *_circumstances(case)))


def _word(case: Case, anchor: Anchor) -> tuple[Word, tuple[str, ...]]:
    if anchor.start > case.circumstances.now + AHEAD:
        return "unknown", (told("ahead"),)
    if case.window is None:
        return "unknown", (told("no-window"),)
    if case.window <= 0:
        return "fail", (told("never"),)
    if case.moment > anchor.end - 1 + case.window * SECOND:
        return "fail", ()
    reported = anchor.kind == ISSUED and case.item.anchor != ISSUED
    return "unknown" if reported or case.moment > valid_until(anchor, case.window) else "pass", ()


def _when(case: Case, anchor: Anchor) -> list[str]:
    zone = case.circumstances.zone
    found = [told(anchor.kind, iso(anchor.start, zone))]
    if anchor.zone:
        found.append(told("zone-assumed", anchor.zone))
    if case.window is not None and case.window > 0:
        found.append(told("window", span(case.window)))
        found.append(told("valid-until", iso(valid_until(anchor, case.window), zone)))
    return found


def valid_until(anchor: Anchor, seconds: int) -> int:
    """Return the last moment at which a result may be used."""
    return anchor.start + seconds * SECOND


def _circumstances(case: Case) -> list[str]:
    found = [told("state", state) for state in case.states if state]
    if case.circumstances.encounter_class not in STATES:
        found.append(told("encounter-class", case.circumstances.encounter_class or "unknown"))
    if case.moment != case.circumstances.now:
        found.append(told("judged-at", iso(case.moment, case.circumstances.zone)))
    return found


@lru_cache(4096)
def iso(us: int, zone: str) -> str:
    """Return a moment in a zone, to the second unless there is more."""
    local = _local(us, zone)
    return local.isoformat(timespec="microseconds" if us % SECOND else "seconds")


def span(seconds: int) -> str:
    """Return a length of time: 30 d, 36 h, 90 s."""
    for unit, size in (("d", DAY), ("h", HOUR)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _local(us: int, zone: str) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(_zone(zone))


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
