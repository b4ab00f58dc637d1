"""Tags of a resource that a reader must know."""

import pytest

from gateway.web.display.status import tags
from gateway.web.speech import CHINESE

OURS = "urn:hutong:cs:tag"


@pytest.mark.parametrize(
    ("system", "code", "words"),
    [
        (OURS, "training", ["培训数据"]),
        (OURS, "debugging", ["测试数据"]),
        (OURS, "unverified", ["未确认"]),
        (OURS, "unverified-source", ["来源未核实"]),
        (OURS, "other", []),
        ("urn:x", "training", []),
    ],
)
def test_a_tag_that_warns_is_said(system, code, words):
    resource = {"meta": {"tag": [{"system": system, "code": code}]}}
    assert [tag.word for tag in tags(CHINESE, resource)] == words
