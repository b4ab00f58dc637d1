"""A conditional interaction's search, asked again under the writer's lock.

https://hl7.org/fhir/R4/http.html#ccreate. Between the search and the write another writer may have
stored a match. Only versions newer than those that the search saw are looked at, so the writer does
in microseconds what the search may have taken longer for.
"""

from dataclasses import fields, is_dataclass
from typing import Any, Final

import msgspec

from gateway.store import query as queries
from gateway.store.clauses import Fetch
from gateway.store.plan import make
from gateway.store.query import Query
from gateway.store.records import Viewer
from gateway.store.walks import Run

_KINDS: Final = {
    name: kind
    for name, kind in vars(queries).items()
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
} | {"Viewer": Viewer}


def pack(query: Query) -> bytes:
    """Return a query as bytes: records as {name: values}, since their union has no tags."""
    return msgspec.msgpack.encode(_packed(query))


def unpack(data: bytes) -> Query:
    """Return the query that was packed."""
    found: Query = _unpacked(msgspec.msgpack.decode(data))
    return found


def is_matched(query: Query, mark: int, fetch: Fetch, run: Run) -> bool:
    """Return whether a current version newer than the mark matches."""
    # Nothing is counted: whatever drives the walk, it begins after the mark.
    plan = make(query, fetch, lambda _, most: most)
    if plan.nothing:
        return False
    row = f"{plan.key.partition('.')[0]}.row"
    where = " AND ".join((*plan.where, f"{row} > ?", "r.dead IS NULL"))
    return bool(run(f"SELECT 1 FROM {plan.source} WHERE {where} LIMIT 1", (*plan.values, mark)))


def _packed(value: object) -> Any:
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
    elif is_dataclass(value):
        names = tuple(one.name for one in fields(value))
    else:
        return [_packed(one) for one in value] if isinstance(value, tuple) else value
    return {type(value).__name__: [_packed(getattr(value, name)) for name in names]}


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        ((name, values),) = value.items()
        return _KINDS[name](*(_unpacked(one) for one in values))
    return tuple(_unpacked(one) for one in value) if isinstance(value, list) else value
