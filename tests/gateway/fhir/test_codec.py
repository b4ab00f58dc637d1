"""What a body that cannot be read is told of itself: enough to mend it, nothing of its values."""

import pytest

from gateway.errors import InvalidResourceError
from gateway.fhir.codec import decode

UNREADABLE = [
    ('{"name": "王秀英"}'.encode("gbk"), "not UTF-8"),
    (b'{"name": "\xe9"}', "not UTF-8"),
    (b"[]", "not an object"),
    (b'{"value": 1e999}', "out of range"),
    (b'{"value": ' + b"9" * 5000 + b"}", "out of range"),
    (b'{"name": ', "ends too early"),
    (b'{"name": "x"} x', "malformed at byte"),
]


@pytest.mark.parametrize(("body", "words"), UNREADABLE)
def test_a_body_that_cannot_be_read_is_told_why(body, words):
    with pytest.raises(InvalidResourceError, match=words):
        decode(body)
