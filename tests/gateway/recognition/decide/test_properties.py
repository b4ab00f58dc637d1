"""What holds of every decision, whatever there is."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.recognition.decide.decision import decide
from gateway.recognition.decide.model import Facts, Mark, Open
from gateway.recognition.model import USABLE, Asked
from gateway.recognition.reading import anchor as read_anchor
from tests.gateway.recognition.pure import (
    BOOK,
    HOUR,
    MARK,
    NOW,
    PANEL,
    PARTS,
    SECOND,
    anchor,
    fact,
    facts,
)

FOUR = type(BOOK)(
    replace(
        BOOK.catalogue,
        items=(replace(PANEL, code="FOUR", parts=("P0", "P1", "P2", "P3")), *PARTS[:4]),
    )
)
MARKS = st.sampled_from(
    [None, MARK, Mark(claimed="HR"), Mark(scope="city", evidence=1, recalled=NOW)]
)
FACTS = st.builds(
    fact,
    st.integers(1, 9),
    status=st.sampled_from(["final", "amended", "preliminary", "cancelled", "unknown"]),
    patient=st.sampled_from(["a1", "b1", "c1", "x1"]),
    campus=st.integers(1, 3),
    anchor=st.one_of(
        st.none(),
        st.builds(
            anchor, st.integers(-HOUR, 100 * HOUR), st.sampled_from(["collection", "issued"])
        ),
    ),
    unit=st.sampled_from(["mmol/L", "umol/L", "mg/dL", ""]),
    signs=st.sampled_from([(), ("haemolysis",)]),
    mark=MARKS,
    critical=st.sampled_from(["", "not", "critical", "unjudged"]),
    tags=st.sampled_from([(), ("training",), ("unverified-source",)]),
)
MANY = st.lists(FACTS, max_size=6, unique_by=lambda one: one.reference)
ABOUT = st.fixed_dictionaries(
    {
        "encounter_class": st.sampled_from(["AMB", "IMP", "EMER", "", "?"]),
        "suspended": st.sampled_from([(), ("b1",), ("a1", "b1")]),
        "birth_date": st.sampled_from(["1980-03-07", "2020-01-01", ""]),
        "silent": st.sampled_from([{}, {2: NOW - HOUR}]),
    }
)
ASKED = st.builds(
    Asked,
    repeating=st.booleans(),
    occurrence=st.one_of(st.none(), st.integers(NOW - HOUR, NOW + 90 * HOUR)),
)


@given(MANY, ABOUT, ASKED, st.randoms())
def test_a_decision_does_not_depend_on_the_order_of_arrival(found, about, asked, random):
    shuffled = random.sample(found, len(found))

    assert decide(facts(*found, asked=asked, **about), BOOK) == decide(
        facts(*shuffled, asked=asked, **about), BOOK
    )


@given(MANY, ABOUT, ASKED)
def test_replay_gives_the_same_trace(found, about, asked):
    pinned = facts(*found, asked=asked, **about)
    kept = msgspec.json.decode(msgspec.json.encode(pinned), type=Facts)

    assert decide(kept, BOOK) == decide(pinned, BOOK)


@given(MANY, ABOUT, ASKED)
def test_nothing_is_recognised_over_an_uncertain_identity(found, about, asked):
    decision = decide(facts(*found, asked=asked, **about), BOOK)

    if decision.outcome in {*USABLE, "reread"}:
        (used,) = [one for one in found if one.reference == decision.result.reference]
        assert used.patient in {"a1", "b1", "c1"}
        assert not used.tags
        assert used.patient == "a1" or not {used.patient, "a1"} & set(about["suspended"])


@given(MANY, ABOUT, ASKED)
def test_nothing_is_recognised_over_an_open_critical_value(found, about, asked):
    waiting = Open("t1", "potassium")

    decision = decide(facts(*found, asked=asked, open=(waiting,), **about), BOOK)

    assert decision.outcome == "context-critical"


@given(MANY, ABOUT, ASKED)
def test_shall_means_that_every_rule_passed_and_nothing_newer_failed(found, about, asked):
    decision = decide(facts(*found, asked=asked, **about), BOOK)

    if decision.outcome == "shall-recognise":
        assert {rule.verdict for rule in decision.rules} == {"pass"}
        assert about["encounter_class"] in {"AMB", "IMP", "EMER"}
        assert not asked.repeating
        newer = [
            one for one in found if one.anchor is None or one.anchor.start > decision.result.anchor
        ]
        assert all(
            one.status in {"final", "amended"} and not one.tags and one.patient != "x1"
            for one in newer
        )


@st.composite
def panels(draw):
    """Reports that hold some of four analytes each, and analytes in no report."""
    found, number = [], 0
    for at in range(draw(st.integers(0, 3))):
        report = f"DiagnosticReport/r{at}/_history/1"
        status = draw(st.sampled_from(["final", "final", "preliminary"]))
        when = draw(st.integers(0, 200 * HOUR))
        parts = []
        for part in draw(st.sets(st.integers(0, 3))):
            number += 1
            one = draw(FACTS)
            parts.append(
                replace(
                    one,
                    reference=f"Observation/p{number}/_history/1",
                    item=f"P{part}",
                    unit="g/L",
                    reports=((report, status),),
                )
            )
        found.append(
            replace(
                fact(),
                reference=report,
                item="FOUR",
                status=status,
                anchor=anchor(when),
                parts=tuple(parts),
            )
        )
    return found


@given(panels(), ABOUT, ASKED, st.randoms())
def test_a_panel_is_recognised_by_its_sound_analytes_in_any_order(found, about, asked, random):
    pinned = facts(*found, item="FOUR", asked=asked, **about)
    shuffled = [
        replace(one, parts=tuple(random.sample(one.parts, len(one.parts)))) for one in found
    ]
    random.shuffle(shuffled)
    decision = decide(pinned, FOUR)
    again = decide(facts(*shuffled, item="FOUR", asked=asked, **about), FOUR)

    assert (decision.id, decision.rules, decision.residual) == (
        again.id,
        again.rules,
        again.residual,
    )
    if decision.outcome in USABLE:
        (used,) = [one for one in found if one.reference == decision.result.reference]
        left = {one.code for one in decision.residual}
        kept = [f"P{n}" for n in range(4) if f"1000{n}-0" not in left]
        assert len(kept) >= len(left)
        for code in kept:
            its = [one for one in used.parts if one.item == code]
            assert any(one.status in {"final", "amended"} and not one.tags for one in its)
            assert any(one.patient in {"a1", "b1", "c1"} and not one.signs for one in its)
        assert used.status == "final"


ZONES = st.sampled_from(
    [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=5, minutes=45))]
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1))  # noqa: DTZ001 - zones below


@given(MOMENTS, ZONES, st.integers(-2, 2))
def test_the_edge_of_the_window_is_the_same_second_in_every_zone(moment, zone, off):
    """A leap day counts as a day: 72 hours are 72 hours."""
    taken = moment.replace(microsecond=0, tzinfo=UTC)
    text = taken.astimezone(zone).isoformat()
    start = int(taken.timestamp()) * SECOND
    now = start + 72 * HOUR + off * SECOND
    read = read_anchor(text, "collection", ZoneInfo("Asia/Shanghai"))
    found = decide(facts(fact(anchor=read), now=now), BOOK)

    assert read.start == start
    assert found.outcome == ("shall-recognise" if off <= 0 else "reference-only")
    assert replace(read, start=0).end == start + SECOND
