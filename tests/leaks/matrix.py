"""For every route what the wrong campus asks of it: rows of (method, address, rest of the request).

A row is asked in both worlds and must be answered the same. `ORACLES` are those that DESIGN has
answered otherwise: they may say that an id is taken, and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from gateway.fhir.extract import extract
from gateway.fhir.searchparams import search_params
from tests.gateway.interactions.consortium import ZONE
from tests.leaks.hidden import HIDDEN, NAMES
from tests.leaks.words import GLUCOSE, HIV, LOINC, MARK, STUDY

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ASYNC = {"Prefer": "respond-async"}
PATCH = {"Content-Type": "application/json-patch+json"}


@dataclass(frozen=True)
class Ask:
    """One request; `oracle`: it may tell that an id is taken (DESIGN §3)."""

    method: str
    url: str
    json: object = None
    content: str | None = None
    headers: dict = field(default_factory=dict)
    oracle: bool = False
    follow: bool = False


def get(url, **more):
    return Ask("GET", url, **more)


def post(url, body=None, **more):
    return Ask("POST", url, body, **more)


def of(name):
    type_, _, id_ = name.partition("/")
    return type_, id_


def own(type_, id_):
    """A resource of the caller's that would stand under an id."""
    return next(one for _, one in HIDDEN if (one["resourceType"], one["id"]) == (type_, id_))


# Searches: by every value that the index has of what is hidden, and by every way to get there.


def values(resource):
    """Return the (code, value) pairs of all that a resource is found by."""
    type_ = resource["resourceType"]
    found = extract(resource, ZONE)
    codes = {param.id: param.code for param in search_params(type_).values()}
    pairs = [
        *((one[0], f"{one[1]}|{one[2]}" if one[1] else one[2]) for one in found.tokens),
        *((one[0], f"{one[1]}/{one[2]}" if one[1] else one[2]) for one in found.references),
        *((one[0], "2026-05-01") for one in found.dates),
        *found.strings,
        *found.uris,
        *((one.param, f"{one.lo}") for one in found.measures if not (one.unit or one.first)),
        *((one[0], MARK) for one in found.texts if codes[one[0]][0] == "_"),
    ]
    return dict.fromkeys((codes[param], value) for param, value in pairs)


SHAPES = ("", "&_summary=count", "&_total=accurate", "&_explain=true")


MODIFIED = {"token": ("not", "text"), "string": ("contains", "exact"), "uri": ("below",)}


def searches(type_) -> Iterator[str]:
    """Yield the queries that are asked of a type: by all that hidden ones of it are found by."""
    mine = [one for _, one in HIDDEN if one["resourceType"] == type_]
    asked = dict.fromkeys(pair for one in mine for pair in values(one))
    for number, (code, value) in enumerate(asked):
        yield f"{code}={quote(value)}{SHAPES[number % len(SHAPES)]}"
        yield f"{code}:missing=false&_summary=count"
        for modifier in MODIFIED.get(search_params(type_)[code].kind, ()):
            yield f"{code}:{modifier}={quote(value)}{SHAPES[number % len(SHAPES)]}"
    for one in mine:
        yield from (f"_id={one['id']}{shape}" for shape in SHAPES)
    for shape in SHAPES:
        yield f"_sort=-_lastUpdated{shape}"
    yield "_campus=A,C"
    yield "_count=1&_total=estimate"
    yield "_sort=_id&_elements=id"
    yield "_list=hid-li&_explain=true"
    yield f"_text={MARK}"
    yield f"_content={MARK}&_total=accurate"
    yield "_lastUpdated=gt2020&_summary=count"
    yield "_has:Observation:performer:code=2345-7" if type_ == "Patient" else "_profile=hid"


