"""Whatever stands in the fields: no crash, a balanced account, no value in a note."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mappers.hl7v2.messages import PID, header, mapped, notes, only
from tests.test_golden_cases import CASES, outcome_of

PLACE = re.compile(r"[A-Z][A-Z0-9]{2}(\[\d+\])?(-\d+)?")
MESSAGES = [case for case in CASES if case.parent.name == "hl7v2"]
CODE = re.compile(r"[a-z-]+")

FIELD = st.text(alphabet='0123456789ABFNMSTX^~&.-+<>:"一阴 \\', max_size=12)
SEGMENT = st.tuples(
    st.sampled_from(["OBR", "OBX", "ORC", "SPM", "NTE", "TQ1", "PV1", "PID", "MRG", "ZZZ"]),
    st.lists(FIELD, max_size=30),
).map(lambda parts: "|".join([parts[0], *parts[1]]))


@given(
    st.sampled_from(["ORU^R01", "ORM^O01", "ADT^A40"]),
    st.lists(SEGMENT, max_size=6),
    st.booleans(),
)
def test_any_segments_are_mapped_or_quarantined(kind, segments, whole):
    frame = [PID, "OBR|1|ORD1|F1|BIO||||||||||||||||||||F"] if whole else []
    found = mapped(header(kind), *frame, *segments)
    msgspec.json.decode(msgspec.json.encode(found))
    assert found.quarantine or found.account.balanced()
    assert len({draft.key for draft in found.drafts}) == len(found.drafts)


@pytest.mark.parametrize("text", ["a\\X00\\b", "a\\X4100\\b", "a\x01b", "a\\X0C\\b"])
def test_control_character_is_noted_and_left_out(text):
    found = mapped(header(), PID, "OBR|1|ORD1|F1|BIO", f"OBX|1|ST|A||{text}||||||F")
    assert only(found, "Observation")["valueString"] == "ab"
    assert ("control-character", "OBX[1]-5") in notes(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [("a\\X4142\\b", "aABb"), ("a\\X0D\\b", "a\rb"), ("张\u3000三", "张\u3000三")],
)
def test_other_characters_stay(text, value):
    found = mapped(header(), PID, "OBR|1|ORD1|F1|BIO", f"OBX|1|ST|A||{text}||||||F")
    assert only(found, "Observation")["valueString"] == value
    assert notes(found) == set()


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: case.name)
def test_notes_and_skips_tell_places_never_values(case):
    found = outcome_of(case)
    marks = [*found.notes, *([found.quarantine] if found.quarantine else [])]
    for mark in marks:
        assert CODE.fullmatch(mark.code)
        assert PLACE.fullmatch(mark.place)
    for skip in found.account.skips:
        assert CODE.fullmatch(skip.reason)
        assert PLACE.fullmatch(skip.place)


def test_every_segment_of_a_result_is_a_fact_or_a_named_skip():
    found = mapped(
        header(),
        "SFT|1",
        PID,
        "NK1|1",
        "PV1|1|O",
        "ORC|RE",
        "OBR|1|ORD1|F1|BIO",
        "ZZ1|1",
        "OBX|1|NM|A||1||||||F",
    )
    places = {skip.place for skip in found.account.skips}
    assert places == {"SFT[1]", "NK1[1]", "PV1[1]", "ZZ1[1]"}
