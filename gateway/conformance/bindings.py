"""Whether codes are from the value sets that elements are bound to.

https://hl7.org/fhir/R4/terminologies.html#strength: required is an error, extensible a warning,
of preferred and example nothing is said.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.conformance.report import Report
from gateway.conformance.values import Value
from gateway.errors import CostlyError, NotSupportedError
from gateway.fhir.library import Library
from gateway.terminology import value_sets

SEVERITY: Final = {"required": "error", "extensible": "warning"}
CODED: Final = frozenset({"code", "string", "uri", "Coding", "CodeableConcept", "Quantity"})


def judge(library: Library, report: Report, binding: tuple[str, str], value: Value) -> None:
    """Take down what a binding says of a value."""
    strength, address = binding
    severity = SEVERITY.get(strength)
    if severity is None or value.type not in CODED or value.value is None:
        return
    name = address.partition("|")[0].rpartition("/")[2]
    found = codings(value)
    if not found:
        if strength == "required" and value.type == "CodeableConcept":
            report.add(
                severity, "code-invalid", f"No coding is from the value set {name}.", value.place
            )
        return
    verdicts = [_judged(library, address, *one) for one in found]
    if True in verdicts:
        return
    if None in verdicts:
        text = f"Whether codes are from the value set {name} cannot be told: it is not here whole."
        report.add("information", "not-found", text, value.place)
        return
    what = "No coding" if value.type == "CodeableConcept" else "The code is not"
    text = (
        f"{what} is from the value set {name}."
        if "No" in what
        else f"{what} from the value set {name}."
    )
    report.add(severity, "code-invalid", text, value.place)


def is_bound(library: Library, binding: tuple[str, str], value: Value) -> bool:
    """Return whether a code is certainly from a value set."""
    return any(_judged(library, binding[1], *one) is True for one in codings(value))


def _judged(library: Library, address: str, system: str, code: str) -> bool | None:
    """Return whether a code is in a value set, None where that cannot be told."""
    try:
        return value_sets.judged(library, address, system, code)
    except (CostlyError, NotSupportedError):
        # Sets that name each other, or a filter that is not known, say nothing of a code.
        return None


def codings(value: Value) -> list[tuple[str, str]]:
    """Return (system, code) of what is coded; system "" where the element has none."""
    found = value.value
    if isinstance(found, str):
        return [("", found)]
    if not isinstance(found, Mapping):
        return []
    listed: list[Any] = found.get("coding", []) if value.type == "CodeableConcept" else [found]
    return [(one.get("system", "-"), one["code"]) for one in listed if "code" in one]
