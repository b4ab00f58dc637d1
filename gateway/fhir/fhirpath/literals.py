"""Literals and constants where the library leaves FHIRPath: decimals, environment, negation.

https://hl7.org/fhirpath/N1/#literals and https://hl7.org/fhir/R4/fhirpath.html#variables
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from fhirpathpy.engine import do_eval, evaluators
from fhirpathpy.engine.nodes import FP_Quantity

CONSTANTS: Final[Mapping[str, str]] = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "ucum": "http://unitsofmeasure.org",
}
PREFIXES: Final[Mapping[str, str]] = {
    "vs-": "http://hl7.org/fhir/ValueSet/",
    "ext-": "http://hl7.org/fhir/StructureDefinition/",
}

_constant = evaluators["ExternalConstantTerm"]
_polarity = evaluators["PolarityExpression"]


def _number(_ctx: Any, _data: Any, node: Mapping[str, Any]) -> list[Any]:
    """Return a number with the digits that it was written with."""
    text = node["text"]
    return [Decimal(text) if "." in text else int(text)]


def _environment(ctx: Mapping[str, Any], data: Any, node: Mapping[str, Any]) -> Any:
    name = node["children"][0]["children"][0]["text"].strip("`'")
    if name not in ctx["vars"]:
        if name in CONSTANTS:
            return [CONSTANTS[name]]
        for prefix, address in PREFIXES.items():
            if name.startswith(prefix):
                return [address + name.removeprefix(prefix)]
    return _constant(ctx, data, node)


def _signed(ctx: Any, data: Any, node: Mapping[str, Any]) -> Any:
    """Return what a sign makes of a number or quantity."""
    found = do_eval(ctx, data, node["children"][0])
    if len(found) == 1 and isinstance(found[0], FP_Quantity) and node["terminalNodeText"][0] == "-":
        return [FP_Quantity(-found[0].value, found[0].unit)]
    return _polarity(ctx, data, node)


EVALUATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "NumberLiteral": _number,
    "ExternalConstantTerm": _environment,
    "PolarityExpression": _signed,
}
