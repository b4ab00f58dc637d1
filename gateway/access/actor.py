"""Who acts: a token's campus and scopes, and the person behind it where one is named."""

from dataclasses import dataclass
from typing import Final

from gateway.access.scopes import Scopes
from gateway.bus.allowance import Allowance
from gateway.store.records import CONSORTIUM

CONSORTIUM_CODE: Final = "consortium"
"""What stands for the campus where the consortium itself acts or owns."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of one request. `name` is the token's, `person` who holds it, if known."""

    token: int
    campus: int
    code: str
    scopes: Scopes
    person: str = ""
    name: str = ""
    allowance: Allowance | None = None
    """How often its campus may ask; None for as often as it likes."""

    def may(self, type_: str, letter: str) -> bool:
        """Return whether the scopes allow one of create, read, update, delete, search (cruds)."""
        return self.scopes.may(type_, letter)

    def has(self, scope: str) -> bool:
        """Return whether a named scope is held."""
        return self.scopes.has(scope)


def administrator(*, person: str = "", name: str = "", token: int = 0) -> Actor:
    """Return the actor of the consortium: the bootstrap token, or whoever runs a command."""
    return Actor(token, CONSORTIUM, CONSORTIUM_CODE, Scopes.parse("admin"), person, name)
