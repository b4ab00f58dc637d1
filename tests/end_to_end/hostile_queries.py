"""Bundles, addresses and patches of a hostile client: what each must be answered with."""

import json

from tests.end_to_end.hostile_rows import (
    JSON,
    MANY,
    PATCH,
    Row,
    bundle,
    bundled,
    entry,
    get,
    hostile_steps,
    nested,
    patient,
    transaction,
)

BUNDLE_ROWS = (
    bundle("a method that is none", "invalid", "", entry("BREW", "Patient")),
    bundle("no request", "invalid", "Bundle.entry[0]", {"resource": patient()}),
    bundle(
        "another server",
        "invalid",
        "Bundle.entry[0]",
        entry("PUT", "http://elsewhere.test/fhir/Patient/h1", patient()),
    ),
    bundle(
        "the same address twice",
        "invalid",
        "Bundle.entry[1]",
        entry("PUT", "Patient/h1", patient()),
        entry("PUT", "Patient/h1", patient()),
    ),
    bundle(
        "what it names is wrong inside",
        "code-invalid",
        "Bundle.entry[1].resource",
        entry("PUT", "Patient/h1", patient()),
        entry("PUT", "Patient/h2", {**patient(), "id": "h2", "gender": "x"}),
    ),
    bundle(
        "criteria in a circle",
        "required",
        "Bundle.entry[0]",
        entry(
            "POST",
            "Patient",
            {
                "resourceType": "Patient",
                "link": [{"other": {"reference": "Patient?_id=no"}, "type": "seealso"}],
            },
        ),
        status=412,
    ),
    Row(
        "too many entries",
        413,
        "too-long",
        "POST",
        "",
        transaction(*[entry("GET", "Patient/there")] * 5_001),
        JSON,
    ),
    Row(
        "a bundle of no such kind",
        400,
        "invalid",
        "POST",
        "",
        json.dumps(bundled(1)).encode(),
        JSON,
    ),
)

QUERY_ROWS = (
    get("no token of ours", "/Patient?_page=AAAA", "expired", place="http._page"),
    get("an empty token", "/Patient?_page=", "expired", place="http._page"),
    get("a token of odd bytes", "/Patient?_page=%00%E4%B8%AD", "expired", place="http._page"),
    get("a long token", f"/Patient?_page={'A' * 30_000}", "expired", place="http._page"),
    get("a token in a history", "/Patient/_history?_page=AAAA", "expired", place="http._page"),
    get("a token in $everything", "/Patient/there/$everything?_page=AAAA", "expired"),
    get("values without end", f"/Patient?_id={','.join(['a'] * MANY)}", place="http._id"),
    get("parameters without end", f"/Patient?{'&'.join(['active=true'] * 3_000)}"),
    get("a chain without end", f"/Patient?{'general-practitioner:Practitioner.' * 20}name=a"),
    get(
        "a `_has` without end",
        f"/Patient?{'_has:Observation:patient:patient.' * 30}_id=a",
        "not-supported",
    ),
    get("a parameter that is none", "/Patient?colour=red", place="http.colour"),
    get("a modifier that is none", "/Patient?name:loud=a", "not-supported", place="http.name"),
    get("a date that is none", "/Patient?birthdate=ge2026-99-99", place="http.birthdate"),
    get("a number that is none", "/RiskAssessment?probability=lots", place="http.probability"),
    get("a count below nothing", "/Patient?_count=-1", place="http._count"),
    get("a count of words", "/Patient?_count=many", place="http._count"),
    get("percent signs", "/Patient?name=%zz%ff"),
    get("a sort by what is none", "/Patient?_sort=colour", place="http._sort"),
    get(
        "a sort by too much",
        f"/Patient?_sort={','.join(f'-k{one}' for one in range(50))}",
        "not-supported",
    ),
    get("an include of nothing", "/Patient?_include=Patient:colour", place="http._include"),
    get("an include of words", "/Patient?_include=%24%24", place="http._include"),
    get("elements that are none", "/Patient?_elements=colour", place="http._elements"),
    get("a summary that is none", "/Patient?_summary=loud", place="http._summary"),
    get("everything at once", "/?name=a", place="http.name"),
    get("named queries", "/Patient?_query=x", "not-supported", place="http._query"),
    get("filters", "/Patient?_filter=x", "not-supported", place="http._filter"),
    get("a version of letters", "/Patient/there/_history/x", "not-found", 404),
    get("another format", "/Patient?_format=ttl", "not-supported", 406, "_format"),
    Row(
        "turtles",
        406,
        "not-supported",
        "GET",
        "/Patient",
        headers={"Accept": "text/turtle"},
        place="Accept",
    ),
    Row(
        "a wish that is none",
        400,
        "invalid",
        "GET",
        "/Patient",
        headers={"Prefer": "handling=odd"},
        place="Prefer",
    ),
    get("no such type", "/Patients", "not-supported", 404),
    get("no such patient", "/Patient/nobody", "not-found", 404),
    get("a deleted patient", "/Patient/gone", "deleted", 410),
    get("an operation that is none", "/Patient/there/$graphql", "not-supported", 404),
    get("an operation's wrong words", "/Patient/there/$everything?start=soon", place="http.start"),
    get("a compartment of nothing", "/Patient/there/Practitioner", "not-supported"),
    Row("a method that is not there", 405, "not-supported", "DELETE", "/metadata"),
    Row("a method nobody knows", 405, "not-supported", "PROPFIND", "/Patient/there"),
)

