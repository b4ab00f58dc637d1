"""Which elements of each resource a summary has: `isSummary` of the definitions."""

from collections.abc import Iterable, Iterator

from definitions.sources import Resource

COLUMNS = "path elements"


def summaries(structures: Iterable[Resource]) -> Iterator[list[str]]:
    """Yield (path of an object, names of its elements in a summary) of every resource type."""
    for structure in structures:
        if structure["kind"] != "resource" or structure["abstract"]:
            continue
        found: dict[str, list[str]] = {}
        for element in structure["snapshot"]["element"][1:]:
            if element.get("isSummary"):
                above, _, name = element["path"].rpartition(".")
                found.setdefault(above, []).append(name)
        yield from ([path, " ".join(dict.fromkeys(names))] for path, names in found.items())
