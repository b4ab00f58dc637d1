"""Reports that share their laboratory's number: which of them a message tells of.

Several OBR of one message under one filler number are told apart by their test, `R1/BIO`. One of
them that comes alone, or came alone before, does not show that: what is stored does.
"""

from typing import Final

from gateway.ingest.message import Message
from gateway.interactions.door import Door
from mappers.base import ALONE, TOGETHER, Key, Mapped, OrderLink

REPORT: Final = "DiagnosticReport"


def told_apart(door: Door, message: Message, mapped: Mapped) -> Mapped:
    """Return what the message says, its reports under the keys that they have already."""
    found: dict[str, list[str]] = {TOGETHER: [], ALONE: []}
    for link in mapped.orders:
        if link.report.type == REPORT and link.item:
            _look(door, message.campus.id, link, found)
    if not any(found.values()):
        return mapped
    return message.mapped(door.directory, {name: "\n".join(one) for name, one in found.items()})


def _look(door: Door, campus: int, link: OrderLink, found: dict[str, list[str]]) -> None:
    key = link.report
    number = key.value.removesuffix(f"/{link.item}")
    if number == key.value:
        if _stored(door, campus, key, f"{number}/{link.item}"):
            found[TOGETHER].append(number)
    elif not _stored(door, campus, key, key.value):
        alone = _stored(door, campus, key, number)
        if alone and _is_about(door, alone, link.item):
            found[ALONE].append(key.value)


def _stored(door: Door, campus: int, key: Key, value: str) -> str | None:
    return door.store.by_key(campus, key.type, key.system, value)


def _is_about(door: Door, id_: str, item: str) -> bool:
    stored = door.store.current(REPORT, id_)
    if stored is None or stored.deleted:
        return False
    code = stored.resource().get("code", {})
    return item in {code.get("text"), *(one.get("code") for one in code.get("coding", ()))}
