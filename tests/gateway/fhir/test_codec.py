"""What a body that cannot be read is told of itself: enough to mend it, nothing of its values."""

import pytest

from gateway.errors import InvalidResourceError
from gateway.fhir.codec import compact, decode, has_repeats

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


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": [{"text": "a", "text": "b"}]}',
        b'{"id": "a", "id": "a"}',
        rb'{"a": {"b": "\u738b", "b": 1}}',
    ],
)
def test_a_member_named_twice_is_noticed(body):
    assert has_repeats(compact(body), decode(body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1.00, "b": [1.0E3, -0, 0.10], "c": {"a": 1}}',
        rb'{"a": "\u738b\n", "b": {"a": "\u738b"}}',
        b'{ "a" : [ { "a" : { } } , { "a" : [ ] } ] }',
    ],
)
def test_members_named_once_in_each_object_are_fine(body):
    assert not has_repeats(compact(body), decode(body))