RELATED = (
    "Observation?subject:Patient.identifier=urn:hid|hid-7",
    "Observation?subject:Patient.name=" + MARK,
    f"Observation?subject:Patient.name={MARK}&_explain=true",
    "Observation?performer:Patient._id=hid-cp",
    "Observation?subject._has:Condition:subject:code:text=" + MARK,
    "Observation?specimen.identifier=urn:hid|hid-2",
    "Observation?based-on:ServiceRequest.code=" + HIV,
    "Observation?subject=Patient/pa&_include=*&_revinclude=*",
    "Observation?subject=Patient/pa&_linked=false&_sort=-date",
    "Observation?patient=pa&code=" + GLUCOSE,
    f"Observation?patient=pa&code={GLUCOSE},{HIV}&_explain=true",
    f"Observation?patient=pa&code={HIV}&_explain=true",
    f"Observation?code={GLUCOSE}&_explain=true",
    f"Observation?code={GLUCOSE}&_sort=value-quantity&_total=accurate",
    "Observation?code:in=http://hid.test/vs",
    "Observation?code:not-in=ValueSet/hid-vs",
    f"Observation?code:below=http://hid.test/cs|{GLUCOSE}",
    "Observation?code:above=http://hid.test/cs|hid-b",
    "Observation?_id=oa&_revinclude=Task:focus&_revinclude=List:item&_revinclude=Provenance:target",
    "Observation?_id=oa&_include=Observation:subject&_revinclude:iterate=*",
    "Observation?_list=hid-li",
    "Observation?component-code=hid-8&_explain=true",
    "Observation?component-code-value-quantity=hid-8$3",
    "Observation?code-value-quantity=10351-5$gt1",
    "Observation?value-quantity=77.25",
    "Observation?value-quantity=77250|http://unitsofmeasure.org|ng&_explain=true",
    "Patient?_has:Observation:subject:code=" + HIV,
    f"Patient?_has:Observation:subject:code={HIV}&_explain=true",
    "Patient?_has:Observation:patient:_has:DiagnosticReport:result:code=" + HIV,
    "Patient?_has:Task:patient:status=requested",
    "Patient?_has:Group:member:name=" + MARK,
    "Patient?_has:Condition:patient:code:text=" + MARK,
    "Patient?_id=pa&_revinclude=*",
    "Patient?_id=pa&_revinclude=Observation:subject&_include:iterate=*&_revinclude:iterate=*",
    "Patient?_id=pa,hid-cp&_total=accurate",
    "Patient?phone=hid-99",
    "Person?_id=both&_include=Person:link",
    "Person?link=Patient/hid-cp&_include=*",
    "Person?link:Patient.name=" + MARK,
    "Encounter?_id=ea&_revinclude=Observation:encounter",
    "Encounter?patient=pa&_summary=count",
    "Location?near=30|120|10&_total=accurate",
    "Location?near=30|120|10&_explain=true",
    "Location?partof:above=hid-cl",
    "Location?_has:Location:partof:name=" + MARK,
    "Location?partof:below=la&_total=accurate",
    "Task?focus=Observation/oa&_total=accurate",
    "Task?_include=Task:focus&_revinclude=*",
    "Task?focus:Observation.code=" + GLUCOSE,
    "Group?member=Patient/pa&_total=accurate",
    "AuditEvent?agent-name=" + MARK,
    "AuditEvent?_id=hid-au",
    "ValueSet?url=http://hid.test/vs",
    "CodeSystem?url:below=http://hid.test&_explain=true",
    "StructureDefinition?url=http://hid.test/sd",
    "Patient?_profile=http://hid.test/sd",
)
TYPES = tuple(dict.fromkeys(of(name)[0] for name in NAMES))


def searched():
    for type_ in TYPES:
        for query in searches(type_):
            yield get(f"/fhir/{type_}?{query}", follow="_count" in query)
    for query in RELATED:
        yield get(f"/fhir/{query}", follow=True)


def everything():
    for query in (
        "_type=Observation,Task,Patient&_total=accurate",
        "_type=Observation&_explain=true",
        "_id=hid-co",
        f"_content={MARK}&_summary=count",
        "_tag=x&_explain=true",
        "_list=hid-li",
    ):
        yield get(f"/fhir?{query}")


def compartments():
    for whole in ("Patient/pa", "Patient/hid-cp", "Encounter/ea", "Encounter/hid-ce"):
        for member in ("Observation", "*", "Task", "Condition", "DiagnosticReport"):
            yield get(f"/fhir/{whole}/{member}?_total=accurate&_revinclude=*")
            yield get(f"/fhir/{whole}/{member}?_summary=count")


# Bundles and conditional interactions.


def bundle(kind, *entries):
    found = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    return post("/fhir", found)


def entry(method, url, resource=None, **more):
    found = {"request": {"method": method, "url": url, **more}}
    return found | ({"resource": resource} if resource else {})


def new(type_="Basic", **more):
    return {"resourceType": type_, "code": {"text": "x"}, **more}


