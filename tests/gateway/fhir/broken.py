"""Resources that are wrong in one way each: what is wrong, where, and the issue code."""

from typing import Any, Final

CODE = {"text": "x"}
OBSERVATION = {"resourceType": "Observation", "status": "final", "code": CODE}
PATIENT = {"resourceType": "Patient"}


def _observation(**changes: Any) -> dict[str, Any]:
    return {**OBSERVATION, **changes}


def _patient(**changes: Any) -> dict[str, Any]:
    return {**PATIENT, **changes}


def _without(key: str) -> dict[str, Any]:
    return {name: value for name, value in OBSERVATION.items() if name != key}


def _bundle(*resources: object) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }


def _extended(**value: Any) -> dict[str, Any]:
    return _patient(extension=[{"url": "urn:x", **value}])


S, V, R, C = "structure", "value", "required", "code-invalid"

BROKEN: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "no resourceType": ({"status": "final"}, S, ""),
    "a resourceType of another release": ({"resourceType": "NutritionIntake"}, S, ""),
    "an abstract resourceType": ({"resourceType": "DomainResource"}, S, ""),
    "a resourceType that is no text": ({"resourceType": ["Patient"]}, S, ""),
    # cardinality
    "required code missing": (_without("status"), R, "Observation.status"),
    "required object missing": (_without("code"), R, "Observation.code"),
    "required choice missing": (
        {
            "resourceType": "MedicationStatement",
            "status": "active",
            "subject": {"reference": "Patient/1"},
        },
        R,
        "MedicationStatement.medication[x]",
    ),
    "required below": (_patient(link=[{"type": "seealso"}]), R, "Patient.link[0].other"),
    "required in a data type": (
        _patient(extension=[{"valueCode": "x"}]),
        R,
        "Patient.extension[0].url",
    ),
    "one value in an array": (_observation(status=["final"]), S, "Observation.status"),
    "one object in an array": (_observation(code=[CODE]), S, "Observation.code"),
    "several values without an array": (_patient(name={"text": "x"}), S, "Patient.name"),
    "several texts without an array": (_patient(name=[{"given": "x"}]), S, "Patient.name[0].given"),
    # choice types
    "two values": (
        _observation(valueString="x", valueInteger=1),
        S,
        "Observation.value[x]",
    ),
    "two values, one only extended": (
        _observation(
            valueQuantity={"value": 1},
            _valueString={"extension": [{"url": "urn:x", "valueCode": "y"}]},
        ),
        S,
        "Observation.value[x]",
    ),
    "two values of an extension": (
        _extended(valueCode="x", valueString="y"),
        S,
        "Patient.extension[0].value[x]",
    ),
    "a type that the choice has not": (_observation(valueCode="x"), S, "Observation.valueCode"),
    # unknown elements
    "unknown element": (_patient(nickname="x"), S, "Patient.nickname"),
    "unknown element below": (_patient(contact=[{"nick": 1}]), S, "Patient.contact[0].nick"),
    "unknown element in a data type": (_patient(name=[{"last": "x"}]), S, "Patient.name[0].last"),
    "an unknown name that could be a number": (
        _patient(**{"331827199003070015": 1}),
        S,
        "Patient.?",
    ),
    "extension of an object by underscore": (
        _observation(_code={"id": "x"}),
        S,
        "Observation._code",
    ),
    "resourceType in an element": (
        _patient(name=[{"resourceType": "HumanName", "text": "x"}]),
        S,
        "Patient.name[0].resourceType",
    ),
    "element of another type": (_patient(status="final"), S, "Patient.status"),
    "contained in a Binary": (
        {"resourceType": "Binary", "contentType": "text/plain", "contained": [PATIENT]},
        S,
        "Binary.contained",
    ),
    # emptiness
    "empty object": (_observation(subject={}), S, "Observation.subject"),
    "empty array": (_patient(name=[]), S, "Patient.name"),
    "empty array of texts": (_patient(name=[{"given": []}]), S, "Patient.name[0].given"),
    "empty text": (_patient(name=[{"text": ""}]), S, "Patient.name[0].text"),
    "white space for text": (_patient(name=[{"text": " \n"}]), V, "Patient.name[0].text"),
    "null": (_patient(gender=None), S, "Patient.gender"),
    "null object": (_observation(subject=None), S, "Observation.subject"),
    "null in an array": (_patient(name=[{"given": ["x", None]}]), S, "Patient.name[0].given[1]"),
    "null object in an array": (_patient(name=[None]), S, "Patient.name[0]"),
    "an object with nothing but an id": (
        _observation(subject={"id": "x"}),
        S,
        "Observation.subject",
    ),
    "NUL in a text": (_patient(name=[{"text": "a\x00b"}]), V, "Patient.name[0].text"),
    # kinds of JSON values
    "number for text": (_patient(name=[{"text": 5}]), S, "Patient.name[0].text"),
    "text for number": (
        _observation(valueQuantity={"value": "1.5"}),
        S,
        "Observation.valueQuantity.value",
    ),
    "text for boolean": (_patient(active="true"), S, "Patient.active"),
    "number for boolean": (_patient(active=1), S, "Patient.active"),
    "boolean for number": (
        _observation(valueQuantity={"value": True}),
        S,
        "Observation.valueQuantity.value",
    ),
    "boolean for integer": (_observation(valueInteger=True), S, "Observation.valueInteger"),
    "fraction for integer": (_observation(valueInteger=1.5), S, "Observation.valueInteger"),
    "whole fraction for integer": (_observation(valueInteger=1.0), S, "Observation.valueInteger"),
    "object for text": (_patient(birthDate={"value": "1990"}), S, "Patient.birthDate"),
    "text for object": (_observation(subject="Patient/1"), S, "Observation.subject"),
    "integer too large": (_observation(valueInteger=2**31), V, "Observation.valueInteger"),
    "zero for a positive number": (
        _patient(telecom=[{"value": "1", "rank": 0}]),
        V,
        "Patient.telecom[0].rank",
    ),
    # syntax
    "date that does not exist": (_patient(birthDate="1990-02-30"), V, "Patient.birthDate"),
    "29 February of a common year": (_patient(birthDate="1900-02-29"), V, "Patient.birthDate"),
    "time for date": (_patient(birthDate="1990-02-03T10:00:00Z"), V, "Patient.birthDate"),
    "date in the form of HL7 v2": (_patient(birthDate="19900203"), V, "Patient.birthDate"),
    "time without offset": (
        _observation(effectiveDateTime="2026-01-01T10:00:00"),
        V,
        "Observation.effectiveDateTime",
    ),
    "time without seconds": (
        _observation(effectiveDateTime="2026-01-01T10:00Z"),
        V,
        "Observation.effectiveDateTime",
    ),
    "instant without time": (_observation(issued="2026-01-01"), V, "Observation.issued"),
    "hour 24": (_observation(issued="2026-01-01T24:00:00Z"), V, "Observation.issued"),
    "hour 24 of a time": (_observation(valueTime="24:00:00"), V, "Observation.valueTime"),
    "id with an underscore": (_patient(id="a_b"), V, "Patient.id"),
    "id of 65 characters": (_patient(id="a" * 65), V, "Patient.id"),
    "id with a line end": (_patient(id="a\n"), V, "Patient.id"),
    "URI with a space": (
        _patient(identifier=[{"system": "urn:a b", "value": "x"}]),
        V,
        "Patient.identifier[0].system",
    ),
    "code with two spaces": (
        _observation(code={"coding": [{"code": "a  b"}]}),
        V,
        "Observation.code.coding[0].code",
    ),
    "OID without its prefix": (_extended(valueOid="1.2.3"), V, "Patient.extension[0].valueOid"),
    "UUID in capitals": (
        _extended(valueUuid="urn:uuid:C757873D-EC9A-4326-A141-556F43239520"),
        V,
        "Patient.extension[0].valueUuid",
    ),
    "base64 of five": (_patient(photo=[{"data": "abcde"}]), V, "Patient.photo[0].data"),
    # required bindings
    "status of no value set": (_observation(status="done"), C, "Observation.status"),
    "gender of HL7 v2": (_patient(gender="M"), C, "Patient.gender"),
    "use of a name": (_patient(name=[{"use": "Official", "text": "x"}]), C, "Patient.name[0].use"),
    "comparator": (
        _observation(valueQuantity={"value": 1, "comparator": "="}),
        C,
        "Observation.valueQuantity.comparator",
    ),
    "clinical status of another system": (
        {
            "resourceType": "Condition",
            "subject": {"reference": "Patient/1"},
            "clinicalStatus": {"coding": [{"system": "urn:x", "code": "active"}]},
        },
        C,
        "Condition.clinicalStatus",
    ),
    "clinical status in words": (
        {
            "resourceType": "Condition",
            "subject": {"reference": "Patient/1"},
            "clinicalStatus": {"text": "active"},
        },
        C,
        "Condition.clinicalStatus",
    ),
    # values and their extensions
    "an id beside no value of an array": (
        _patient(name=[{"given": ["x"], "_given": [{"id": "a"}, {"id": "b"}]}]),
        S,
        "Patient.name[0].given[1]",
    ),
    "neither value nor extension": (
        _patient(name=[{"given": ["x", None], "_given": [{"id": "a"}, None]}]),
        S,
        "Patient.name[0].given[1]",
    ),
    "an id in place of a value": (_patient(_birthDate={"id": "a"}), S, "Patient.birthDate"),
    "text beside a value": (_patient(birthDate="1990", _birthDate="x"), S, "Patient.birthDate"),
    "unknown element beside a value": (
        _patient(birthDate="1990", _birthDate={"value": "x"}),
        S,
        "Patient.birthDate.value",
    ),
    # references
    "subject of a wrong type": (
        _observation(subject={"reference": "Practitioner/1"}),
        V,
        "Observation.subject",
    ),
    "subject of no type": (_observation(subject={"reference": "Foo/1"}), V, "Observation.subject"),
    "subject elsewhere of a wrong type": (
        _observation(subject={"reference": "http://x.example/fhir/Encounter/1/_history/2"}),
        V,
        "Observation.subject",
    ),
    "subject contained of a wrong type": (
        _observation(
            contained=[{"resourceType": "Organization", "id": "o"}], subject={"reference": "#o"}
        ),
        V,
        "Observation.subject",
    ),
    "subject by its type only": (
        _observation(subject={"type": "Organization", "identifier": {"value": "1"}}),
        V,
        "Observation.subject",
    ),
    "subject by a condition on a wrong type": (
        _observation(subject={"reference": "Encounter?identifier=urn:x|1"}),
        V,
        "Observation.subject",
    ),
    "participant behind the patient parameter": (
        {
            "resourceType": "Appointment",
            "status": "booked",
            "participant": [
                {"status": "accepted", "actor": {"reference": "Patient/1"}},
                {"status": "accepted", "actor": {"reference": "Observation/1"}},
            ],
        },
        V,
        "Appointment.participant[1].actor",
    ),
    # resources within
    "in a contained resource": (
        _observation(contained=[{**PATIENT, "gender": "M"}]),
        C,
        "Observation.contained[0].gender",
    ),
    "contained in a contained one": (
        _observation(contained=[{**PATIENT, "contained": [PATIENT]}]),
        S,
        "Observation.contained[0].contained",
    ),
    "contained without a type": (
        _observation(contained=[{"id": "x"}]),
        S,
        "Observation.contained[0]",
    ),
    "contained that is no object": (_observation(contained=["x"]), S, "Observation.contained[0]"),
    "contained that is no array": (_observation(contained=PATIENT), S, "Observation.contained"),
    "in an entry": (
        _bundle(PATIENT, PATIENT, PATIENT, _patient(gender="M")),
        C,
        "Bundle.entry[3].resource.gender",
    ),
    "unknown type in an entry": (_bundle({"resourceType": "Foo"}), S, "Bundle.entry[0].resource"),
    "null in an entry": (_bundle(None), S, "Bundle.entry[0].resource"),
    "entry that is no object": (
        {"resourceType": "Bundle", "type": "batch", "entry": [1]},
        S,
        "Bundle.entry[0]",
    ),
    "entries that are no array": (
        {"resourceType": "Bundle", "type": "batch", "entry": {}},
        S,
        "Bundle.entry",
    ),
    "in a Bundle in a Bundle": (
        _bundle(_bundle(_patient(gender="M"))),
        C,
        "Bundle.entry[0].resource.entry[0].resource.gender",
    ),
    "in the outcome of an entry": (
        {
            "resourceType": "Bundle",
            "type": "batch-response",
            "entry": [
                {"response": {"status": "400", "outcome": {"resourceType": "OperationOutcome"}}}
            ],
        },
        R,
        "Bundle.entry[0].response.outcome.issue",
    ),
    "in a parameter": (
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "a", "part": [{"name": "b", "resource": _patient(gender="M")}]}],
        },
        C,
        "Parameters.parameter[0].part[0].resource.gender",
    ),
    "two values of a parameter": (
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "a", "valueCode": "x", "valueUri": "y"}],
        },
        S,
        "Parameters.parameter[0].value[x]",
    ),
}
