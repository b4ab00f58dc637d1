"""Short ways to look at a resource with definitions that a test writes down."""

from gateway.conformance import base
from gateway.conformance.report import Report
from gateway.fhir.library import Definition, Library

BASE = "http://hl7.org/fhir/StructureDefinition/"
PROFILE = "urn:test:profile"


def profile(*elements, url=PROFILE, type_="Observation", parent="", **more):
    """A profile by its differential; an element is (id, what is said of it)."""
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "name": "Test",
        "status": "active",
        "kind": "resource",
        "abstract": False,
        "type": type_,
        "baseDefinition": parent or BASE + type_,
        "derivation": "constraint",
        "differential": {"element": [element(id_, **said) for id_, said in elements]},
        **more,
    }


def element(id_, **said):
    path = ".".join(part.partition(":")[0] for part in id_.split("."))
    slice_ = id_.rpartition(".")[2].partition(":")[2]
    return {"id": id_, "path": path} | ({"sliceName": slice_} if slice_ else {}) | said


def observation(**more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2345-7"}]},
        **more,
    }


def found(resource, *definitions, profiles=(PROFILE,)):
    """What is wrong: (severity, code, place), without the advice to have a narrative."""
    library = Library()
    for number, one in enumerate(definitions):
        key = one["resourceType"], f"d{number}", id(one)
        library.found[one["resourceType"], one["url"]] = Definition(key, one)
    report = Report()
    base.look(library, report, resource, profiles if definitions else ())
    return [
        (one.severity, one.code, one.expression) for one in report.issues if "dom-6" not in one.text
    ]
