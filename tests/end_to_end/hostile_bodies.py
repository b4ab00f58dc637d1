"""Bodies of a hostile client: what each must be answered with."""

import gzip
import json

from tests.end_to_end.hostile_rows import (
    ENTITIES,
    JSON,
    LIMIT,
    NAMESPACE,
    PACKED,
    WHOLE,
    Row,
    bomb,
    bundled,
    nested,
    observation,
    patient,
    put,
    raw,
    xml,
)

JSON_ROWS = (
    put("cut off", b'{"resourceType":"Patient","id":"h1"'),
    put("an array", b"[]"),
    put("nothing but a word", b"null"),
    put("two roots", b"{}{}"),
    put("bytes of no encoding", b'{"resourceType":"Patient","id":"h1","language":"\xff"}'),
    put("half a character", b'{"resourceType":"Patient","id":"h1","language":"\\ud800"}'),
    put("a NUL", patient(language="a\0b"), "value", "Patient.language"),
    put("a member twice", b'{"resourceType":"Patient","id":"h1","active":true,"active":false}'),
    put("a word for a boolean", patient(active="true"), place="Patient.active"),
    put("a text for an array", patient(name="x"), place="Patient.name"),
    put("a number for a text", patient(language=5), place="Patient.language"),
    put("an element that is none", patient(colour="red"), place="Patient.colour"),
    put("an empty object", patient(maritalStatus={}), place="Patient.maritalStatus"),
    put("an empty array", patient(name=[]), place="Patient.name"),
    put(
        "two value[x]",
        observation(valueString="a", valueBoolean=True),
        place="Observation.value",
    ),
    put("a day that is none", patient(birthDate="2026-02-30"), "value", "Patient.birthDate"),
    put(
        "a time without a zone",
        observation(effectiveDateTime="2026-02-01T08:00:00"),
        "value",
        "Observation.effectiveDateTime",
    ),
    put("a code that is none", patient(gender="unheard"), "code-invalid", "Patient.gender"),
    put("no type", b'{"id":"h1"}'),
    put("another type", b'{"resourceType":"Person","id":"h1"}'),
    put("a type that is none", b'{"resourceType":"Unheard","id":"h1"}'),
    put("another id", b'{"resourceType":"Patient","id":"h2"}', "invalid", "Patient.id"),
    *(
        put(f"the number {text}", raw(text))
        for text in ("NaN", "01", "1.", ".5", "+1", "1e", "0x1")
    ),
    put("the number 1e999", raw("1e999"), "structure"),
    put("arrays without end", nested(100_000, b"[", b"]")),
    put("objects without end", nested(100_000, b'{"a":', b"}")),
    put(
        "extensions in extensions",
        b'{"resourceType":"Patient","id":"h1"'
        + nested(100, b',"extension":[{"url":"a"', b"}]")
        + b"}",
        "too-long",
    ),
    put(
        "contained in contained",
        patient(contained=[{"resourceType": "Patient", "contained": [patient()]}]),
        place="Patient.contained",
    ),
    Row(
        "bundles in bundles",
        400,
        "too-long",
        "POST",
        "/Bundle",
        json.dumps(bundled(20)).encode(),
        JSON,
    ),
    Row("an id that is none", 400, "invalid", "PUT", "/Patient/a_b", WHOLE, JSON, "id"),
    Row("an id too long", 400, "invalid", "PUT", f"/Patient/{'a' * 65}", WHOLE, JSON, "id"),
    Row("no body", 400, "invalid", "PUT", "/Patient/h1", b"", JSON),
)

XML_ROWS = (
    xml("XML cut off", NAMESPACE),
    xml("no XML", b"{}"),
    xml("another root", b'<Unheard xmlns="http://hl7.org/fhir"/>'),
    xml("no namespace", b"<Patient/>"),
    xml("an element of no resource", NAMESPACE + b"<colour/></Patient>"),
    xml("an attribute of none", NAMESPACE + b'<active value="true" x="y"/></Patient>'),
    xml("words between", NAMESPACE + b"words</Patient>"),
    xml(
        "a laugh of entities", b"<!DOCTYPE Patient [" + ENTITIES + b"]>" + NAMESPACE + b"</Patient>"
    ),
    xml(
        "a file of ours",
        b'<!DOCTYPE Patient [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        + NAMESPACE
        + b'<language value="&f;"/></Patient>',
    ),
    xml("elements without end", nested(100_000, NAMESPACE, b"</Patient>")),
    xml("bytes of no encoding in XML", NAMESPACE + b'<language value="\xff"/></Patient>'),
)

BODY_ROWS = (
    Row("no content type", 415, "not-supported", "PUT", "/Patient/h1", WHOLE, place="Content-Type"),
    Row(
        "a text",
        415,
        "not-supported",
        "PUT",
        "/Patient/h1",
        WHOLE,
        {"Content-Type": "text/plain"},
        "Content-Type",
    ),
    Row(
        "another encoding of characters",
        415,
        "not-supported",
        "PUT",
        "/Patient/h1",
        WHOLE,
        {"Content-Type": "application/fhir+json; charset=utf-16"},
        "Content-Type",
    ),
    Row(
        "another packing",
        415,
        "not-supported",
        "PUT",
        "/Patient/h1",
        WHOLE,
        {**JSON, "Content-Encoding": "br"},
        "Content-Encoding",
    ),
    Row(
        "an XML Patch",
        415,
        "not-supported",
        "PATCH",
        "/Patient/there",
        b"<diff/>",
        {"Content-Type": "application/xml-patch+xml"},
    ),
    Row("no gzip", 400, "invalid", "PUT", "/Patient/h1", WHOLE, PACKED, "Content-Encoding"),
    Row(
        "half a gzip",
        400,
        "invalid",
        "PUT",
        "/Patient/h1",
        gzip.compress(WHOLE)[:-4],
        PACKED,
        "Content-Encoding",
    ),
    Row("a gzip bomb", 413, "too-long", "PUT", "/Patient/h1", bomb(200 << 20), PACKED),
    Row("a body over the limit", 413, "too-long", "PUT", "/Patient/h1", b" " * (LIMIT + 1), JSON),
    Row(
        "a value in every second byte",
        413,
        "too-long",
        "PUT",
        "/Patient/h1",
        json.dumps(patient(identifier=[{"value": str(one)} for one in range(150_000)])).encode(),
        JSON,
    ),
    Row(
        "a search that is no form",
        415,
        "not-supported",
        "POST",
        "/Patient/_search",
        b"{}",
        JSON,
        "Content-Type",
    ),
)
