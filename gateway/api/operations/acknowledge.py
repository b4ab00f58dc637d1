"""`Task/{id}/$acknowledge`: a critical value is read back by whoever must answer (DESIGN §4).

Parameters in: `readBack`, `actor`, `comment`, `key`; the Task out. The same `key` (or header
`Idempotency-Key`), or the same person and number, twice is one answer.
"""

from typing import Any, Final

from gateway.api.answer import Answer, version_headers
from gateway.api.call import Call, text_of
from gateway.api.operations.description import ACKNOWLEDGE
from gateway.api.operations.inputs import parameters
from gateway.errors import InvalidResourceError
from gateway.fhir.codec import Resource, decode_exact
from gateway.workflow.critical.acknowledge import acknowledge as interaction
from gateway.workflow.critical.value import plain, text_of_quantity

NAMES: Final = tuple(one.name for one in ACKNOWLEDGE.takes)


async def acknowledge(call: Call) -> Answer:
    """Return the Task after the answer."""
    call.refuse_params()
    said = _said(await parameters(call))
    key = said["key"] or text_of(call.headers.get(b"idempotency-key", b""))
    written = await interaction(
        call.door, call.actor, call.id, said["readBack"], said["actor"], said["comment"], key
    )
    return Answer(written.stored.json(), 200, version_headers(written.stored))


def _said(body: bytes) -> dict[str, str]:
    said = dict.fromkeys(NAMES, "")
    # Digit for digit: 2.60 is what somebody typed.
    for index, one in enumerate(decode_exact(body).get("parameter", ())):
        name = one["name"]
        place = f"Parameters.parameter[{index}]"
        if name not in said:
            raise InvalidResourceError("The parameter is not known here.", expression=place)
        if said[name]:
            raise InvalidResourceError("The parameter stands there twice.", expression=place)
        said[name] = _text(one, place)
    return said


def _text(parameter: Resource, place: str) -> str:
    """Return a parameter's value as text: a number, a word, whoever is referred to."""
    name, value = next(
        ((name, value) for name, value in parameter.items() if name.startswith("value")), ("", None)
    )
    match name:
        case "valueBoolean":
            return "true" if value else ""
        case "valueQuantity":
            return text_of_quantity(_mapping(value))
        case "valueReference":
            reference = _mapping(value)
            return str(reference.get("display") or reference.get("reference", ""))
        case "valueString" | "valueDecimal" | "valueInteger" | "valueCode" | "valueMarkdown":
            return plain(value)
        case _:
            pass
    raise InvalidResourceError("A value of another type is expected.", expression=place)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
