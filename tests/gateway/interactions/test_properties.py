"""What holds for every text: values in a search, names in an error, bytes in a body."""

import json
import string
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.fhir.codec import decode_exact, encode, members
from gateway.interactions.names import parse_name
from gateway.interactions.references import rewritten
from gateway.interactions.values import split, unescape
from gateway.store.body import fill, instant, pack, unpack

VALUES = st.lists(st.text(min_size=1), min_size=1)
DIGITS = st.text(string.digits, min_size=1, max_size=30)


def escaped(text):
    return "".join(f"\\{one}" if one in "\\,|$" else one for one in text)


@given(VALUES)
def test_escaped_values_are_split_and_read_back(values):
    joined = ",".join(escaped(value) for value in values)
    assert [unescape(one) for one in split(joined)] == values


@given(st.text())
@example("subject.")
@example("subject:")
@example("subject:.name")
def test_every_text_is_a_name_of_some_parameter(text):
    name = parse_name(text)
    assert name.text == text
    # What ends too early is taken whole, and no parameter is called so.
    assert name.code == text or not set(":.") & set(name.code)


@st.composite
def decimals(draw):
    sign, whole, part, exponent = (
        draw(one)
        for one in (
            st.sampled_from(["", "-"]),
            DIGITS,
            st.one_of(st.just(""), DIGITS.map(lambda digits: f".{digits}")),
            st.one_of(st.just(""), st.integers(-300, 270).map(lambda power: f"E{power:+}")),
        )
    )
    whole = whole.lstrip("0") or "0"
    # An integer has no minus nought; a decimal has, and keeps it.
    return f"{sign if part or exponent or whole != '0' else ''}{whole}{part}{exponent}"


@given(decimals(), st.text())
def test_what_is_decoded_exactly_is_encoded_as_it_was(number, text):
    body = b'{"value":%b,"text":%b}' % (number.encode(), json.dumps(text).encode())
    again = encode(rewritten(decode_exact(body), {"x": "y"}))
    assert bytes(members(again)["value"]) == number.encode()
    assert Decimal(bytes(members(again)["value"]).decode()) == Decimal(number)
    assert json.loads(again)["text"] == text


@given(st.binary(max_size=3000))
def test_every_body_is_unpacked_as_it_was_packed(body):
    assert unpack(*pack(body)) == body


@given(st.integers(1, 9_999_999), st.integers(0, 253_402_300_799_999_999))
def test_a_hole_is_filled_with_version_and_moment(version, row):
    filled = json.loads(fill(b'{"meta":{,"x":1}}', 9, version, row))
    assert filled["meta"] == {"versionId": str(version), "lastUpdated": instant(row), "x": 1}
    assert len(instant(row)) == 27
