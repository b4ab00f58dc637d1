"""What fhir.resources says of a resource: the second opinion, loaded when it is first asked for.

Its models are of R4B, which equals R4 but for the types left out here (DESIGN §3, "Structure").
"""

from typing import Final

import msgspec

from gateway.errors import Issue
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.library import Resource

ROOT: Final = "root"
"""What the library calls a value as a whole."""
CHANGED: Final = frozenset(
    {
        *(name for name in RESOURCE_TYPES if name.startswith(("MedicinalProduct", "Substance"))),
        *("EffectEvidenceSynthesis", "Evidence", "EvidenceVariable", "RiskEvidenceSynthesis"),
    }
) - {"Substance"}
"""Types that R4B dropped or made anew."""


def ask(resource: Resource) -> list[Issue]:
    """Return what the library does not take, by place; nothing of types that it has not."""
    type_ = str(resource["resourceType"])
    if type_ in CHANGED:
        return []
    # Its models take half a second to load, and most callers never ask.
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        get_fhir_model_class(type_).model_validate_json(msgspec.json.encode(resource))
    except ValidationError as error:
        places = dict.fromkeys(_place(type_, one["loc"]) for one in error.errors())
        text = "The second opinion (fhir.resources, R4B) does not take this."
        return [Issue("warning", "structure", text, place) for place in places]
    except (KeyError, LookupError, TypeError, ValueError):
        return []
    return []


def _place(type_: str, location: tuple[int | str, ...]) -> str:
    named = [one for one in location if one != ROOT]
    return type_ + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in named)
