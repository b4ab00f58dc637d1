"""SearchParameters over HTTP: refusals with their place, the CapabilityStatement, `$status`."""

import pytest

from gateway.interactions.reindex import define
from tests.gateway.api.conftest import ROOT
from tests.gateway.api.samples import read
from tests.gateway.interactions.defined import extension, of, parameter

OWN = parameter("own", "Patient", "token", of("Patient", "x"))


@pytest.fixture
def root(gateway):
    return gateway.client(ROOT)


async def build(gateway):
    while await define(gateway.door):
        pass
    gateway.door.params.forget()


def told(parameters):
    return [
        {
            part["name"]: next(iter(part.items() - {("name", part["name"])}), ("", ""))[1]
            for part in one["part"]
            if part["name"] != "resource"
        }
        for one in parameters.get("parameter", ())
    ]


async def test_it_is_built_told_of_and_then_searched_by(gateway, anna, root):
    await anna.put(
        "/Patient/p1",
        json={"resourceType": "Patient", "id": "p1", "extension": [extension("x", valueCode="a")]},
    )
    made = await root.put("/SearchParameter/own", json=OWN)
    assert made.status_code == 201
    early = await anna.get("/Patient", params={"own": "a"})
    (issue,) = read(early, 400)["issue"]
    assert issue["code"] == "not-supported"
    assert issue["expression"] == ["http.own"]
    assert "being built: 0 %" in issue["details"]["text"]
    status = read(await anna.get("/SearchParameter/$status"))
    assert told(status) == [{"url": OWN["url"], "code": "own", "state": "building", "percent": 0}]
    assert "own" not in await params_of(gateway, "Patient")
    await build(gateway)
    found = read(await anna.get("/Patient", params={"own": "a"}))
    assert [one["resource"]["id"] for one in found["entry"]] == ["p1"]
    assert (await params_of(gateway, "Patient"))["own"] == OWN["url"]
    status = read(await anna.get("/SearchParameter/own/$status"))
    assert told(status)[0]["state"] == "active"
    assert told(status)[0]["percent"] == 100
    await root.delete("/SearchParameter/own")
    assert "own" not in await params_of(gateway, "Patient")
    assert (await anna.get("/Patient", params={"own": "a"})).status_code == 400


async def params_of(gateway, type_):
    (rest,) = read(await gateway.client().get("/metadata"))["rest"]
    (found,) = [one for one in rest["resource"] if one["type"] == type_]
    return {one["name"]: one["definition"] for one in found["searchParam"]}


async def test_what_is_refused_names_its_place(anna, root):
    bad = await root.put("/SearchParameter/own", json=OWN | {"expression": "Patient.foo()"})
    assert bad.status_code == 422
    assert read(bad, 422)["issue"][0]["expression"] == ["SearchParameter.expression"]
    taken = await root.put("/SearchParameter/own", json=OWN | {"code": "gender"})
    assert taken.status_code == 409
    assert (await anna.put("/SearchParameter/own", json=OWN)).status_code == 403
    assert (await anna.get("/SearchParameter/own")).status_code == 404
    assert (await anna.get("/SearchParameter/own/$status")).status_code == 404
    draft = await anna.put("/SearchParameter/own", json=OWN | {"status": "draft"})
    assert draft.status_code == 201
    assert (await anna.get("/SearchParameter/own/$status")).status_code == 404
    assert read(await anna.get("/SearchParameter/$status")) == {"resourceType": "Parameters"}


async def test_a_bundle_may_define_several_at_once(gateway, anna, root):
    parts = [
        parameter("one", "Observation", "token", "Observation.component.code"),
        parameter("two", "Observation", "quantity", "Observation.component.value.ofType(Quantity)"),
    ]
    pair = parameter(
        "pair",
        "Observation",
        "composite",
        "Observation.component",
        component=[
            {"definition": one["url"], "expression": one["expression"].split(".", 2)[2]}
            for one in parts
        ],
    )
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"SearchParameter/{one['id']}"}}
        for one in (*parts, pair)
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = await root.post("", json=bundle)
    assert answer.status_code == 200, answer.text
    await build(gateway)
    assert (await anna.get("/Observation", params={"pair": "a$gt5"})).status_code == 200
