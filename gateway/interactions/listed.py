"""What a List holds: its entries but those that it tells of as taken out.

https://hl7.org/fhir/R4/list.html#deleted. Of the flags R4's own say so of a medicine that is
cancelled or ceased; others change nothing about what is listed.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door
from gateway.store.stored import Stored

FLAGS: Final = "urn:oid:1.2.36.1.2001.1001.101.104.16592"
TAKEN_OUT: Final = frozenset({"03", "05"})
"""https://hl7.org/fhir/R4/valueset-list-item-flag.html: Cancelled, Ceased."""


def listed(door: Door, stored: Stored) -> list[int]:
    """Return the integers of what a List holds; what is listed twice stays by one entry."""
    keys = door.store.targets(stored, search_params("List")["item"].stores)
    entries = stored.resource().get("entry", ())
    out = {_item(door, one) for one in entries if _is_out(one)}
    if not out:
        return keys
    out -= {_item(door, one) for one in entries if not _is_out(one)}
    gone = {
        key
        for type_, _, id_ in (name.partition("/") for name in out)
        if type_ in TYPE_IDS
        for (key,) in door.store.fetch("key_id", (TYPE_IDS[type_], id_))
    }
    return [key for key in keys if key not in gone]


def _is_out(entry: Mapping[str, Any]) -> bool:
    return entry.get("deleted") is True or any(
        one.get("system") == FLAGS and one.get("code") in TAKEN_OUT
        for one in entry.get("flag", {}).get("coding", ())
    )


def _item(door: Door, entry: Mapping[str, Any]) -> str:
    name: str = entry["item"].get("reference", "")
    return name.removeprefix(f"{door.base}/").partition("/_history/")[0]
