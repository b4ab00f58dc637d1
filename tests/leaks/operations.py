"""Rows of the operations: what the wrong campus asks of them."""

from tests.leaks import matrix
from tests.leaks.hidden import NAMES
from tests.leaks.matrix import ASYNC, Ask, each, get, parameters, post
from tests.leaks.words import GLUCOSE, HIV, LOINC

ADDED = parameters(meta={"valueMeta": {"tag": [{"code": "x"}]}})
BOTH = ("GET", "POST")


def on(path, *urls, methods=BOTH, **more):
    """Rows of one operation: its path, and what is asked of it by each method."""
    return {
        f"{method} /fhir{path}": [Ask(method, f"/fhir{url}", **more) for url in urls]
        for method in methods
    }


def metas():
    return {
        **on("/$meta", "/$meta"),
        **on("/{type}/$meta", *(f"/{one}/$meta" for one in matrix.TYPES)),
        **on("/{type}/{id}/$meta", *(f"/{one}/$meta" for one in NAMES)),
        **on(
            "/{type}/{id}/_history/{version}/$meta",
            *(f"/{one}/_history/1/$meta" for one in NAMES),
        ),
        "POST /fhir/{type}/{id}/$meta-add": lambda: each("POST", "/$meta-add", json=ADDED),
        "POST /fhir/{type}/{id}/$meta-delete": lambda: each("POST", "/$meta-delete", json=ADDED),
    }


def records():
    found = {}
    for type_, ids in (("Patient", ("pa", "hid-cp")), ("Encounter", ("ea", "hid-ce"))):
        queries = ("", "?_count=1", "?_type=Observation,Task")
        urls = [f"/{type_}/{id_}/$everything{query}" for id_ in ids for query in queries]
        found |= on(f"/{type_}/{{id}}/$everything", *urls)
    compositions = ("cb", "hid-cc")
    found |= on(
        "/Composition/{id}/$document", *(f"/Composition/{one}/$document" for one in compositions)
    )
    found |= on(
        "/Composition/$document", *(f"/Composition/$document?id={one}" for one in compositions)
    )
    for name in ("lastn", "stats"):
        found |= on(
            f"/Observation/${name}",
            *(
                f"/Observation/${name}?{query}"
                for query in (
                    f"patient=Patient/pa&code={LOINC}|{GLUCOSE}",
                    "patient=Patient/hid-cp&max=5",
                    f"subject=Patient/pa&code={HIV}",
                    f"subject=Patient/pa&code={GLUCOSE}&system={LOINC}&statistic=count",
                    f"subject=Patient/pa&code={HIV}&system={LOINC}&statistic=count",
                )
            ),
        )
    return found


def terminology():
    value_sets = (
        "url=http://hid.test/vs",
        "url=http://hid.test/cs?fhir_vs",
        "url=http://own.test/vs",
    )
    coded = f"code={GLUCOSE}&system={LOINC}"
    hidden = f"code={GLUCOSE}&system=http://hid.test/cs"
    pair = f"codeA={GLUCOSE}&codeB=hid-b"
    return {
        **on("/ValueSet/$expand", *(f"/ValueSet/$expand?{one}" for one in value_sets)),
        **on("/ValueSet/{id}/$expand", "/ValueSet/hid-vs/$expand", "/ValueSet/vb/$expand"),
        **on(
            "/ValueSet/$validate-code",
            *(f"/ValueSet/$validate-code?{one}&{coded}" for one in value_sets),
        ),
        **on("/ValueSet/{id}/$validate-code", f"/ValueSet/hid-vs/$validate-code?{coded}"),
        **on(
            "/CodeSystem/$lookup",
            f"/CodeSystem/$lookup?{hidden}",
            f"/CodeSystem/$lookup?{coded}",
        ),
        **on("/CodeSystem/$subsumes", f"/CodeSystem/$subsumes?{pair}&system=http://hid.test/cs"),
        **on("/CodeSystem/{id}/$subsumes", f"/CodeSystem/hid-cs/$subsumes?{pair}"),
        **on(
            "/CodeSystem/$validate-code",
            f"/CodeSystem/$validate-code?url=http://hid.test/cs&code={GLUCOSE}",
        ),
        **on("/CodeSystem/{id}/$validate-code", "/CodeSystem/hid-cs/$validate-code?code=hid-b"),
        **on(
            "/ConceptMap/$translate",
            f"/ConceptMap/$translate?url=http://hid.test/cm&{coded}",
            f"/ConceptMap/$translate?{coded}&targetsystem=http://hid.test/cs",
        ),
        **on("/ConceptMap/{id}/$translate", f"/ConceptMap/hid-cm/$translate?{coded}"),
    }


