from dataclasses import replace

import httpx
import pytest
from starlette.responses import Response
from starlette.routing import Route

from gateway.api.application import application
from gateway.api.routes import ROUTES
from gateway.errors import GatewayError
from gateway.store.objects import LocalObjects
from tests.gateway.api.conftest import BASE, ROOT, Gateway
from tests.gateway.api.samples import JSON, PATIENT, put, read, refusal


async def test_an_unknown_type_is_refused_with_what_is_near(anna):
    issue = refusal(await anna.get("/Patients/p1"), 404, "not-supported")
    assert issue["details"]["text"] == "R4 has no resource type 'Patients'. Near: Patient."
    refusal(await anna.post("/patient/_search"), 404, "not-supported")
    refusal(await put(anna, {"resourceType": "Unheard", "id": "1"}), 404, "not-supported")


@pytest.mark.parametrize(
    "address", ["/Patient/$graphql", "/Patient/p1/$purge", "/$convert", "/_snapshot"]
)
async def test_what_is_not_offered_is_told(anna, address):
    issue = refusal(await anna.get(address), 404, "not-supported")
    assert address.rpartition("/")[2] in issue["details"]["text"]


async def test_an_operation_at_the_wrong_place_is_told_where_it_is(anna):
    issue = refusal(await anna.post("/Task/$acknowledge"), 404, "not-supported")
    assert "It is called on [base]/Task/{id}." in issue["details"]["text"]
    issue = refusal(await anna.get("/ServiceRequest/s1/$purge"), 404, "not-supported")
    assert "$recognize" in issue["details"]["text"].partition("Operations here: ")[2]
    answer = await anna.get("/ServiceRequest/$recognize")
    refusal(answer, 405, "not-supported")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "address", ["/Patient/p1/x", "/Patient/p1/_history/1/x", "//p1", "/Patient//"]
)
async def test_an_unknown_address_is_not_found(anna, address):
    answer = await anna.get(BASE + address)
    assert read(answer, 404)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("method", "address", "allow"),
    [
        ("POST", "/Patient/p1", "DELETE, GET, HEAD, PATCH, PUT"),
        ("BREW", "/Patient", "DELETE, GET, HEAD, PATCH, POST, PUT"),
        ("PUT", "", "GET, HEAD, POST"),
        ("DELETE", "/metadata", "GET, HEAD"),
        ("GET", "/Patient/_search", "POST"),
        ("POST", "/Patient/p1/_history", "GET, HEAD"),
    ],
)
async def test_a_method_that_is_not_allowed_is_told_what_is(anna, method, address, allow):
    answer = await anna.request(method, BASE + address)
    refusal(answer, 405, "not-supported")
    assert answer.headers["Allow"] == allow


async def test_an_id_may_be_a_word_of_an_address(anna):
    for name in ("metadata", "fhir", "healthz"):
        await put(anna, PATIENT | {"id": name})
        assert read(await anna.get(f"/Patient/{name}"))["id"] == name


async def test_a_closing_slash_changes_nothing(anna):
    await put(anna, PATIENT)
    assert read(await anna.get("/Patient/p1/"))["id"] == "p1"
    assert read(await anna.get("/Patient/?_id=p1"))["total"] == 1


@pytest.mark.parametrize(
    "accept",
    [
        *("application/fhir+json", "application/json", "text/json", "*/*", ""),
        *("application/xml;q=0.1, */*", "application/fhir+json; fhirVersion=4.0.1"),
    ],
)
async def test_json_is_what_there_is(anna, accept):
    await put(anna, PATIENT)
    assert read(await anna.get("/Patient/p1", headers={"Accept": accept}))["id"] == "p1"


@pytest.mark.parametrize(
    "accept",
    [
        *("text/turtle", "application/json;q=0", "application/json;q=high"),
        *("application/fhir+json; fhirVersion=3.0", "application/fhir+xml; fhirVersion=3.0"),
    ],
)
async def test_another_format_cannot_be_had(anna, accept):
    issue = refusal(await anna.get("/Patient", headers={"Accept": accept}), 406, "not-supported")
    assert issue["expression"] == ["Accept"]


