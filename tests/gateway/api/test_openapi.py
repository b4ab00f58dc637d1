"""The API's own description: OpenAPI, and the page of it."""

import re

import pytest

from gateway.api.routes import OPEN, ROUTES
from tests.gateway.api.conftest import ROOT
from tests.gateway.api.samples import refusal

SITE = "http://gateway.test"
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
async def document(gateway):
    answer = await gateway.client().get(f"{SITE}/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


async def test_it_has_every_route(document):
    told = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item.keys() & METHODS
    }
    assert told == {(method, path) for method, path, *_ in ROUTES if method != "OPTIONS"}
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": SITE}]


async def test_what_is_open_says_so(document):
    open_ = {(method.lower(), path) for method, path, handler, _ in ROUTES if handler in OPEN}
    for path, item in document["paths"].items():
        for method in item.keys() & METHODS:
            assert (item[method].get("security") == []) == ((method, path) in open_), path


async def test_names_are_each_once_and_references_lead_somewhere(document):
    operations = [
        item[method] for item in document["paths"].values() for method in item.keys() & METHODS
    ]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(one["summary"].endswith(".") for one in operations)
    assert {tag for one in operations for tag in one["tags"]} == {
        one["name"] for one in document["tags"]
    }
    schemas = document["components"]["schemas"]
    text = str(document)
    for name in re.findall(r"#/components/schemas/([\w.]+)", text):
        assert name in schemas
    for path, item in document["paths"].items():
        told = [one["name"] for one in item.get("parameters", ())]
        assert told == re.findall(r"{(\w+)}", path)


async def test_a_body_is_described_as_it_is_read(document):
    body = document["paths"]["/recognition/check"]["post"]["requestBody"]
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert {"patient", "orders"} <= set(document["components"]["schemas"][name]["required"])


async def test_the_page_needs_no_other_host_and_no_script(gateway):
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    answer = await gateway.client().get(f"{SITE}/docs", headers=browser)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    text = answer.text
    assert "<script" not in text
    assert not re.findall(r"(?:src|href)=\"(?!/|#)", text)
    for method, path, *_ in ROUTES:
        assert method == "OPTIONS" or f"<td>{method}</td><td><code>{path}</code></td>" in text
    html = await gateway.client().get(f"{SITE}/docs", headers={"Accept": "text/html"})
    assert html.content == answer.content


async def test_neither_takes_parameters(gateway):
    for path in ("docs", "openapi.json"):
        refusal(await gateway.client(ROOT).get(f"{SITE}/{path}?a=1"), 400, "invalid")
        assert (await gateway.client().head(f"{SITE}/{path}")).status_code == 200
