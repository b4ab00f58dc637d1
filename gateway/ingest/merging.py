"""What a message changes about what is stored (docs/reference/late-messages.md).

An older message never overwrites a newer fact; of two facts of one clock the firmer one holds;
what a message does not tell stays.
"""

from typing import Any, Final

from gateway.ingest.facts import WITHDRAWN, Fact, bare, stamped, tags, untagged
from mappers.base import Draft, Resource
from mappers.names import CITIZEN_ID, EXT_V2_STATUS

PARTIAL: Final = frozenset({"Patient", "Specimen"})
"""Types that a message tells in part."""
LISTS: Final = ("result", "specimen")
"""What a report keeps from all its messages."""
FINAL: Final = 3
UNVERIFIED_RESULT: Final = "unverified"
CHOICES: Final = ("deceased", "multipleBirth")
"""Elements that a Patient may have in one of several forms."""
KEPT: Final = frozenset({"id", "meta", "resourceType"})


def merged(old: Resource, was: Fact, new: Resource, now: Fact, draft: Draft) -> Resource | None:
    """Return the resource as it is to be stored, None where nothing changes.

    `new` is what the draft says in the very form in which it would be stored.
    """
    if now.test and not was.test:
        return None  # a rehearsal changes nothing real
    if draft.mode == "finalise":
        return _finalised(old, was, now)
    if draft.mode == "fill" and not (was.inferred and now.inferred):
        return None
    if old["resourceType"] in PARTIAL:
        found = _filled(old, new, draft.erase, newer=now.outdoes(was) or was.test)
    else:
        found = _replaced(old, was, new, now)
    if bare(found) == bare(old):
        return None
    return _labelled(found, old)


def _labelled(found: Resource, old: Resource) -> Resource:
    """Return the resource with the security labels that it had: a message never lowers them."""
    security = old.get("meta", {}).get("security")
    if not security or found is old:
        return found
    return {**found, "meta": {**found.get("meta", {}), "security": security}}


def _finalised(old: Resource, was: Fact, now: Fact) -> Resource | None:
    if was.rank >= FINAL or now.clock < was.clock:
        return None
    found = untagged({**old, "status": "final"}, UNVERIFIED_RESULT)
    extensions = [one for one in found.get("extension", ()) if one.get("url") != EXT_V2_STATUS]
    found["extension"] = [*extensions, {"url": EXT_V2_STATUS, "valueCode": "U"}]
    return stamped(found, now.clock)


def _filled(old: Resource, new: Resource, erase: tuple[str, ...], *, newer: bool) -> Resource:
    """Return a resource told in part: identifiers add up, the rest is replaced or filled in."""
    found = dict(old)
    told = {name: value for name, value in new.items() if name not in KEPT | {"identifier"}}
    for name in dict.fromkeys(map(_element, told)):
        stands = [one for one in found if _element(one) == name]
        if newer or not stands:
            for one in stands:
                del found[one]
            found |= {one: value for one, value in told.items() if _element(one) == name}
    kept = [
        one
        for one in old.get("identifier", [])
        if not (newer and f"identifier|{one.get('system')}" in erase)
    ]
    identifiers = kept, new.get("identifier", [])
    if any(identifiers):
        found["identifier"] = _joined_identifiers(*identifiers, newer=newer)
    if not newer:
        return found
    for name in erase:
        if not any(_element(one) == name for one in new):
            found = {one: value for one, value in found.items() if _element(one) != name}
    return _told_by(found, new)


def _element(name: str) -> str:
    """Return the element that a member belongs to: a primitive has two, a choice several."""
    name = name.removeprefix("_")
    return next((choice for choice in CHOICES if name.startswith(choice)), name)


def _told_by(found: Resource, new: Resource) -> Resource:
    """Return the resource under the tags and the clock of its newest telling."""
    meta = {**found.get("meta", {}), **{k: v for k, v in new["meta"].items() if k != "tag"}}
    meta.pop("tag", None)
    if tag := new["meta"].get("tag"):
        meta["tag"] = tag
    return {**found, "meta": meta}


def _joined_identifiers(old: list[Any], new: list[Any], *, newer: bool) -> list[Any]:
    """Return the identifiers of both; a human has one citizen ID, the newer one."""
    firm = new if newer else old
    citizens = {one.get("value") for one in firm if one.get("system") == CITIZEN_ID}
    found: dict[tuple[Any, Any], Any] = {}
    for one in (*old, *new):
        system, value = one.get("system"), one.get("value")
        if system != CITIZEN_ID or not citizens or value in citizens:
            known = found.setdefault((system, value), one)
            if "type" not in known and "type" in one:
                found[system, value] = one
    return list(found.values())


def _replaced(old: Resource, was: Fact, new: Resource, now: Fact) -> Resource:
    """Return a resource told whole: the newer or firmer telling, with the lists of both."""
    newer = _holds(old, was, new, now)
    first, second = (old, new) if newer else (new, old)
    found = dict(second)
    if newer and was.direct and old["resourceType"] == "ServiceRequest":
        # Whoever wrote it through FHIR knew more than an order message can say.
        identifiers = _joined_identifiers(old.get("identifier", []), new["identifier"], newer=True)
        found = {**old, **new, "identifier": identifiers}
    # A report has lists of these; an observation has one specimen, which the telling decides.
    for name in LISTS if old["resourceType"] == "DiagnosticReport" else ():
        both = union(first.get(name, []), second.get(name, []))
        if len(both) == len(old.get(name, [])):
            both = old.get(name, [])  # nothing to add: their order is no reason for a version
        if both:
            found[name] = both
    for telling in (second, first):
        if "basedOn" not in found and "basedOn" in telling:
            found["basedOn"] = telling["basedOn"]
    return found


def _holds(old: Resource, was: Fact, new: Resource, now: Fact) -> bool:
    """Return whether the new telling holds against the stored one."""
    if was.test and not now.test:
        return True
    if was.inferred != now.inferred:
        return was.inferred
    if was.direct or now.moved or WITHDRAWN in {was.rank, now.rank}:
        return now.outdoes(was)
    if not same_but_status(old, new):
        return now.outdoes(was)
    # The same content under two statuses: what was final does not become preliminary again.
    return now.rank > was.rank or (now.rank == was.rank and now.clock > was.clock)


def same_but_status(old: Resource, new: Resource) -> bool:
    """Return whether two tellings differ in nothing but their status."""
    without = ("status", "issued", "basedOn", "extension", *LISTS)
    return bare(old, *without) == bare(new, *without) and tags(old) == tags(new)


def fewer(old: Resource, was: Fact, new: Resource, now: Fact) -> bool:
    """Return whether the less firm of two reports has no result that the firmer one lacks."""
    told = [{one["reference"] for one in telling.get("result", ())} for telling in (old, new)]
    if was.rank > now.rank:
        told.reverse()
    return told[0] <= told[1]


def union(first: list[Any], second: list[Any]) -> list[Any]:
    """Return the references of both lists, each once, in order."""
    return list({one.get("reference", str(one)): one for one in (*first, *second)}.values())


def withdrawn(old: Resource, status: str, clock: str) -> Resource:
    """Return a result as it stands when its whole report was cancelled or is in error."""
    found = {
        name: value
        for name, value in old.items()
        if not name.startswith("value") and name not in {"component", "interpretation"}
    }
    found["status"] = status
    if status == "cancelled":
        code = {
            "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
            "code": "not-performed",
        }
        found["dataAbsentReason"] = {"coding": [code]}
    return stamped(found, clock)
