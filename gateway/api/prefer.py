"""The Prefer header: what comes back after a write, and how strictly parameters are taken.

https://hl7.org/fhir/R4/http.html#ops and https://hl7.org/fhir/R4/search.html#errors (RFC 7240)
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from gateway.errors import InvalidRequestError

Return = Literal["", "minimal", "representation", "OperationOutcome"]
RETURNS: Final[dict[str, Return]] = {
    "minimal": "minimal",
    "representation": "representation",
    "operationoutcome": "OperationOutcome",
}
HANDLING: Final = {"strict": False, "lenient": True}


@dataclass(frozen=True, slots=True)
class Prefer:
    """Preferences of a call; those that we do not know are ignored, as RFC 7240 has it."""

    returns: Return = ""
    lenient: bool = False


NOTHING: Final = Prefer()


@lru_cache(maxsize=64)
def prefer(header: bytes) -> Prefer:
    """Return what a Prefer header says."""
    returns, lenient = NOTHING.returns, NOTHING.lenient
    for part in header.decode("latin-1").replace(";", ",").split(","):
        name, _, value = part.partition("=")
        word = value.strip().strip('"').lower()
        match name.strip().lower():
            case "return" if word in RETURNS:
                returns = RETURNS[word]
            case "handling" if word in HANDLING:
                lenient = HANDLING[word]
            case "return" | "handling" as known:
                raise InvalidRequestError(
                    f"Prefer: {known} has no such value.", expression="Prefer"
                )
            case _:
                pass
    return Prefer(returns, lenient)
