"""A search as the store understands it: clauses joined by AND, the values in one by OR.

The records are msgspec structs, which are made several times as fast as frozen dataclasses.
"""

from typing import Final, Literal

import msgspec

from gateway.store.records import Viewer


class Tokens(msgspec.Struct, frozen=True, gc=False):
    """(system, code) pairs: system None is any, "" is none; code None is any of the system."""

    params: tuple[int, ...]
    values: tuple[tuple[str | None, str | None], ...]
    is_code: bool = False  # the clinical code of its type


class References(msgspec.Struct, frozen=True, gc=False):
    """Targets as (type, id); type 0 is an address outside."""

    params: tuple[int, ...]
    targets: tuple[tuple[int, str], ...]
    keys: tuple[int, ...] = ()


class Patients(msgspec.Struct, frozen=True, gc=False):
    """The Patients that a clinical resource is about, by id.

    `alone`: only as long as none of them is certainly the same human as another.
    """

    params: tuple[int, ...]
    ids: tuple[str, ...]
    type: int
    alone: bool = False


class Dates(msgspec.Struct, frozen=True, gc=False):
    """(prefix, lo, hi) in ticks, hi exclusive."""

    params: tuple[int, ...]
    bounds: tuple[tuple[str, int, int], ...]
    is_date: bool = False  # the clinical date of its type


How = Literal["prefix", "exact", "contains", "sound"]


class Strings(msgspec.Struct, frozen=True, gc=False):
    """(how, text): `prefix` and `contains` take folded text, `exact` text as written.

    `sound` takes pinyin or initials without spaces.
    """

    params: tuple[int, ...]
    values: tuple[tuple[How, str], ...]


class Ids(msgspec.Struct, frozen=True, gc=False):
    """Resource ids."""

    ids: tuple[str, ...]


class Updated(msgspec.Struct, frozen=True, gc=False):
    """`_lastUpdated` as (prefix, lo, hi) in rows (microseconds)."""

    bounds: tuple[tuple[str, int, int], ...]


class Campuses(msgspec.Struct, frozen=True, gc=False):
    """The owning campuses, by number."""

    campuses: tuple[int, ...]


Unit = tuple[Literal["any", "base", "label", "written"], str, str]
"""In what a number is: anything; a dimension in base units; (system, code); code or words."""


class Amount(msgspec.Struct, frozen=True, gc=False):
    """A number looked for: `eq` and `ne` take lo to below hi, `ap` both ends, others `value`."""

    prefix: str
    value: float
    lo: float
    hi: float
    unit: Unit = ("any", "", "")


class Quantities(msgspec.Struct, frozen=True, gc=False):
    """Numbers and quantities."""

    params: tuple[int, ...]
    amounts: tuple[Amount, ...]


class Uris(msgspec.Struct, frozen=True, gc=False):
    """(how, address): `below` takes what lies under it, `above` all that it lies under."""

    params: tuple[int, ...]
    values: tuple[tuple[Literal["exact", "below"], str], ...]


MAX_WORDS: Final = 20
"""Words that may have to stand in one passage."""


class Texts(msgspec.Struct, frozen=True, gc=False):
    """Folded words that must all stand in a passage, one tuple an alternative."""

    params: tuple[int, ...]
    values: tuple[tuple[str, ...], ...]


Pair = tuple[str | None, str | None]
Part = tuple[Literal["token"], Pair] | tuple[Literal["reference"], tuple[int, str]]


class Pairs(msgspec.Struct, frozen=True, gc=False):
    """A stored composite: (first, second, third) an alternative, each a name or an amount."""

    params: tuple[int, ...]
    values: tuple[tuple[Part, Part | Amount, Amount | None], ...]


class Types(msgspec.Struct, frozen=True, gc=False):
    """Is of one of these types."""

    types: tuple[int, ...]


class Missing(msgspec.Struct, frozen=True, gc=False):
    """Whether a resource lacks a value in any of these sets of bits (`searchparams.presence`)."""

    bits: tuple[int, ...]
    missing: bool


class Holds(msgspec.Struct, frozen=True, gc=False):
    """Has a value for a custom parameter."""

    params: tuple[int, ...]


class Near(msgspec.Struct, frozen=True, gc=False):
    """(z, x, y, lowest z, highest z, squared chord): within that of a point, on a sphere of 1."""

    params: tuple[int, ...]
    circles: tuple[tuple[float, float, float, float, float, float], ...]


class Keys(msgspec.Struct, frozen=True, gc=False):
    """Resources by their integers: what a chain from another resource led to."""

    keys: tuple[int, ...]


class Not(msgspec.Struct, frozen=True, gc=False):
    """What the clause does not match, a resource without any value included."""

    clause: "Clause"


class Either(msgspec.Struct, frozen=True, gc=False):
    """Any of several conjunctions."""

    alternatives: "tuple[tuple[Clause, ...], ...]"


class Chain(msgspec.Struct, frozen=True, gc=False):
    """Refers, through the parameters, to a resource of a type that the clauses match.

    `linked`: a Patient stands for all that are certainly the same.
    """

    params: tuple[int, ...]
    type: int
    clauses: "tuple[Clause, ...]"
    linked: bool = False


class Has(msgspec.Struct, frozen=True, gc=False):
    """Is referred to, through the parameters, by a resource of a type that the clauses match."""

    params: tuple[int, ...]
    type: int
    clauses: "tuple[Clause, ...]"


Simple = Tokens | References | Patients | Dates | Strings | Quantities | Uris | Texts | Pairs | Near
"""What one index table answers."""
Whose = Ids | Keys | Updated | Campuses | Types
"""What the row of a version answers."""
Clause = Simple | Whose | Missing | Holds | Not | Either | Chain | Has


class Sort(msgspec.Struct, frozen=True, gc=False):
    """One sort key. Kind `row` is `_lastUpdated`, `id` is `_id`; `is_date` the clinical date."""

    kind: Literal["row", "id", "token", "reference", "date", "string", "number", "quantity", "uri"]
    params: tuple[int, ...] = ()
    descending: bool = False
    is_date: bool = False


Place = tuple[int | float | str | None, ...]
"""Where a page ended: the sort keys of its last row, then the row."""


class Query(msgspec.Struct, frozen=True, gc=False):
    """One page of a search. `mark` is the newest row when the first page was made (0: now).

    `type` 0 is every type, or those in `types`.
    """

    type: int
    viewer: Viewer
    clauses: tuple[Clause, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 50
    mark: int = 0
    after: Place | None = None
    types: tuple[int, ...] = ()