def bundled():
    for kind in ("batch", "transaction"):
        for name in NAMES:
            yield bundle(kind, entry("GET", name))
        yield bundle(
            kind,
            entry("GET", "Observation?subject=Patient/pa&_total=accurate&_revinclude=*"),
            entry("GET", "Observation/hid-ob/_history"),
            entry("GET", "Patient/pa/Observation"),
            entry("GET", "Patient/pa/*"),
            entry("GET", "Encounter/hid-ce/Observation"),
            entry("GET", "?_type=Observation,Task,Patient&_total=accurate"),
            entry("GET", f"Observation?code={HIV}&_summary=count"),
        )
        yield bundle(kind, entry("DELETE", "Task/hid-ta"))
        yield bundle(
            kind,
            entry("POST", "Basic", new(), ifNoneExist="identifier=urn:hid|hid-7"),
        )
    # A reference by criteria looks at what is the caller's own.
    for criteria in ("Patient?identifier=urn:hid|hid-7", f"Patient?name={MARK}"):
        yield bundle("transaction", entry("POST", "Basic", new(subject={"reference": criteria})))
    for criteria in ("Observation?identifier=urn:hid|hid-3", "Task?focus=Observation/oa"):
        yield bundle("transaction", entry("DELETE", criteria))
        yield bundle("transaction", entry("PUT", "Basic?code=nothing", new()))


def conditional(method, **more):
    for name in NAMES:
        type_, id_ = of(name)
        for code, value in list(values(own(type_, id_)))[:3]:
            if code[0] != "_" and search_params(type_)[code].kind == "token":
                yield Ask(method, f"/fhir/{type_}?{code}={quote(value)}", **more)


def created():
    for name in NAMES:
        type_, id_ = of(name)
        if type_ in {"AuditEvent", "Subscription"}:
            continue
        body = {key: value for key, value in own(type_, id_).items() if key not in {"id", "meta"}}
        yield post(
            f"/fhir/{type_}", body, headers={"If-None-Exist": "identifier=urn:hid|hid-3", **MINIMAL}
        )


MINIMAL = {"Prefer": "return=minimal"}
NUMBERED = {"If-Match": 'W/"1"'}


def each(method, tail="", **more):
    for name in NAMES:
        yield Ask(method, f"/fhir/{name}{tail}", **more)


def reads():
    yield from each("GET")
    yield from each("HEAD")
    yield from each("GET", headers={"If-None-Match": 'W/"1"'})
    yield from each("GET", headers={"If-Modified-Since": "Sun, 06 Nov 2050 08:49:37 GMT"})
    yield from each("GET", "?_summary=true")
    yield from each("GET", headers={"Accept": "application/fhir+xml"})
    yield get("/fhir/Binary/hid-bi", headers={"Accept": "text/plain"})
    yield get("/fhir/Binary/hid-bi", headers={"Range": "bytes=0-3"})


def histories():
    yield get("/fhir/_history?_total=accurate&_count=500")
    for type_ in TYPES:
        yield get(f"/fhir/{type_}/_history?_total=accurate")
        yield get(f"/fhir/{type_}/_history?_summary=count")
        yield get(f"/fhir/{type_}/_history?_at=2050")


def updates():
    for name in NAMES:
        resource = own(*of(name))
        yield Ask("PUT", f"/fhir/{name}", resource, oracle=True)
        yield Ask("PUT", f"/fhir/{name}", resource, headers=NUMBERED, oracle=True)
        yield Ask("PUT", f"/fhir/{name}", resource, headers={"If-None-Match": "*"}, oracle=True)


REPLACED = '[{"op": "replace", "path": "/language", "value": "zh"}]'
PARAMETERS = {"resourceType": "Parameters"}


def parameters(**values_):
    listed = [{"name": name, **value} for name, value in values_.items()]
    return PARAMETERS | {"parameter": listed}


def order(code):
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": "Patient/pa"},
    }


def recognised():
    for code in (GLUCOSE, HIV):
        body = parameters(order={"resource": order(code)})
        yield post("/fhir/ServiceRequest/$recognize", body)


def checked():
    for system, value in (("urn:hutong:A:pid", "A-1"), ("urn:hutong:C:pid", "hid-77")):
        for code in (GLUCOSE, HIV):
            person = {"system": system, "value": value, "name": "X", "birthDate": "1980-01-01"}
            asked = {"patient": person, "orders": [{"system": LOINC, "code": code}]}
            yield post("/recognition/check", {**asked, "encounterClass": "AMB"})


def hooked():
    for id_ in ("pa", "hid-cp"):
        context = {"userId": "Practitioner/x", "patientId": id_, "encounterId": "ea"}
        drafts = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": order(HIV)}],
        }
        for service, more in (
            ("patient-view", {}),
            ("order-select", {"selections": ["ServiceRequest/d"], "draftOrders": drafts}),
            ("order-sign", {"draftOrders": drafts}),
            ("order-dispatch", {"order": "ServiceRequest/hid-sr", "performer": "Organization/x"}),
        ):
            call = {"hook": service, "hookInstance": "UUID", "context": {**context, **more}}
            yield post(f"/cds-services/recognition-{service}", call)


SERIES = f"{STUDY}.1"
IMAGE = f"{SERIES}.1"
