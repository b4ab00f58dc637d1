"""The matrix itself: a row a route of the API and of the pages, in the route tables' own words."""

from tests.leaks import matrix, operations
from tests.leaks.matrix import FORM, PATCH, Ask, each, get, post
from tests.leaks.words import GLUCOSE, HIV, MARK, STUDY

NOTHING = "tells of nothing that anybody stored: "
FIXED = f"{NOTHING}what it answers is fixed"
FIGURES = "figures of the whole gateway, for those who run it"

STUDIES = "/dicom-web/studies"
SERIES = f"{STUDIES}/{STUDY}/series/{matrix.SERIES}"
IMAGE = f"{SERIES}/instances/{matrix.IMAGE}"
_STUDY = f"{STUDIES}/{{study}}"
_SERIES = f"{_STUDY}/series/{{series}}"
_INSTANCE = f"{_SERIES}/instances/{{instance}}"


def studies(path):
    for query in ("", f"?StudyInstanceUID={STUDY}", "?PatientID=hid-77", f"?PatientName={MARK}*"):
        yield get(f"{path}{query}")


def images():
    found = {
        _STUDY: f"{STUDIES}/{STUDY}",
        f"{_STUDY}/metadata": f"{STUDIES}/{STUDY}/metadata",
        f"{_STUDY}/series": f"{STUDIES}/{STUDY}/series",
        f"{_STUDY}/instances": f"{STUDIES}/{STUDY}/instances",
        _SERIES: SERIES,
        f"{_SERIES}/metadata": f"{SERIES}/metadata",
        f"{_SERIES}/instances": f"{SERIES}/instances",
        _INSTANCE: IMAGE,
        f"{_INSTANCE}/metadata": f"{IMAGE}/metadata",
        f"{_INSTANCE}/rendered": f"{IMAGE}/rendered",
        f"{_INSTANCE}/thumbnail": f"{IMAGE}/thumbnail",
        f"{_INSTANCE}/frames/{{frame}}": f"{IMAGE}/frames/1",
        f"{_INSTANCE}/frames/{{frame}}/rendered": f"{IMAGE}/frames/1/rendered",
        f"{_INSTANCE}/bulkdata/{{path}}": f"{IMAGE}/bulkdata/7FE00010",
    }
    return {f"GET {path}": [get(url)] for path, url in found.items()}