STATE_ROWS = (
    Row(
        "an old version",
        412,
        "conflict",
        "PUT",
        "/Patient/there",
        json.dumps({**patient(), "id": "there"}).encode(),
        {**JSON, "If-Match": 'W/"99"'},
    ),
    Row(
        "no version",
        400,
        "invalid",
        "PUT",
        "/Patient/there",
        json.dumps({**patient(), "id": "there"}).encode(),
        {**JSON, "If-Match": "yes"},
        "If-Match",
    ),
    Row(
        "what is there already",
        412,
        "conflict",
        "PUT",
        "/Patient/there",
        json.dumps({**patient(), "id": "there"}).encode(),
        {**JSON, "If-None-Match": "*"},
    ),
    Row(
        "criteria that find two",
        412,
        "multiple-matches",
        "DELETE",
        "/Patient?identifier=urn:example:twin|1",
    ),
    Row(
        "a number of another patient",
        409,
        "conflict",
        "PUT",
        "/Patient/h1",
        json.dumps(patient(identifier=[{"system": "urn:hutong:A:pid", "value": "7"}])).encode(),
        JSON,
    ),
    Row(
        "a part of a resource",
        422,
        "processing",
        "PUT",
        "/Patient/h1",
        json.dumps(
            patient(
                meta={
                    "tag": [
                        {
                            "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
                            "code": "SUBSETTED",
                        }
                    ]
                }
            )
        ).encode(),
        JSON,
    ),
    Row(
        "a patch that does not fit",
        422,
        "processing",
        "PATCH",
        "/Patient/there",
        b'[{"op":"remove","path":"/colour"}]',
        PATCH,
        "[0]",
    ),
    Row(
        "a patch that doubles",
        400,
        "too-long",
        "PATCH",
        "/Patient/there",
        hostile_steps(200),
        PATCH,
    ),
    Row("a patch that is none", 400, "invalid", "PATCH", "/Patient/there", b'{"op":"add"}', PATCH),
    Row(
        "a merge without end",
        400,
        "structure",
        "PATCH",
        "/Patient/there",
        nested(100_000, b'{"a":', b"}"),
        {"Content-Type": "application/merge-patch+json"},
    ),
    Row(
        "a path without end",
        400,
        "invalid",
        "PATCH",
        "/Patient/there",
        json.dumps(
            {
                "resourceType": "Parameters",
                "parameter": [
                    {
                        "name": "operation",
                        "part": [
                            {"name": "type", "valueCode": "delete"},
                            {"name": "path", "valueString": "Patient" + ".where(" * 5_000},
                        ],
                    }
                ],
            }
        ).encode(),
        JSON,
    ),
)
