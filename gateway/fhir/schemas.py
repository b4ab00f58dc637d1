"""One JSON Schema a resource type, compiled when a resource of the type first comes.

A schema accepts only what is certainly right and leaves rare forms (an extension in place of a
value, a leap second) to the exact look of `walk`, which also finds the words for what is wrong.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from gateway.fhir.primitives import INTEGERS, PATTERNS, json_type
from gateway.fhir.structures import PRIMITIVES, Element, Structure, codes, structure

Schema = dict[str, Any]

_EXACT_INTEGER = "exactInteger"
# Extensions may hold any type and stand everywhere. The types that they hold in practice are in
# each schema; a DataRequirement in one is for the exact look and saves every schema its parts.
_LARGE = {
    "Annotation",
    "ContactDetail",
    "Contributor",
    "DataRequirement",
    "Dosage",
    "Expression",
    "Meta",
    "ParameterDefinition",
    "RelatedArtifact",
    "SampledData",
    "Signature",
    "Timing",
    "TriggerDefinition",
    "UsageContext",
}


class _ExactInteger:
    """JSON Schema takes `1.0` for an integer, FHIR does not."""

    def __init__(self, parent: Mapping[str, object], value: object, path: list[str | int]) -> None:
        pass

    def validate(self, instance: object) -> None:
        """Raise where the number was written with a fraction or an exponent."""
        if not isinstance(instance, int):
            raise ValueError("not an integer")  # noqa: TRY004 - what the library takes for an error


@functools.cache
def accepts(resource_type: str) -> Callable[[object], bool]:
    """Return the test whether a resource of this type is certainly right."""
    return jsonschema_rs.Draft202012Validator(
        schema(resource_type),
        pattern_options=jsonschema_rs.RegexOptions(),
        keywords={_EXACT_INTEGER: _ExactInteger},
        validate_formats=False,
    ).is_valid


def schema(resource_type: str) -> Schema:
    """Return the JSON Schema of a resource type; resources within it are any object."""
    definitions: dict[str, Schema] = {"Resource": {"type": "object"}}
    pending = [resource_type]
    while pending:
        path = pending.pop()
        if path in definitions:
            continue
        if path in PRIMITIVES:
            definitions[path] = _primitive(path)
            continue
        elements = _members(path)
        definitions[path] = _object(path, elements)
        pending += [element.type for element in elements.values()]
    definitions["_"] = {
        "type": "object",
        "properties": {"id": {"$ref": "#/$defs/string"}, "extension": _many("Extension")},
        "required": ["extension"],
        "additionalProperties": False,
    }
    definitions[resource_type]["properties"]["resourceType"] = {"const": resource_type}
    return {"$ref": f"#/$defs/{resource_type}", "$defs": definitions}


def _members(path: str) -> Structure:
    elements = structure(path)
    if path != "Extension":
        return elements
    return {key: element for key, element in elements.items() if element.type not in _LARGE}


def _primitive(name: str) -> Schema:
    kind = json_type(name)
    if kind == "string":
        return {"type": "string", "pattern": PATTERNS[name]}
    if kind == "integer":
        low, high = INTEGERS[name]
        return {"type": "integer", "minimum": low, "maximum": high, _EXACT_INTEGER: True}
    return {"type": kind}


def _many(name: str) -> Schema:
    return {"type": "array", "minItems": 1, "items": {"$ref": f"#/$defs/{name}"}}


def _object(path: str, elements: Structure) -> Schema:
    properties: dict[str, Schema] = {}
    choices: dict[str, list[str]] = {}
    for key, element in elements.items():
        properties[key] = _member(element)
        if element.choice:
            choices.setdefault(element.name, []).append(key)
        elif element.primitive and not element.many:
            properties[f"_{key}"] = {"$ref": "#/$defs/_"}
    found: Schema = {
        "type": "object",
        "properties": properties,
        "required": [key for key, each in elements.items() if each.least and not each.choice],
        "additionalProperties": False,
        "minProperties": 1,
    }
    if path == "Extension":
        # One member besides url and id cannot be a second value; more are for the exact look.
        found["anyOf"] = [{"maxProperties": 2}, {"maxProperties": 3, "required": ["id"]}]
    elif choices:
        found["allOf"] = [
            _choice(keys, required=bool(elements[keys[0]].least)) for keys in choices.values()
        ]
    if "id" in elements and elements["id"].type == "string":
        found["dependentSchemas"] = {"id": {"minProperties": 2}}
    return found


def _choice(keys: list[str], *, required: bool) -> Schema:
    each = [{"required": [key]} for key in keys]
    one = {"oneOf": each}
    return one if required else {"anyOf": [{"not": {"anyOf": each}}, one]}


def _member(element: Element) -> Schema:
    item: Schema = {"$ref": f"#/$defs/{element.type}"}
    if element.binding and element.type == "code":
        item = {"enum": sorted(set().union(*codes(element.binding).values()))}
    elif element.binding and element.type == "CodeableConcept":
        item = {"allOf": [item, _bound(element.binding)]}
    return {"type": "array", "minItems": 1, "items": item} if element.many else item


def _bound(binding: str) -> Schema:
    coded = [
        {"properties": {"system": {"const": system}, "code": {"enum": sorted(listed)}}}
        for system, listed in codes(binding).items()
    ]
    member = {"required": ["system", "code"], "anyOf": coded}
    return {"required": ["coding"], "properties": {"coding": {"contains": member}}}
