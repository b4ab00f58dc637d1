"""LOINC, as far as this gateway has its codes: those of the catalogue, a fragment.

https://terminology.hl7.org/LOINC.html. LOINC is a trademark of Regenstrief Institute; see
docs/reference/loinc-notice.md.
"""

from collections.abc import Mapping
from typing import Final

from gateway.fhir.library import Definition

URL: Final = "http://loinc.org"
COPYRIGHT: Final = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright ©"
    " Regenstrief Institute, Inc. and is available at no cost under the license at"
    " http://loinc.org/license."
)


def fragment(names: Mapping[str, str], version: int) -> Definition:
    """Return the codes with what they are called here; `version` is that of where they are from."""
    resource = {
        "resourceType": "CodeSystem",
        "url": URL,
        "name": "LOINC",
        "title": "LOINC (fragment: the codes of the catalogue)",
        "status": "active",
        "content": "fragment",
        "copyright": COPYRIGHT,
        "concept": [{"code": code, "display": name} for code, name in sorted(names.items())],
    }
    return Definition(("CodeSystem", "loinc", version), resource)
