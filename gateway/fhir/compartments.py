"""Compartments: by which parameters a resource belongs to a patient, encounter, device or person.

https://hl7.org/fhir/R4/compartmentdefinition.html
"""

from collections.abc import Mapping
from functools import cache

from gateway.fhir import tables
from gateway.fhir.searchparams import search_params


@cache
def compartments() -> Mapping[str, Mapping[str, tuple[int, ...]]]:
    """Return compartment -> type -> the parameters whose index rows tell who belongs to it."""
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for row in tables.read("compartments"):
        params = search_params(row["type"])
        stores = [
            store
            for code in row["params"].split()
            if code in params and params[code].kind == "reference"
            for store in params[code].stores
        ]
        if stores:
            members = found.setdefault(row["compartment"], {})
            members[row["type"]] = tuple(dict.fromkeys(stores))
    return found