def validated():
    patient = {"resourceType": "Patient", "id": "pb"}
    yield post("/fhir/Patient/$validate", patient)
    yield post("/fhir/Patient/$validate?profile=http://hid.test/sd", patient)
    yield post("/fhir/Patient/$validate", patient | {"meta": {"profile": ["http://hid.test/sd"]}})
    coded = {
        "resourceType": "Basic",
        "code": {"coding": [{"system": "http://hid.test/cs", "code": "hid-b"}]},
    }
    yield post("/fhir/Basic/$validate", coded)
    # As a PUT would, it may say that an id is taken.
    yield post(
        "/fhir/Patient/$validate?mode=update",
        {"resourceType": "Patient", "id": "hid-cp"},
        oracle=True,
    )
    for mode in ("create", "delete"):
        yield post(
            f"/fhir/Patient/$validate?mode={mode}", {"resourceType": "Patient", "id": "hid-cp"}
        )


ROWS = {
    **metas(),
    **records(),
    **terminology(),
    **on("/$versions", "/$versions"),
    "GET /fhir/SearchParameter/$status": [get("/fhir/SearchParameter/$status")],
    "GET /fhir/SearchParameter/{id}/$status": [get("/fhir/SearchParameter/hid/$status")],
    "POST /fhir/ServiceRequest/$recognize": matrix.recognised,
    **on("/ServiceRequest/{id}/$recognize", "/ServiceRequest/hid-sr/$recognize"),
    "POST /fhir/Task/{id}/$acknowledge": [
        post("/fhir/Task/hid-ta/$acknowledge", parameters(readBack={"valueString": "5"}))
    ],
    **on(
        "/Subscription/$status",
        "/Subscription/$status",
        "/Subscription/$status?id=hid-su",
        "/Subscription/$status?status=requested",
    ),
    **on("/Subscription/{id}/$status", "/Subscription/hid-su/$status", "/Subscription/sb/$status"),
    **on("/Subscription/{id}/$events", "/Subscription/hid-su/$events", "/Subscription/sb/$events"),
    "POST /fhir/$import": [
        # Somebody else's files are none of the caller's to read.
        post(
            "/fhir/$import",
            parameters(
                input={
                    "part": [
                        {"name": "type", "valueCode": "Observation"},
                        {"name": "url", "valueUri": "http://hutong.test/fhir/_jobs/{job}/x.ndjson"},
                    ]
                }
            ),
            headers=ASYNC,
        )
    ],
    "POST /fhir/{type}/$validate": validated,
    "POST /fhir/{type}/{id}/$validate": lambda: each("POST", "/$validate"),
    "GET /fhir/{type}/{id}/$validate": lambda: each("GET", "/$validate"),
    # What an export holds is looked at in `test_what_comes_later`.
    **on("/$export", "/$export", "/$export?_type=Observation", headers=ASYNC),
    **on("/Patient/$export", "/Patient/$export", headers=ASYNC),
    **on("/Group/{id}/$export", "/Group/hid-gr/$export", "/Group/ga/$export", headers=ASYNC),
}