ROWS = {
    # Instances, types, everything.
    "GET /fhir/{type}/{id}": matrix.reads,
    "PUT /fhir/{type}/{id}": matrix.updates,
    "PATCH /fhir/{type}/{id}": lambda: each("PATCH", content=matrix.REPLACED, headers=PATCH),
    "DELETE /fhir/{type}/{id}": lambda: [
        *each("DELETE"),
        *each("DELETE", headers=matrix.NUMBERED),
    ],
    "GET /fhir/{type}/{id}/_history": lambda: each("GET", "/_history?_total=accurate"),
    "GET /fhir/{type}/{id}/_history/{version}": lambda: [
        *each("GET", "/_history/1"),
        *each("GET", "/_history/2"),
    ],
    "GET /fhir/{type}/_history": matrix.histories,
    "GET /fhir/_history": matrix.histories,
    "GET /fhir/{type}": matrix.searched,
    "GET /fhir": matrix.everything,
    "POST /fhir/{type}/_search": [
        post(f"/fhir/{type_}/_search", content=f"_total=accurate&_content={MARK}", headers=FORM)
        for type_ in matrix.TYPES
    ],
    "POST /fhir/_search": [
        post("/fhir/_search", content="_type=Observation,Task&_total=accurate", headers=FORM)
    ],
    "GET /fhir/{type}/{id}/{member}": matrix.compartments,
    "POST /fhir/{type}/{id}/{member}/_search": [
        post("/fhir/Patient/pa/Observation/_search", content="_total=accurate", headers=FORM),
        post("/fhir/Patient/hid-cp/*/_search", content="_total=accurate", headers=FORM),
    ],
    "POST /fhir": matrix.bundled,
    "POST /fhir/{type}": matrix.created,
    "PUT /fhir/{type}": lambda: [
        Ask("PUT", "/fhir/Basic?identifier=urn:hid|hid-3", matrix.new()),
        Ask(
            "PUT",
            "/fhir/Task?focus=Observation/oa&code=x",
            matrix.own("Task", "hid-ta") | {"id": "n1"},
        ),
    ],
    "PATCH /fhir/{type}": lambda: matrix.conditional(
        "PATCH", content=matrix.REPLACED, headers=PATCH
    ),
    "DELETE /fhir/{type}": lambda: matrix.conditional("DELETE"),
    "GET /fhir/metadata": [get("/fhir/metadata"), get("/fhir/metadata?mode=terminology")],
    **operations.ROWS,
    "GET /fhir/_jobs/{id}": [get("/fhir/_jobs/{job}")],
    "DELETE /fhir/_jobs/{id}": [Ask("DELETE", "/fhir/_jobs/{job}")],
    "GET /fhir/_jobs/{id}/{path}": [get(f"/fhir/_jobs/{{job}}/{'0' * 32}.ndjson")],
    # Images.
    "GET /dicom-web/studies": lambda: studies(STUDIES),
    "GET /dicom-web/series": lambda: studies("/dicom-web/series"),
    "GET /dicom-web/instances": lambda: studies("/dicom-web/instances"),
    **images(),
    "POST /dicom-web/studies": f"{NOTHING}it answers for the objects of its own body",
    f"POST {_STUDY}": f"{NOTHING}it answers for the objects of its own body",
    "POST /ingest/dicom": f"{NOTHING}it answers for its own body",
    "POST /ingest/ecg": f"{NOTHING}it answers for its own body",
    "POST /ingest/hl7v2": f"{NOTHING}it answers for its own body",
    "GET /ingest/messages/{id}": [get("/ingest/messages/{message}")],
    # Recognition.
    "GET /cds-services": FIXED,
    "OPTIONS /cds-services": FIXED,
    "OPTIONS /cds-services/{id}": FIXED,
    "OPTIONS /cds-services/{id}/feedback": FIXED,
    "POST /cds-services/{id}": matrix.hooked,
    "POST /cds-services/{id}/feedback": [
        post(
            "/cds-services/recognition-order-sign/feedback",
            {
                "feedback": [
                    {
                        "card": "{decision}",
                        "outcome": "accepted",
                        "outcomeTimestamp": "2026-05-01T08:00:00Z",
                    }
                ]
            },
        )
    ],
    "POST /recognition/check": matrix.checked,
    "GET /recognition/quality": [get("/recognition/quality")],
    "POST /recognition/quality": f"{NOTHING}it answers for its own body",
    "GET /recognition/reasons": FIXED,
    "GET /recognition/decisions/{id}": [
        get("/recognition/decisions/{decision}"),
        get("/recognition/decisions/{decision}?replay=true"),
    ],
    "POST /recognition/decisions/{id}/answer": [
        post("/recognition/decisions/{decision}/answer", {"outcome": "viewed", "actor": "x"})
    ],
    "GET /recognition/statistics": [
        get("/recognition/statistics?from=2026-01-01&to=2030-01-01&by=campus")
    ],
    "GET /fhir/.well-known/smart-configuration": FIXED,
    "GET /docs": FIXED,
    "GET /openapi.json": FIXED,
    "GET /healthz": FIXED,
    "GET /readyz": FIXED,
    "GET /metrics": FIGURES,
}
PAGES = {
    "GET /": FIXED,
    "GET /find": [get("/find")],
    "POST /find": [
        post("/find", content="q=hid-77", headers=FORM),
        post("/find", content=f"q={MARK}", headers=FORM),
        post("/find", content="query=11010119900307007X", headers=FORM),
    ],
    "GET /find/{token}": "the answer of POST /find: followed there",
    "GET /patients/{id}": [get("/patients/pa"), get("/patients/hid-cp")],
    "GET /patients/{id}/order": [get("/patients/pa/order"), get("/patients/hid-cp/order")],
    "POST /patients/{id}/order": [
        post(f"/patients/{id_}/order", content=f"item={code}&code={code}", headers=FORM)
        for id_ in ("pa", "hid-cp")
        for code in (GLUCOSE, HIV)
    ],
    "GET /patients/{id}/order/hints": [
        get("/patients/pa/order/hints?q=a"),
        get("/patients/hid-cp/order/hints?q=a"),
    ],
    "POST /patients/{id}/decisions/{decision}": [
        post("/patients/pa/decisions/{decision}", content="outcome=viewed", headers=FORM)
    ],
    "GET /patients/{id}/decisions/{decision}": [get("/patients/pa/decisions/{decision}")],
    "POST /patients/{id}/decisions/{decision}/decline": [
        post("/patients/pa/decisions/{decision}/decline", content="reason=1", headers=FORM)
    ],
    "GET /critical": [get("/critical")],
    "GET /critical/waiting": [get("/critical/waiting")],
    "GET /critical/{task}": [get("/critical/hid-ta")],
    "POST /critical/{task}": [post("/critical/hid-ta", content="readBack=5", headers=FORM)],
    "POST /critical/{task}/call": [post("/critical/hid-ta/call", content="x=1", headers=FORM)],
    "GET /statistics": [get("/statistics")],
    "GET /statistics/{kind}": [get("/statistics/doctors"), get("/statistics/campus")],
    "GET /reports/{id}": [get("/reports/hid-dr")],
    "GET /ecg/{id}": [get("/ecg/hid-dr"), get("/ecg/hid-ob")],
    "GET /ecg/{id}/sheets/{sheet}/leads/{lead}": [get("/ecg/hid-ob/sheets/1/leads/1")],
    "GET /studies/{uid}": [get(f"/studies/{STUDY}")],
    "GET /studies/{uid}/series/{series}/instances/{sop}/image": [
        get(f"/studies/{STUDY}/series/{matrix.SERIES}/instances/{matrix.IMAGE}/image")
    ],
    "GET /studies/{uid}/series/{series}/instances/{sop}/facts": [
        get(f"/studies/{STUDY}/series/{matrix.SERIES}/instances/{matrix.IMAGE}/facts")
    ],
    "GET /sign-in": FIXED,
    "POST /sign-in": FIXED,
    "POST /sign-out": FIXED,
    "POST /language": FIXED,
    "GET /static": FIXED,
}
