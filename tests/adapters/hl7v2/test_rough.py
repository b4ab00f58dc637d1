"""Flags are found in what cannot be read otherwise."""

import pytest

from adapters.hl7v2.rough import abnormal_flags

HEAD = b"MSH|^~\\&|LIS|B\r"


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        (HEAD + b"OBX|1|NM|K||2.6|mmol/L|3-5|LL|||F", ["LL"]),
        (HEAD + b"OBX|1|NM|K||\xff\xfe|mmol/L|3-5|HH~A|||F\rOBX|2|NM|X||1|||N", ["HH", "A", "N"]),
        (HEAD.replace(b"|", b"#") + b"OBX#1#NM#K##2.6#mmol/L#3-5#LL", ["LL"]),
        (HEAD + b"OBX|1|NM|K||2.6\rOBX\rNTE|1||HH|||||HH", []),
        (b"", []),
    ],
)
def test_flags_are_found_whatever_the_rest_is(body, flags):
    assert abnormal_flags(body) == flags
