"""FHIR batch and transaction.

https://hl7.org/fhir/R4/http.html#transaction. A transaction is one commit; in a batch each entry
stands alone. Errors name their entry.
"""

from gateway.access.actor import Actor
from gateway.interactions.batch import alone
from gateway.interactions.door import Door
from gateway.interactions.entries import parse, read_entry
from gateway.interactions.results import EntryResult
from gateway.interactions.retry import retried
from gateway.interactions.transaction import together


async def bundle(door: Door, actor: Actor, body: bytes) -> tuple[str, list[EntryResult]]:
    """Return the bundle's type and what each entry became, in the order sent."""
    found = parse(body)
    numbered = tuple(enumerate(found.entry))
    if found.type == "batch":
        urls = frozenset(one.fullUrl for one in found.entry if one.fullUrl.startswith("urn:"))
        return found.type, [await alone(door, actor, *one, urls) for one in numbered]
    entries = [read_entry(door, *one) for one in numbered]

    async def attempt() -> list[EntryResult]:
        return await together(door, actor, entries)

    return found.type, await retried(attempt)
