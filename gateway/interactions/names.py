"""The names of search parameters, taken apart, and the parameters that they mean.

https://hl7.org/fhir/R4/search.html. What is unknown, or known and not served, is an error that
names the parameter and the near matches; it is never skipped in silence (DESIGN §3, "Search is
strict").
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.fhir.searchparams import SearchParam
from gateway.interactions.parameters import WHOLE, Parameters

NOT_SERVED: Final[Mapping[str, str]] = {
    "_query": "no named queries are defined here",
    "_filter": "use parameters and chains",
    "_contained": "contained resources are part of what holds them",
    "_containedType": "contained resources are part of what holds them",
}
SHAPING: Final = (
    *("_campus", "_count", "_detail", "_elements", "_explain", "_format", "_has", "_include"),
    *("_linked", "_list", "_pretty", "_revinclude", "_sort", "_summary", "_total", "_type"),
)
"""What a search takes besides the parameters of its type."""
HAS: Final = "_has"
DEEPEST: Final = 8
"""Links of one chain."""


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter's name taken apart: `subject:Patient.identifier`.

    Of `_has:Observation:patient:code` the modifier is `Observation:patient`, the chain `code`.
    """

    text: str
    code: str
    modifier: str = ""
    chain: str = ""


@lru_cache(1_024)
def parse_name(text: str) -> Name:
    """Return the parts of a parameter's name."""
    if text.startswith(f"{HAS}:"):
        source, _, rest = text[len(HAS) + 1 :].partition(":")
        param, _, chain = rest.partition(":")
        return Name(text, HAS, f"{source}:{param}", chain)
    head, dot, chain = text.partition(".")
    code, colon, modifier = head.partition(":")
    if (dot and not chain) or (colon and not modifier):
        # It ends too early: no parameter is called so.
        return Name(text, text)
    return Name(text, code, modifier, chain)


def known(params: Parameters, type_: str, name: Name, place: str = "") -> SearchParam:
    """Return the parameter; an error names what is near. Type "" is every type.

    `place` is the parameter in whose value it is named, "" where it is one itself.
    """
    found = params.of(type_)
    param = found.get(name.code)
    if param is None or name.code in NOT_SERVED:
        raise _unknown(found, type_, name, place)
    if param.number and (percent := params.percent(param)) < WHOLE:
        raise NotSupportedError(
            f"The search parameter {name.code} is being built: {percent} % of what is stored is"
            " indexed. It answers when that is done.",
            expression=f"http.{place or safe(name.code)}",
        )
    return param


def _unknown(
    found: Mapping[str, SearchParam], type_: str, name: Name, place: str
) -> InvalidRequestError | NotSupportedError:
    expression = f"http.{place or safe(name.code)}"
    if name.code in NOT_SERVED:
        return NotSupportedError(
            f"The search parameter {name.code} is not supported: {NOT_SERVED[name.code]}.",
            expression=expression,
        )
    near = difflib.get_close_matches(name.code, found if place else [*found, *SHAPING], 3, 0.6)
    hint = f" Near: {', '.join(near)}." if near else ""
    return InvalidRequestError(
        f"{type_ or 'A search over all types'} has no search parameter '{safe(name.code)}'.{hint}",
        expression=expression,
    )


def served(params: Mapping[str, SearchParam]) -> list[SearchParam]:
    """Return the search parameters that are answered."""
    return [one for one in params.values() if one.code not in NOT_SERVED]


def safe(text: str) -> str:
    """Return a name as an error may show it: only what a parameter's name can hold."""
    return re.sub(r"[^\w:.-]", "?", text[:40], flags=re.ASCII)
