"""JSON Patch: the official cases, and digits."""

import json

import pytest

from gateway.errors import GatewayError, InvalidRequestError, UnprocessableError
from gateway.fhir.codec import decode_value, encode
from gateway.fhir.patch.json_patch import apply, read


def patched(document, patch):
    return encode(apply(decode_value(document), read(decode_value(patch))))


@pytest.mark.needs("shared data")
def test_the_official_cases(shared):
    path = shared / "data/fhir-r4/test-cases/patch/json-patch-tests.json"
    cases = json.loads(path.read_text())
    assert len(cases) == 16
    for case in cases:
        sent = json.dumps(case["doc"]).encode(), json.dumps(case["patch"]).encode()
        if "error" in case:
            with pytest.raises(UnprocessableError):
                patched(*sent)
        else:
            assert json.loads(patched(*sent)) == case["expected"], case["comment"]


def test_digits_stay():
    document = b'{"a":1.00,"b":[1.0E3,2]}'
    patch = b'[{"op":"add","path":"/b/-","value":3.50},{"op":"copy","from":"/a","path":"/c"}]'
    assert patched(document, patch) == b'{"a":1.00,"b":[1.0E3,2,3.50],"c":1.00}'


def test_a_test_compares_numbers_by_what_they_say():
    same = b'[{"op":"test","path":"/a","value":1.0}]'
    for document in (b'{"a":1}', b'{"a":1.00}', b'{"a":10e-1}'):
        assert patched(document, same) == document
    for document in (b'{"a":true}', b'{"a":"1.0"}', b'{"a":null}', b'{"a":1.01}', b'{"a":[1]}'):
        with pytest.raises(UnprocessableError):
            patched(document, same)
    for endless in (b"1e-99999999999999999999", b"0e99999999999999999999"):
        patch = b'[{"op":"test","path":"/a","value":%b}]' % endless
        assert patched(b'{"a":%b}' % endless, patch) == b'{"a":%b}' % endless
        with pytest.raises(UnprocessableError):
            patched(b'{"a":1}', patch)
    nested = b'[{"op":"test","path":"","value":{"a":[1,{"b":null}]}}]'
    assert patched(b'{"a":[1.0,{"b":null}]}', nested)


@pytest.mark.parametrize(
    "patch",
    [
        b"{}",
        b"[1]",
        b'[{"op":"none","path":"/a"}]',
        b'[{"op":"add","path":"/a"}]',
        b'[{"op":"add","path":"a","value":1}]',
        b'[{"op":"add","path":"/~2","value":1}]',
        b'[{"op":"add","value":1}]',
        b'[{"op":"move","path":"/a"}]',
        b'[{"op":"remove","path":1}]',
    ],
)
def test_what_is_no_patch_is_refused(patch):
    with pytest.raises(InvalidRequestError):
        patched(b'{"a":1}', patch)


@pytest.mark.parametrize(
    "patch",
    [
        b'[{"op":"remove","path":""}]',
        b'[{"op":"remove","path":"/z"}]',
        b'[{"op":"replace","path":"/z","value":1}]',
        b'[{"op":"replace","path":"/l/2","value":1}]',
        b'[{"op":"replace","path":"/l/-","value":1}]',
        b'[{"op":"add","path":"/l/3","value":1}]',
        b'[{"op":"add","path":"/l/01","value":1}]',
        b'[{"op":"add","path":"/a/b","value":1}]',
        b'[{"op":"move","from":"/o","path":"/o/p"}]',
        b'[{"op":"copy","from":"/z","path":"/a"}]',
        b'[{"op":"test","path":"/a","value":2}]',
    ],
)
def test_what_cannot_be_done_names_the_operation(patch):
    with pytest.raises(GatewayError) as told:
        patched(b'{"a":1,"l":[1,2],"o":{"p":1}}', patch)
    assert told.value.status == 422
    assert told.value.expression == "[0]"


def test_the_whole_is_replaced():
    assert patched(b'{"a":1}', b'[{"op":"replace","path":"","value":{"b":2}}]') == b'{"b":2}'
    assert patched(b'{"a":1}', b'[{"op":"replace","path":"/a","value":2}]') == b'{"a":2}'
    assert patched(b'{"a":[1]}', b'[{"op":"replace","path":"/a/0","value":2}]') == b'{"a":[2]}'


def test_a_copy_is_its_own():
    patch = b'[{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/c","value":1}]'
    assert patched(b'{"a":{"x":[1]}}', patch) == b'{"a":{"x":[1]},"b":{"x":[1],"c":1}}'
    own = b'[{"op":"move","from":"/a","path":"/a"}]'
    assert patched(b'{"a":1}', own) == b'{"a":1}'


def test_copies_of_copies_are_bounded():
    step = '{"op":"copy","from":"","path":"/a%d"}'
    patch = "[" + ",".join(step % number for number in range(60)) + "]"
    with pytest.raises(UnprocessableError):
        patched(b'{"a":"' + b"x" * 1_000 + b'"}', patch.encode())
