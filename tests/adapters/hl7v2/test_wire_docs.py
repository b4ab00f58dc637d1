"""The page on the wire names what the code does."""

import re

import pytest

from adapters.errors import EnvelopeError
from adapters.hl7v2.charset import SNIFF, codec_of
from adapters.hl7v2.parse import MAX_FIELDS, MAX_SEGMENTS
from tests.tools import ROOT

PAGE = (ROOT / "docs" / "reference" / "hl7v2-wire.md").read_text()
CHARSETS = re.findall(r"^   \| (`.*?|empty.*?) \| (.*?) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("names", "codec"),
    [(names, codec) for names, codec in CHARSETS],
    ids=[codec.split(":")[0] for _, codec in CHARSETS],
)
def test_each_name_of_a_character_set_is_read_as_documented(names, codec):
    expected = {"UTF-8": "utf-8", "GB18030": "gb18030", "Big5": "big5"}.get(codec, SNIFF)
    found = re.findall(r"`(.*?)`", names)
    assert found
    assert {codec_of(name) for name in found} == {expected}


def test_all_the_character_sets_are_there():
    assert len(CHARSETS) == 4


def test_each_error_of_the_envelope_is_documented():
    def kinds(kind):
        return [kind, *(below for each in kind.__subclasses__() for below in kinds(each))]

    codes = {kind("x").receipt().error for kind in kinds(EnvelopeError)}
    assert codes <= set(re.findall(r"^\|.*?`(\d{3})`", PAGE, re.MULTILINE))


def test_the_bounds_of_a_message_are_documented():
    assert f"{MAX_SEGMENTS:,} segments and {MAX_FIELDS:,} fields" in PAGE
