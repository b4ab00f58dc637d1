"""What a value set itself calls a code, beside what its code system says.

https://hl7.org/fhir/R4/valueset-definitions.html#ValueSet.compose.include.concept.display
"""

from collections.abc import Iterator

from gateway.fhir.library import Library, Resource
from gateway.terminology import value_sets


def said(library: Library, resource: Resource, coding: tuple[str, str]) -> Iterator[Resource]:
    """Yield the rows of a value set, and of those that it is made of, that are of one code."""
    seen: set[str] = set()
    pending = [resource]
    while pending:
        one = pending.pop()
        if "compose" not in one:
            yield from _of(library, one.get("expansion", {}).get("contains", ()), coding)
            continue
        for part in one["compose"].get("include", ()):
            if coding[0] in {"", part.get("system")}:
                rows = part.get("concept", ())
                library.spend(len(rows))
                yield from (row for row in rows if row.get("code") == coding[1])
            fresh = {url for url in part.get("valueSet", ()) if url is not None} - seen
            seen |= fresh
            pending += [set_ for url in sorted(fresh) if (set_ := value_sets.find(library, url))]


def _of(library: Library, rows: list[Resource], coding: tuple[str, str]) -> Iterator[Resource]:
    library.spend(len(rows))
    for one in rows:
        if one.get("code") == coding[1] and coding[0] in {"", one.get("system")}:
            yield one
        yield from _of(library, one.get("contains", ()), coding)