async def test_format_goes_before_accept(anna):
    xml = {"Accept": "application/fhir+xml"}
    for name in ("json", "application/fhir+json", "application%2Fjson", "text/json"):
        assert (await anna.get(f"/Patient?_format={name}", headers=xml)).status_code == 200
    for name in ("ttl", "application/fhir+turtle", ""):
        issue = refusal(await anna.get(f"/Patient?_format={name}"), 406, "not-supported")
        assert issue["expression"] == ["_format"]


def subclasses(base):
    yield base
    for child in base.__subclasses__():
        yield from subclasses(child)


class Broken:
    """A store that fails in one way when a resource is read."""

    def __init__(self, store, error):
        self._store = store
        self._error = error

    def current(self, _type, _id):
        raise self._error

    def __getattr__(self, name):
        return getattr(self._store, name)


async def answer_to(door, error):
    """What a caller of a gateway hears whose store fails like this."""
    broken = Gateway(replace(door, store=Broken(door.store, error)))
    answer = await broken.client(ROOT).get("/Patient/p1")
    await broken.close()
    return answer


OWN = [kind for kind in subclasses(GatewayError) if kind.__init__ is GatewayError.__init__]


@pytest.mark.parametrize("kind", sorted(OWN, key=lambda kind: kind.__name__))
async def test_every_error_has_its_status_and_code(door, kind):
    answer = await answer_to(door, kind("Words.", expression="Patient.name"))
    issue = refusal(answer, kind.status, kind.issue_code)
    assert issue["details"]["text"] == "Words."
    assert issue["expression"] == ["Patient.name"]
    told = {401: "WWW-Authenticate", 405: "Allow", 503: "Retry-After"}
    assert kind.status not in told or told[kind.status] in answer.headers


async def test_a_defect_is_logged_by_its_place_alone(door, caplog):
    answer = await answer_to(door, ValueError("王秀英"))
    refusal(answer, 500, "exception")
    assert "王" not in answer.text + caplog.text
    assert "ValueError at" in caplog.text
    assert "read.py:" in caplog.text


async def test_what_nests_too_deep_is_no_defect(door, caplog):
    refusal(await answer_to(door, RecursionError()), 400, "too-long")
    assert not caplog.records


@pytest.mark.usefixtures("anna")
async def test_a_caller_who_hangs_up_is_no_defect(gateway, caplog):
    sent = []
    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/fhir/Patient/p1",
        "query_string": b"",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": None,
        "headers": [(b"authorization", b"Bearer A"), (b"content-type", b"application/json")],
    }

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await gateway.app(scope, receive, send)
    assert sent == []
    assert not caplog.records


@pytest.mark.parametrize("host", ["a b", 'x"y', "", "evil.test/x?"])
async def test_a_host_that_is_none_is_refused(anna, host):
    answer = await anna.get("/metadata", headers={"Host": host})
    if host:
        refusal(answer, 400, "invalid")
    else:
        assert answer.status_code == 200


async def test_addresses_follow_the_host_that_was_called(anna):
    answer = await anna.put("http://[::1]:8080/fhir/Patient/p1", content=_PATIENT, headers=JSON)
    assert answer.headers["Location"] == "http://[::1]:8080/fhir/Patient/p1/_history/1"


_PATIENT = b'{"resourceType":"Patient","id":"p1"}'


async def test_every_route_answers(anna):
    for method, path, _, _ in ROUTES:
        names = dict.fromkeys(("study", "series", "instance", "frame", "path"), "1")
        address = path.format(type="Patient", id="p1", version="1", member="Observation", **names)
        answer = await anna.request(method, f"{BASE[: -len('/fhir')]}{address}", headers=JSON)
        assert answer.status_code not in {405, 500}, (method, path)


@pytest.mark.parametrize("address", ["/nowhere", "/cds-nothing", "/FHIR/Patient", "/"])
async def test_an_address_of_nobody_is_not_found(gateway, address):
    answer = await gateway.client().get(f"http://gateway.test{address}")
    refusal(answer, 404, "not-found")


async def test_what_is_not_of_the_api_is_left_to_the_pages(door, tmp_path):
    page = Route("/page", lambda _: Response("page"), methods=["GET"])

    async def ready():
        return []

    transport = httpx.ASGITransport(application(door, [page], ready, LocalObjects(tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        assert (await client.get("/page")).text == "page"
        answer = await client.put("/page")
    refusal(answer, 405, "not-supported")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}
